"""What is installed on this machine: programs of servers, accounts, and ports that are free."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess

_DEBIANS = ("/usr/lib/rabbitmq/bin", "/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/16/bin")
"""Where programs are that Debian leaves out of the path, or wraps in scripts that change the user."""


class ServerMissing(AssertionError):
    """A server's program is not installed, or does not start. An assertion: the test that wants it cannot hold."""


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as taken:
        taken.bind((host, 0))
        port: int = taken.getsockname()[1]
        return port


def found(program: str) -> str:
    """The program's path: PostgreSQL's own folder first, then Debian's, then the path.

    Raises:
        ServerMissing: It is not installed.
    """
    folders = [*_postgres_folder(), *_DEBIANS, *os.get_exec_path()]
    found = shutil.which(program, path=os.pathsep.join(folders))
    if found is None:
        raise ServerMissing(f"{program} is not installed")
    return found


def _postgres_folder() -> list[str]:
    asked = shutil.which("pg_config")
    if asked is None:
        return []
    told = subprocess.run([asked, "--bindir"], capture_output=True, text=True, check=False)  # noqa: S603
    return [told.stdout.strip()] if told.returncode == 0 else []


def existing(account: str) -> str | None:
    """The user account of this name; None where there is none."""
    try:
        return pwd.getpwnam(account).pw_name
    except KeyError:
        return None


def group_of(account: str) -> str:
    """The name of an account's own group."""
    return grp.getgrgid(pwd.getpwnam(account).pw_gid).gr_name
