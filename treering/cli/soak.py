"""`treering bench soak`: does anything grow without bound?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.bench_results import JsonFile, write_results
from treering.cli.options import screen

if TYPE_CHECKING:
    from treering.bench.results import Results


def soak(
    *,
    minutes: Annotated[float, typer.Option(help="How long.", min=0.5)] = 30.0,
    turns_per_second: Annotated[float, typer.Option(help="Turns that are said.", min=0.1)] = 3.0,
    people: Annotated[int, typer.Option(help="By how many people.", min=1)] = 40,
    workers: Annotated[int, typer.Option(help="Workers, each with one process that works.", min=1)] = 2,
    broker: Annotated[str, typer.Option(help="redis or rabbitmq, of those that are started for it.")] = "redis",
    database_url: Annotated[
        str | None,
        typer.Option(help="A scratch PostgreSQL database; without it, a server is started.", metavar="URL"),
    ] = None,
    broker_url: Annotated[
        str | None, typer.Option(help="A broker that runs; without it, one is started.", metavar="URL")
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """A steady light load over real workers: memory, connections, files, queues and tables, first, middle and last.

    The first fifth is not judged. `grows` is what still grows in the last third; `levels off` grew at first only;
    `kept` holds what people said, and is to grow. Ends with status 1 if anything grows.

    \b
    treering bench soak --minutes 30 --json soak.json
    treering bench soak --minutes 3 --broker rabbitmq
    """
    from contextlib import ExitStack

    from treering.bench.soak import Load, bench_soak
    from treering.errors import InvalidInput
    from treering.testing.servers import PostgresServer, RabbitServer, RedisServer, ServerMissing

    if broker not in ("redis", "rabbitmq"):
        raise InvalidInput("--broker", "must be redis or rabbitmq")
    console = screen(errors=True)
    with ExitStack() as stack, console.status("starting …") as status:
        servers: dict[str, int] = {}
        try:
            if database_url is None:
                postgres = stack.enter_context(PostgresServer())
                database_url, servers["postgres"] = postgres.url, postgres.pid or 0
            if broker_url is None:
                started = stack.enter_context(RedisServer() if broker == "redis" else RabbitServer())
                broker_url, servers[broker] = started.url, started.pid or 0
        except ServerMissing as error:
            raise InvalidInput("--database-url or --broker-url", f"is needed here: {error}") from error
        load = Load(minutes=minutes, turns_per_s=turns_per_second, people=people, workers=workers)
        results = bench_soak(
            load,
            database_url=database_url,
            broker_url=broker_url,
            servers=servers,
            progress=lambda step: status.update(f"soaking: {step} …"),
        )
    _show(results)
    write_results(results, json_file)
    if any(metrics["grows"] for metrics in results.systems.values()):
        raise typer.Exit(1)


def _show(results: Results) -> None:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, title=f"{results.bench}, {results.suite}")
    for column in ("what", "first", "middle", "last", "an hour", "verdict"):
        is_word = column in ("what", "verdict")
        table.add_column(column, justify="left" if is_word else "right", no_wrap=True)
    for name, metrics in results.systems.items():
        figures = [f"{metrics[key]:,.1f}" for key in ("first", "middle", "last", "per_hour")]
        table.add_row(name, *figures, str(results.manifest.settings[f"verdict: {name}"]))
    screen().print(table)
