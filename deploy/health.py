"""Say with the exit code whether one of Treering's processes does its work; `role.sh health ROLE` runs it."""  # noqa: INP001 - a script

from __future__ import annotations

import os
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

ROLES = ("api", "worker", "beat", "migrate")

PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}
"""Where a broker listens whose URL names no port."""

PATIENCE_S = 5.0
"""Seconds within which something that is well answers."""

BEAT_SILENCE_S = 600.0
"""Seconds without a change of its file after which beat hangs; it writes every three minutes."""


def unwell(role: str) -> str | None:
    """Why a process is not well; None if it is.

    A worker and beat whose broker is away are well: they wait for it, and to start them anew would not bring it back.
    """
    if role == "api":
        return _api()
    if role == "migrate":
        return None
    away = broker_away()
    if role == "broker":
        return away or _shut_out()
    if away is not None:
        return None
    return _worker() if role == "worker" else _beat()


def broker_away() -> str | None:
    """Why the broker of the environment cannot be reached; None if something listens there."""
    place = urlsplit(os.environ.get("TREERING_BROKER_URL", ""))
    address = (place.hostname or "", place.port or PORTS.get(place.scheme, 0))
    try:
        socket.create_connection(address, timeout=PATIENCE_S).close()
    except OSError as error:
        return f"the broker at {address[0]}:{address[1]} cannot be reached: {error.strerror or error}"
    return None


def main_role(command: str = "/proc/1/cmdline") -> str | None:
    """The role of a container, by the command that it was started with."""
    words = Path(command).read_bytes().decode("utf-8", "replace").split("\0")
    return next((word for word in words if word in ROLES), None)


def _api() -> str | None:
    url = f"http://127.0.0.1:{os.environ.get('API_PORT', '8377')}/health/live"
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_S):
            return None
    except (OSError, urllib.error.URLError) as error:
        return f"{url}: {error}"


def _shut_out() -> str | None:
    from treering.workers.reaching import reach_broker  # noqa: PLC0415 - what only one role needs

    try:
        reach_broker(os.environ["TREERING_BROKER_URL"], timeout_s=PATIENCE_S)
    except Exception as error:  # noqa: BLE001 - whatever the client of a broker raises
        return f"the broker does not let us in: {type(error).__name__}: {error}"
    return None


def _worker() -> str | None:
    from treering.settings import Settings  # noqa: PLC0415 - what only one role needs
    from treering.workers.celery_app import celery_app  # noqa: PLC0415

    name = f"celery@{socket.gethostname()}"
    with celery_app(Settings.read(os.environ)) as app:
        answers = app.control.ping(destination=[name], timeout=PATIENCE_S, limit=1)
    return None if answers else f"{name} does not answer within {PATIENCE_S:.0f} seconds"


def _beat() -> str | None:
    file = Path(os.environ.get("BEAT_SCHEDULE", "/tmp/treering-beat/schedule"))  # noqa: S108 - of its own container
    written = [found.stat().st_mtime for found in file.parent.glob(f"{file.name}*")]
    if not written:
        return f"{file} is not there"
    silent_s = time.time() - max(written)
    return None if silent_s < BEAT_SILENCE_S else f"beat wrote nothing for {silent_s:.0f} seconds"


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else main_role()
    if wanted not in (*ROLES, "broker"):
        sys.exit(f"health.py: name one of {', '.join(ROLES)} or broker")
    why = unwell(wanted)
    if why is not None:
        sys.exit(why)
