"""`treering train`: the trained parts that ship, made again from their sentences."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.options import screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.table import Table

    from treering.training.local import Trained

SHOWN_CONFUSIONS = 12
"""Confusions of slots that are printed, the most frequent ones."""

HELD_SPLITS = ("words", "phrasing", "written")
"""What is held out: words, templates, and sentences by hand."""

app = typer.Typer(help="Trained parts, made again from the sentences that ship.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Trained parts, made again from the sentences that ship."""


@app.command()
def local(
    *,
    out: Annotated[
        Path | None, typer.Option(help="Write the heads to this file; without it nothing is written.", dir_okay=False)
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draws from the grammar.", min=0)] = 0,
) -> None:
    """Train the heads of the local listener: worth keeping or not, which slot, and how two claims relate.

    Prints their scores on held-out words, templates and hand-written sentences, what they confuse, and whether the file
    that ships would change. Takes a minute or two, and needs no network.

    \b
    treering train local
    treering train local --out heads.npz --seed 1
    """
    import os

    # Read when NumPy is imported. What is multiplied is small: with two threads, one waits for the other, busily, at
    # each of some thousand steps, which takes four to seven times the processor and no less time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

    from treering.memory.listeners.heads.files import shipped_bytes
    from treering.memory.models.choose import make_embedder
    from treering.schemas.trunks import load_trunk
    from treering.settings import Settings
    from treering.training.corpus import read_material
    from treering.training.local import train_local

    settings = Settings.read(os.environ)
    trunk = load_trunk(settings.trunk, cache_dir=settings.cache_dir)
    embedder = make_embedder(settings.embedder, settings.cache_dir)
    with _bars() as progress:
        trained = train_local(embedder, trunk, read_material(), seed=seed, progress=progress)
    _show(trained)
    same = trained.file == shipped_bytes()
    typer.echo(f"{len(trained.file):,} bytes; " + ("the same as" if same else "other than") + " the file that ships.")
    if out is not None:
        out.write_bytes(trained.file)
        typer.echo(f"Written to {out}.")


def _show(trained: Trained) -> None:
    console = screen()
    sizes = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in trained.sizes.items())
    console.print(f"examples: {sizes}")
    for table in (_scores(trained), _confused_slots(trained), _confused_relations(trained)):
        console.print(table)


def _scores(trained: Trained) -> Table:
    metrics = trained.heads.record.metrics
    table = _table("held out", "head", "split", numbers=("accuracy", "macro-F1", "calibration error"))
    for head in ("worth", "slot", "relation"):
        for split in HELD_SPLITS:
            values = (metrics[f"{head}_{split}_{name}"] for name in ("accuracy", "macro_f1", "calibration_error"))
            table.add_row(head, split, *(f"{value:.3f}" for value in values))
    for name, label in (("nearest", "nearest slot, no head"), ("routed", "slot, as the listener routes")):
        for split in HELD_SPLITS:
            table.add_row(label, split, f"{metrics[f'{name}_{split}_accuracy']:.3f}", "", "")
    return table


def _confused_slots(trained: Trained) -> Table:
    from treering.training.scoring import worst

    table = _table("slots confused, worst first", "slot", "taken for", numbers=("times",))
    for right, said, times in worst(trained.slot_confusion, trained.heads.paths, SHOWN_CONFUSIONS):
        table.add_row(right, said, str(times))
    return table


def _confused_relations(trained: Trained) -> Table:
    from treering.memory.listeners.heads.pairs import RELATIONS

    table = _table("relations: what it is, and what was said", "is", numbers=RELATIONS)
    for name, row in zip(RELATIONS, trained.relation_confusion.tolist(), strict=True):
        table.add_row(name, *(str(count) for count in row))
    return table


def _table(title: str, *words: str, numbers: Sequence[str]) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, title=title)
    for column in words:
        table.add_column(column)
    for column in numbers:
        table.add_column(column, justify="right")
    return table


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = screen(errors=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task("reading", total=None)
        yield lambda step, done, total: bars.update(task, description=step, completed=done, total=total)
