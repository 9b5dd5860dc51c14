"""Programs of ours that begin with everything imported, for tests of what they do, and not of how they start.

The first of them starts a process that imports what workers and servers need, and does nothing else: each is forked
from it. So a worker takes a fifth of the time until it works, and a server a tenth.
"""

from __future__ import annotations

import atexit
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext


class Program:
    """A program that runs beside this one, in a process group of its own, with the words of `subprocess.Popen`.

    Args:
        words: What it is called with: a command of `treering` and its options, or those of the script.
        environment: All of its environment.
        script: A file of Python that is run in place of `treering`.
        folder: Where it runs; by default, here.
        log: The file to which all that it writes is added; by default, it goes where our own goes.

    Example:
        >>> Program.wait.__doc__.splitlines()[0]
        'Its exit code, when it has ended.'
    """

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        *,
        script: Path | None = None,
        folder: Path | None = None,
        log: Path | None = None,
    ) -> None:
        self.args = (str(script or "treering"), *words)
        call = _Call(self.args, dict(environment), script, folder or Path.cwd(), log)
        began, begins = _context().Pipe(duplex=False)
        self._process = _context().Process(target=_run, args=(call, begins))
        self._process.start()
        begins.close()
        with began:
            began.poll(None)  # until nobody holds the other end: it has a group of its own, and may be killed
        pid = self._process.pid
        assert pid is not None  # noqa: S101 - it was started
        self.pid: int = pid

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, when it has ended.

        Raises:
            subprocess.TimeoutExpired: It has not after so many seconds.
        """
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once; what it started lives on."""
        self.send_signal(signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class _Call:
    words: Sequence[str]
    environment: Mapping[str, str]
    script: Path | None
    folder: Path
    log: Path | None


@cache
def _context() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(["treering.testing.imported"])
    return context


def _run(call: _Call, begins: Connection) -> None:
    """In the new process: be what was called."""
    os.setsid()
    begins.close()
    os.chdir(call.folder)
    if call.log is not None:
        with call.log.open("ab") as log:
            for stream in (sys.stdout, sys.stderr):
                os.dup2(log.fileno(), stream.fileno())
    os.environ.clear()
    os.environ.update(call.environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what begins in the background of a shell is deaf to it
    tempfile.tempdir = None  # what the environment says is read again
    sys.argv = list(call.words)
    try:
        if call.script is None:
            import_module("treering.cli").main()
        else:
            runpy.run_path(str(call.script), run_name="__main__")
    finally:
        atexit._run_exitfuncs()  # noqa: SLF001 - a forked process leaves them out
