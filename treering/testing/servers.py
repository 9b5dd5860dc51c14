"""Servers of a test's own: PostgreSQL, Redis and RabbitMQ on free ports, in temporary folders, which may be killed."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

from treering.testing.installed import ServerMissing, existing, found, free_port, group_of
from treering.testing.serving import Server

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["PostgresServer", "RabbitServer", "RedisServer", "Server", "ServerMissing", "free_port"]


class PostgresServer(Server):
    """A PostgreSQL cluster with one empty database, `treering`, and a user `postgres` who needs no password.

    Its data survives `kill`: what was committed is there again after `start`, by recovery from the log.

    Args:
        host: Where it listens.
        syncs: Whether it waits for the disk. A killed process loses nothing without, only a machine does.

    Example:
        >>> PostgresServer().url.rpartition(":")[0]
        'postgresql+psycopg://postgres@127.0.0.1'
    """

    name = "postgres"

    def __init__(self, host: str = "127.0.0.1", *, syncs: bool = True) -> None:
        super().__init__(host)
        self._syncs = syncs

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of its database."""
        return f"postgresql+psycopg://postgres@{self.host}:{self.port}/treering"

    def start(self) -> None:
        """Start it, and wait until it lets clients in."""
        super().start()
        self._run("createdb", "--host", self.host, "--port", str(self.port), "--username", "postgres", "treering")

    def _prepare(self) -> None:
        made = ["--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
        self._run("initdb", "--pgdata", str(self.folder / "data"), *made, is_needed=True)

    def _command(self) -> Sequence[str]:
        options = {
            "listen_addresses": self.host,
            "unix_socket_directories": "",
            "fsync": "on" if self._syncs else "off",
            "shared_buffers": "64MB",
        }
        said = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [found("postgres"), "-D", str(self.folder / "data"), "-p", str(self.port), *said]

    def _answers(self) -> bool:
        asked = [found("pg_isready"), "--quiet", "--host", self.host, "--port", str(self.port)]
        return subprocess.run(asked, check=False).returncode == 0  # noqa: S603 - as above

    def _greeting(self) -> bytes:
        return b""

    def _account(self) -> str | None:
        if os.geteuid() != 0:
            return None
        return existing("postgres") or existing("nobody")  # the server refuses to be root

    def _end_signal(self) -> signal.Signals:
        return signal.SIGINT  # "fast": it does not wait for clients to leave

    def _run(self, program: str, *arguments: str, is_needed: bool = False) -> None:
        account = self._account()
        done = subprocess.run(  # noqa: S603
            [found(program), *arguments],
            capture_output=True,
            cwd=self.folder,
            check=False,
            user=account,
            group=None if account is None else group_of(account),
            extra_groups=None if account is None else [],
        )
        if is_needed and done.returncode:
            raise ServerMissing(f"{program}: {done.stderr.decode(errors='replace')}")


class RedisServer(Server):
    """A Redis that keeps nothing: whoever kills it loses every message in it.

    Example:
        >>> RedisServer().url.startswith("redis://127.0.0.1:")
        True
    """

    name = "redis"

    @property
    def url(self) -> str:
        """The URL of its first database."""
        return f"redis://{self.host}:{self.port}/0"

    def _command(self) -> Sequence[str]:
        kept = ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        return [found("redis-server"), "--bind", self.host, "--port", str(self.port), *kept]

    def _greeting(self) -> bytes:
        return b"PING\r\n"


class RabbitServer(Server):
    """A RabbitMQ node without plugins, with its own name, cookie and Erlang port mapper.

    Its durable queues, and the messages in them, survive `kill`.

    Example:
        >>> RabbitServer().url.startswith("amqp://guest:guest@127.0.0.1:")
        True
    """

    name = "rabbitmq"

    def __init__(self, host: str = "127.0.0.1") -> None:
        super().__init__(host)
        self._mapper_port = free_port(host)
        self._between_nodes_port = free_port(host)
        self._mapper: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The URL of its first virtual host."""
        return f"amqp://guest:guest@{self.host}:{self.port}//"

    def _prepare(self) -> None:
        (self.folder / "plugins").write_text("[].\n")
        (self.folder / "rabbitmq.conf").write_text("log.console = true\nlog.console.level = warning\n")
        # Erlang starts one by itself where there is none, as a daemon that nobody would end.
        self._mapper = subprocess.Popen(  # noqa: S603
            [found("epmd"), "-port", str(self._mapper_port)],
            env={**os.environ, "ERL_EPMD_ADDRESS": self.host},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )

    def _clean_up(self) -> None:
        if self._mapper is not None:
            self._mapper.kill()
            self._mapper.wait()

    def _command(self) -> Sequence[str]:
        return [found("rabbitmq-server")]

    def _environment(self) -> Mapping[str, str]:
        folder = str(self.folder)
        return {
            "HOME": folder,
            "ERL_EPMD_PORT": str(self._mapper_port),
            "ERL_EPMD_ADDRESS": self.host,
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{folder}/advanced.config",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/generated",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_NODENAME": f"treering{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": self.host,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._between_nodes_port),
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia",
            "RABBITMQ_LOG_BASE": folder,
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_FEATURE_FLAGS_FILE": f"{folder}/feature_flags",
        }

    def _greeting(self) -> bytes:
        return b"AMQP\x00\x00\x09\x01"
