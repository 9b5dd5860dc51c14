"""The progress bar of `treering jobs drain`."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from treering.cli.options import screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.schemas.dialogue import Scope
    from treering.schemas.jobs import Job
    from treering.schemas.listening import Heard

RECOUNT_S = 0.5
"""Seconds between two counts of what is left: jobs make other jobs."""


class Progressing:
    """Counts jobs and turns, and shows how it goes.

    Args:
        is_hidden: Whether to count only.
    """

    def __init__(self, *, is_hidden: bool) -> None:
        self.outcomes: Counter[str] = Counter()
        self.heard = 0
        console = screen(errors=True)
        self._bar = Progress(
            TextColumn("working"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("jobs, {task.fields[heard]} turns heard, {task.fields[rate]:.1f} jobs/s"),
            console=console,
            transient=True,
            disable=is_hidden or not console.is_terminal,
        )
        self._task = self._bar.add_task("working", total=None, heard=0, rate=0.0)
        self._left: Callable[[], int] = lambda: 0
        self._began_at = self._counted_at = time.monotonic()

    def watch(self, left: Callable[[], int]) -> None:
        """Say how many jobs are left."""
        self._left = left

    def on_heard(self, _: Scope, heard: Heard) -> None:
        """A window was heard."""
        self.heard += len(heard.message_ids)

    def on_job(self, _: Job, outcome: str) -> None:
        """A job was tried."""
        self.outcomes[outcome] += 1
        done, now = self.outcomes.total(), time.monotonic()
        rate = done / max(now - self._began_at, 1e-6)
        self._bar.update(self._task, completed=done, heard=self.heard, rate=rate)
        if not self._bar.disable and now - self._counted_at >= RECOUNT_S:
            self._recount()

    def __enter__(self) -> Self:
        self._began_at = time.monotonic()
        self._bar.start()
        if not self._bar.disable:
            self._recount()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _recount(self) -> None:
        self._counted_at = time.monotonic()
        self._bar.update(self._task, total=self.outcomes.total() + self._left())
