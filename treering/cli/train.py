"""`treering train`: the trained parts that ship, made again from their sentences."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.options import screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from treering.training.local import Trained

SHOWN_CONFUSIONS = 12
"""Confusions of slots that are printed, the most frequent ones."""

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
    from rich.table import Table

    from treering.memory.listeners.heads.pairs import RELATIONS
    from treering.training.scoring import worst

    console = screen()
    sizes = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in trained.sizes.items())
    console.print(f"examples: {sizes}")
    scores = Table(box=None, header_style="bold", pad_edge=False, title="held out")
    for column in ("head", "split"):
        scores.add_column(column)
    for column in ("accuracy", "macro-F1", "calibration error"):
        scores.add_column(column, justify="right")
    metrics = trained.heads.record.metrics
    for head in ("worth", "slot", "relation"):
        for split in ("words", "phrasing", "written"):
            values = (metrics[f"{head}_{split}_{name}"] for name in ("accuracy", "macro_f1", "calibration_error"))
            scores.add_row(head, split, *(f"{value:.3f}" for value in values))
    console.print(scores)
    slots = Table(box=None, header_style="bold", pad_edge=False, title="slots confused, worst first")
    for column in ("slot", "taken for", "times"):
        slots.add_column(column)
    for right, said, times in worst(trained.slot_confusion, trained.heads.paths, SHOWN_CONFUSIONS):
        slots.add_row(right, said, str(times))
    console.print(slots)
    relations = Table(box=None, header_style="bold", pad_edge=False, title="relations: what it is, and what was said")
    relations.add_column("is")
    for name in RELATIONS:
        relations.add_column(name, justify="right")
    for name, row in zip(RELATIONS, trained.relation_confusion.tolist(), strict=True):
        relations.add_row(name, *(str(count) for count in row))
    console.print(relations)


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = screen(errors=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task("reading", total=None)
        yield lambda step, done, total: bars.update(task, description=step, completed=done, total=total)
