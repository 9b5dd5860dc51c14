"""A server that a test starts, kills and starts again: what all kinds have in common.

Everything a server writes goes into one folder, which is removed at the end. None of them touches an instance that
runs on the machine already. They need Linux, and the servers' programs; nothing is installed or downloaded.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from treering.testing.installed import ServerMissing, free_port, group_of
from treering.testing.processes import descendants, has_gone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

START_S = 90.0
"""Seconds that a server may take until it answers; RabbitMQ takes 10 on two busy cores."""

STOP_S = 10.0
"""Seconds that a server may take to end when it is asked to."""

POLL_S = 0.05
"""Seconds between two looks whether a server answers."""


class Server(ABC):
    """A process, or a family of them, that starts when the block is entered and is gone when it is left.

    Args:
        host: Where it listens; only this machine can reach it.
    """

    name = "server"
    """What people call it."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.host = host
        self.port: int = free_port(host)
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """How the product is told where it is."""

    @property
    def folder(self) -> Path:
        """What it writes is in here, its log too.

        Raises:
            ServerMissing: It was not started.
        """
        if self._folder is None:
            raise ServerMissing(f"{self.name} was not started; use it in a with statement")
        return self._folder

    @property
    def pid(self) -> int | None:
        """Its first process, while it runs."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix=f"treering-{self.name}-"))
        try:
            if (account := self._account()) is not None:
                shutil.chown(self._folder, account, group_of(account))
            self._prepare()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._clean_up()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, and wait until it answers. One that was killed is started again over what it left behind.

        Raises:
            ServerMissing: It ends at once, or does not answer in `START_S`.
        """
        end = time.monotonic() + START_S
        while self.pid is None or not self._answers():
            if self.pid is None:  # also again: a killed PostgreSQL is refused while its last child has not gone
                self._launch()
            if time.monotonic() > end:
                told = self._log.read_text(errors="replace")[-2_000:] if self._log.exists() else ""
                raise ServerMissing(f"{self.name} does not answer on port {self.port}: {told}")
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Ask it to end, and kill it if it does not."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, self._end_signal())
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_S)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to it and everything it started, as when the power fails: nothing is flushed, nobody is told."""
        if self._process is None:
            return
        family = [self._process.pid, *descendants(self._process.pid)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        end = time.monotonic() + STOP_S  # those who are not our children are buried by others
        while not all(map(has_gone, family)) and time.monotonic() < end:
            time.sleep(POLL_S)
        self._process = None

    def restart(self) -> None:
        """Kill it, and start it over what it left behind."""
        self.kill()
        self.start()

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"

    def _launch(self) -> None:
        account = self._account()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a program that was looked up, with our own arguments
                self._command(),
                env={**os.environ, **self._environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                user=account,
                group=None if account is None else group_of(account),
                extra_groups=None if account is None else [],
            )

    def _answers(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port), timeout=1.0) as connection:
                connection.sendall(self._greeting())
                return bool(connection.recv(1))
        except OSError:
            return False

    @abstractmethod
    def _command(self) -> Sequence[str]: ...

    @abstractmethod
    def _greeting(self) -> bytes:
        """What any client may say first, and gets an answer to once the server is ready."""

    def _prepare(self) -> None:  # noqa: B027 - most servers need nothing
        """Make what it needs before its first start."""

    def _clean_up(self) -> None:  # noqa: B027 - likewise
        """End what was started beside it."""

    def _environment(self) -> Mapping[str, str]:
        return {}

    def _account(self) -> str | None:
        """The user it runs as; None: whoever runs the tests."""
        return None

    def _end_signal(self) -> signal.Signals:
        return signal.SIGTERM
