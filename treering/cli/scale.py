"""`treering bench scale`: what everything costs as people, passages and ledgers grow, and what so many people need."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.bench_results import JsonFile, write_results
from treering.cli.options import screen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.progress import TaskID
    from rich.table import Table

    from treering.bench.results import Results
    from treering.bench.scale_plan import Plan
    from treering.bench.scale_stores import Progress

_COLUMNS = {
    "first_ms": "first",
    "first_cpu_ms": "CPU",
    "hybrid_ms": "hybrid",
    "hybrid_cpu_ms": "CPU",
    "tree_ms": "tree",
    "write_cpu_ms": "a turn",
    "opened_bytes": "process",
    "memory_bytes": "person",
    "disk_bytes": "disk",
}
"""Costs, and the heads of their columns."""

_MB = 1_000_000
_ROUND = 1_000


def scale(
    *,
    people: Annotated[int, typer.Option(help="People of the largest store.", min=3)] = 1_000,
    passages: Annotated[
        int, typer.Option(help="Passages of the largest store, as many of each of its people.", min=3)
    ] = 100_000,
    deep: Annotated[int, typer.Option(help="Passages of the person who has most.", min=3)] = 10_000,
    operations: Annotated[int, typer.Option(help="Operations of the longest ledger.", min=3)] = 10_000,
    repeats: Annotated[int, typer.Option(help="Recalls of each kind and size.", min=1)] = 21,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where the stores are kept: a run that is killed goes on there, and another measures again."),
    ] = None,
    write_only: Annotated[
        bool, typer.Option("--write-only", help="Only write what is missing in --folder; measure another time.")
    ] = False,
    database_url: Annotated[
        str | None,
        typer.Option(
            help="A scratch PostgreSQL database, for its unit costs; without it, a server is started if it can be.",
            metavar="URL",
        ),
    ] = None,
    plan: Annotated[
        int | None, typer.Option(help="Measure nothing: tell what so many people need, by --from.", min=1)
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="A file of this command's --json, whose unit costs a plan goes by.")
    ] = None,
    assume: Annotated[
        list[str] | None,
        typer.Option(help="Another assumption of the plan; repeat it for several.", metavar="NAME=VALUE"),
    ] = None,
    json_file: JsonFile = None,
    svg: Annotated[Path | None, typer.Option(help="Also draw what recall costs; needs treering[report].")] = None,
) -> None:
    """Recall, writing, memory and disk as people, passages and ledgers grow, with fitted exponents.

    Stores of growing size are written through the SDK, with generated words and vectors; then all sizes are measured in
    turn. Times of recall are those beyond the embedding of the question. An exponent of 0 says that size does not
    matter, 1 that twice the size costs twice as much.

    \b
    treering bench scale --json scale.json                    # ten minutes
    treering bench scale --people 10000 --passages 1000000 --folder scale/ --write-only
    treering bench scale --people 10000 --passages 1000000 --folder scale/ --json scale.json --svg scale.svg
    treering bench scale --plan 100000000 --from scale.json --assume turns_a_day=40
    """
    if plan is not None:
        _plan(plan, source, assume or [], json_file)
        return
    from treering.bench.scale import bench_scale, write_scale
    from treering.bench.scale_stores import Sizes
    from treering.errors import InvalidInput

    sizes = Sizes(people=people, passages=passages, deep=deep, operations=operations)
    if write_only:
        if folder is None:
            raise InvalidInput("--write-only", "needs --folder, where what is written is kept")
        with _told() as told:
            write_scale(sizes, folder, told)
        return
    with _told() as told, _database(database_url) as url:
        results = bench_scale(sizes, folder=folder, repeats=repeats, database_url=url, progress=told)
    _show(results)
    write_results(results, json_file)
    if svg is not None:
        _draw(results, svg)


def _draw(results: Results, file: Path) -> None:
    from treering.errors import MissingExtra

    try:
        from treering.bench.report.growth import growth
    except ImportError as error:
        raise MissingExtra("a picture", "report", because=error) from error
    file.write_text(growth(results), encoding="utf-8")


def _plan(people: int, source: Path | None, assume: list[str], json_file: Path | None) -> None:
    """Print what so many people need, and what it was reckoned from."""
    from pydantic import ValidationError

    from treering.bench.results import Results
    from treering.bench.scale_plan import as_results, assumptions, planned
    from treering.errors import InvalidInput

    if source is None:
        raise InvalidInput("--from", "is missing: name a file that `treering bench scale --json` wrote")
    try:
        measured = Results.model_validate_json(source.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise InvalidInput("--from", f"{source} is no file of `treering bench scale --json`") from error
    plan = planned(measured, people, assumptions(assume))
    _show_plan(plan)
    write_results(as_results(plan), json_file)


@contextmanager
def _told() -> Iterator[Progress]:
    """A progress bar for each thing that is done, with the time that is left."""
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=screen(errors=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(step: str, done: int, whole: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=whole)
            bars.update(tasks[step], completed=done)

        yield tell


@contextmanager
def _database(url: str | None) -> Iterator[str | None]:
    """The database that was named, or one of a server that is started; none where there is no server to start."""
    from treering.testing.servers import PostgresServer, ServerMissing

    if url is not None:
        yield url
        return
    with ExitStack() as stack:
        try:
            found: str | None = stack.enter_context(PostgresServer()).url
        except ServerMissing as error:
            screen(errors=True).print(f"no figures of PostgreSQL, and so none for a plan: {error}", markup=False)
            found = None
        yield found


def _show(results: Results) -> None:
    """A table for each axis with the exponents below the sizes, and one of unit costs."""
    from typing import get_args

    from treering.bench.scale import OVER, UNITS
    from treering.bench.scale_stores import Axis
    from treering.cli.parted import Parted

    for axis in get_args(Axis):
        rows = [
            (f"{row[axis]:,.0f}", *(_figure(row, cost) for cost in _COLUMNS))
            for name, row in results.systems.items()
            if name.startswith(f"{axis} ")
        ]
        law = results.systems[OVER + axis]
        exponents = (f"{law[cost]:.2f} ±{law[f'{cost}_se']:.2f}" if cost in law else "" for cost in _COLUMNS)
        screen().print(
            Parted(
                title=f"over {axis}: recall, and CPU of writing a turn, in ms; memory and disk in MB",
                corner=axis,
                columns=tuple(_COLUMNS.values()),
                rows=[*rows, ("exponent", *exponents)],
            )
        )
    table = _table(UNITS, ["what", "value"])
    for name, value in results.systems[UNITS].items():
        table.add_row(name, f"{value:g}")
    screen().print(table)


def _show_plan(plan: Plan) -> None:
    """What is full first, at the top; then sums."""
    table = _table(
        f"{plan.people:,} people: what is full first", ["what", "people that one serves", "needed", "one a store", "by"]
    )
    for need in plan.needs:
        cells = (f"{need.holds:,.0f}", f"{need.count(plan.people):,}", "yes" if need.is_of_store else "", need.rests_on)
        table.add_row(need.name, *cells)
    screen().print(table)
    sums = _table(f"{plan.stores:,} independent stores of {plan.people_a_store:,.0f} people", ["altogether", "amount"])
    for name, amount in plan.totals.items():
        sums.add_row(name, f"{amount:,.4g}" if amount < _ROUND else f"{amount:,.0f}")
    screen().print(sums)


def _figure(row: Mapping[str, float], cost: str) -> str:
    if cost not in row:
        return ""
    return f"{row[cost] / _MB:,.2f}" if cost.endswith("_bytes") else f"{row[cost]:,.2f}"


def _table(title: str, columns: Sequence[str]) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, title=title, title_justify="left")
    for place, name in enumerate(columns):
        table.add_column(name, justify="left" if place == 0 or name == "by" else "right")
    return table
