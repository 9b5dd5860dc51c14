"""`treering serve` as a process of its own, which can be ended and started again, and watched."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from tempfile import TemporaryFile
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Self

from treering.errors import TreeringError
from treering.testing.installed import free_port
from treering.testing.processes import environment_of, private_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from treering.settings import Settings

PATIENCE_S = 90.0
"""How long it may take to start or to end, in seconds: requests at hand have 20, and cores may be busy."""

SAMPLE_S = 1.0
"""Seconds between two looks at its memory."""

_LOOK_S = 0.02
"""Seconds between two looks whether it listens."""


class ServedProcess:
    """A server on a port of its own, which it keeps when it is started again.

    Args:
        settings: What it is given, and nothing else of this process's settings.
    """

    def __init__(self, settings: Settings) -> None:
        self.port = free_port()
        self._environment = environment_of(settings)
        self._log = TemporaryFile()  # noqa: SIM115 - as long as the process
        self._process = self._started()

    def __enter__(self) -> Self:
        try:
            self.wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()

    def wait(self) -> None:
        """Wait until it listens.

        Raises:
            TreeringError: It does not.
        """
        end = perf_counter() + PATIENCE_S
        while self._process.poll() is None and perf_counter() < end:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            sleep(_LOOK_S)
        self._log.seek(0)
        [*_, why] = self._log.read().decode(errors="replace").splitlines() or ["it said nothing"]
        raise TreeringError(f"the server did not start: {why}")

    def restart(self) -> None:
        """Tell it to end, as an operator does, and start another one when it has.

        Raises:
            TreeringError: It did not end well, or the other one does not start.
        """
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(PATIENCE_S)
        if status != 0:
            raise TreeringError(f"the server ended with {status}, and not with 0")
        self._process = self._started()
        self.wait()

    @property
    def cpu_s(self) -> float:
        """The time that cores have worked for it so far, in seconds."""
        with open(f"/proc/{self._process.pid}/stat", encoding="ascii", errors="replace") as file:  # noqa: PTH123
            of_user, of_system = file.read().rpartition(")")[2].split()[11:13]
        return (int(of_user) + int(of_system)) / os.sysconf("SC_CLK_TCK")

    @contextmanager
    def watched(self) -> Iterator[list[tuple[float, int]]]:
        """Moments in seconds, and its memory in bytes at each, as long as this lasts."""
        samples: list[tuple[float, int]] = []
        is_over = threading.Event()

        def watch() -> None:
            while not is_over.wait(SAMPLE_S):
                samples.append((perf_counter(), private_bytes(self._process.pid)))

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        try:
            yield samples
        finally:
            is_over.set()
            watching.join()

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - ourselves
            [
                sys.executable,
                "-c",
                "from treering.cli import main; main()",
                "serve",
                "--port",
                str(self.port),
            ],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
        )
