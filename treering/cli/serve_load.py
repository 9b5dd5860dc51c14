"""`treering bench serve`: how much a server carries, and whether a restart costs anybody anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.bench_results import JsonFile, write_results
from treering.cli.options import screen

if TYPE_CHECKING:
    from treering.bench.results import Results


def serve(
    *,
    seconds: Annotated[
        float, typer.Option(help="For how long each number of clients asks, and then writes.", min=0.1)
    ] = 60.0,
    clients: Annotated[
        str, typer.Option(help="How many at once, with commas between. Those in process are 8, or the most.")
    ] = "1,8,32",
    restarts: Annotated[
        int, typer.Option(help="How often the server is restarted while clients write; 0 leaves it out.", min=0)
    ] = 5,
    turns: Annotated[int, typer.Option(help="Turns of the person who is asked about.", min=1)] = 3_000,
    database: Annotated[
        str | None,
        typer.Option(
            help="A scratch PostgreSQL database; people with random names are left in it. By default, SQLite.",
            metavar="URL",
        ),
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """`treering serve` under load: recalls beside threads that call the SDK, writes, memory, and restarts meanwhile.

    The server is a process of its own over a store of its own, and nobody listens to what is written. Clients are
    threads of this process, each with one connection; what they cost is told beside the cheapest route. Ends with
    status 1 if a request fails or is cut, a receipt is lost, or the server's memory grows.

    \b
    treering bench serve --json serve.json                     # seven minutes
    treering bench serve --seconds 10 --clients 8 --restarts 20
    treering bench serve --database postgresql+psycopg://postgres@localhost/scratch
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from treering.bench.serve import Wishes, bench_serve, faults

    wishes = Wishes(seconds=seconds, clients=_numbers(clients), restarts=restarts, turns=turns, database_url=database)
    columns = (BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=screen(errors=True), transient=True) as bars:
        bar = bars.add_task("", total=wishes.steps)
        results = bench_serve(wishes, lambda step: bars.update(bar, advance=1, description=step))
    _show(results)
    write_results(results, json_file)
    found = faults(results)
    for fault in found:
        screen(errors=True).print(fault)
    if found:
        raise typer.Exit(1)


def _numbers(given: str) -> tuple[int, ...]:
    from treering.errors import InvalidInput

    numbers = tuple(int(one) for one in given.split(",") if one.isascii() and one.isdecimal())
    if len(numbers) != given.count(",") + 1 or not all(numbers):
        raise InvalidInput("--clients", "must be whole numbers from 1, e.g. 1,8,32")
    return tuple(dict.fromkeys(numbers))


_COLUMNS = ("requests_per_s", "p50_ms", "p95_ms", "p99_ms", "errors", "cpu_ms")


def _show(results: Results) -> None:
    from rich.table import Table

    loads = Table(box=None, header_style="bold", pad_edge=False, title=f"{results.bench}, {results.suite}")
    loads.add_column("what")
    for name in _COLUMNS:
        loads.add_column(name.replace("_per_s", "/s").replace("_", " "), justify="right", no_wrap=True)
    others = Table(box=None, show_header=False, pad_edge=False)
    for system, metrics in results.systems.items():
        if "requests_per_s" in metrics:
            loads.add_row(system, *(f"{metrics[name]:,.6g}" if name in metrics else "" for name in _COLUMNS))
        rest = {name: value for name, value in metrics.items() if name not in _COLUMNS}
        if rest:
            others.add_row(system, ", ".join(f"{name.replace('_', ' ')} {value:,.6g}" for name, value in rest.items()))
    screen().print(loads, "", others)
