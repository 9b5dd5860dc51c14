"""Progress bars, all on standard error: of measurements, which stay, and of other work, which go with it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from treering.cli.options import screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console
    from rich.progress import Progress


def counting(what: str) -> Progress:
    """Bars that stay, each with a count.

    Args:
        what: What is counted, or a template of what stands behind the count, e.g. `{task.fields[spent]}`.
    """
    return _bars(what, screen(errors=True))


def passing(what: str = "", *, is_hidden: bool) -> Progress:
    """Bars that go when the work is done; there are none where nobody watches.

    Args:
        what: What is counted.
        is_hidden: Whether there are none in any case, e.g. since JSON is printed.
    """
    console = screen(errors=True)
    return _bars(what, console, is_passing=True, is_hidden=is_hidden or not console.is_terminal)


@contextmanager
def progress(doing: str, what: str = "", *, is_hidden: bool) -> Iterator[Callable[[int, int], None]]:
    """One such bar; to be told how much is done, and of how much.

    Args:
        doing: What is done, e.g. `examining`.
        what: What is counted.
        is_hidden: Whether there is none in any case.
    """
    with passing(what, is_hidden=is_hidden) as bars:
        task = bars.add_task(doing, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


def _bars(what: str, console: Console, *, is_passing: bool = False, is_hidden: bool = False) -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(what),
        TimeRemainingColumn(),
        console=console,
        transient=is_passing,
        disable=is_hidden,
    )
