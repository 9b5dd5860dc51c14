"""Real workers, each a `treering worker` in a process group of its own, that may be killed and paused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from treering.testing.processes import descendants, environment_of
from treering.testing.starting import Program

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from treering.settings import Settings

_RUN = "from treering.cli import main; main()"

STOP_S = 40.0
"""Seconds that a worker may take to end when it is asked to: a slice of work is 20."""


class Stuck(RuntimeError):
    """Workers do not get to an end."""


class WorkerPool:
    """So many workers; what lives at the end of the block is killed.

    Args:
        settings: Of the store and the broker; what is set is handed on by the environment.
        size: Number of workers.
        folder: Where each writes a log.
        concurrency: Processes of each that work at once.
        is_forked: Whether they are forked from a process that has imported everything: where they are started again
            and again, and their memory is no matter, for they share it.
    """

    def __init__(
        self, settings: Settings, size: int, folder: Path, *, concurrency: int = 1, is_forked: bool = False
    ) -> None:
        self._environment = environment_of(settings) | {"TMPDIR": str(folder)}  # who is killed clears nothing away
        self._size = size
        self._folder = folder
        self._concurrency = concurrency
        self._is_forked = is_forked
        self._workers: dict[int, subprocess.Popen[bytes] | Program] = {}

    def __enter__(self) -> Self:
        for index in range(self._size):
            self.start(index)
        return self

    def __exit__(self, *_: object) -> None:
        for index in list(self._workers):
            self.kill(index)

    def start(self, index: int) -> None:
        """Start a worker, in the place of one that has gone."""
        words = ["worker", "--concurrency", str(self._concurrency), "--log-level", "warning"]
        if self._is_forked:
            self._workers[index] = Program(words, self._environment, log=self.log(index))
            return
        with self.log(index).open("ab") as log:
            self._workers[index] = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-c", _RUN, *words],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_again(self) -> list[int]:
        """Start those that ended by themselves, as a supervisor would; returns which."""
        ended = [index for index, worker in self._workers.items() if worker.poll() is not None]
        for index in ended:
            self.start(index)
        return ended

    def log(self, index: int) -> Path:
        """What a worker, and those before it in its place, wrote."""
        return self._folder / f"worker-{index}.log"

    def pids(self, index: int) -> list[int]:
        """The processes of a worker, the one that watches over the others first."""
        pid = self._workers[index].pid
        return [pid, *descendants(pid)]

    def kill(self, index: int) -> None:
        """SIGKILL to a worker with all its processes."""
        worker = self._workers[index]
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def kill_child(self, index: int, dice: random.Random) -> None:
        """SIGKILL to one of a worker's processes, but for the one that watches over them."""
        _, *children = self.pids(index)
        if children:  # it may have begun this instant
            with suppress(ProcessLookupError):
                os.kill(dice.choice(children), signal.SIGKILL)

    def pause(self, index: int) -> None:
        """Stop a worker where it stands, all its processes, as when its machine is suspended."""
        os.killpg(self._workers[index].pid, signal.SIGSTOP)

    def resume(self, index: int) -> None:
        """Let a worker go on that knows nothing of the time between."""
        os.killpg(self._workers[index].pid, signal.SIGCONT)

    def stop(self) -> list[int]:
        """Ask all to end; returns their exit statuses.

        Raises:
            subprocess.TimeoutExpired: One does not end.
        """
        for worker in self._workers.values():
            worker.terminate()
        return [worker.wait(STOP_S) for worker in self._workers.values()]
