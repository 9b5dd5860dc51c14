"""Processes beside this one: what they are given, who started whom, and what they hold."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from treering.settings import PREFIX, Settings

_PROC = Path("/proc")


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment of a program that is to have these settings: what is set in them, and nothing else of ours.

    Example:
        >>> environment_of(Settings(embedder="hash"))["TREERING_EMBEDDER"]
        'hash'
    """
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return others | {f"{PREFIX}{name.upper()}": str(getattr(settings, name)) for name in settings.model_fields_set}


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that these started; parents first.

    Example:
        >>> import os
        >>> os.getpid() in descendants(os.getppid())
        True
    """
    children = _children(pid)
    return [one for child in children for one in (child, *descendants(child))]


def has_gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has taken note of yet counts as gone.

    Example:
        >>> import os
        >>> has_gone(os.getpid())
        False
    """
    try:
        after_name = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2]
        threads = sum(1 for _ in (_PROC / str(pid) / "task").iterdir())
    except OSError:
        return True
    # the first thread of a killed process may have ended before the others have, who hold its sockets open
    return after_name.split()[0] in "ZX" and threads <= 1


def private_bytes(pid: int) -> int:
    """The memory that a process has for itself, in bytes; 0 where it has gone.

    What it shares is left out: PostgreSQL's processes would each count the pages of its cache that they have touched.

    Example:
        >>> import os
        >>> private_bytes(os.getpid()) > 1_000_000
        True
    """
    with suppress(OSError):
        for line in (_PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    return 0


def open_files(pid: int) -> int:
    """The files, pipes and sockets that a process has open; 0 where it has gone.

    Example:
        >>> import os
        >>> open_files(os.getpid()) > 2
        True
    """
    with suppress(OSError):
        return sum(1 for _ in (_PROC / str(pid) / "fd").iterdir())
    return 0


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for thread in (_PROC / str(pid) / "task").iterdir():
            with suppress(OSError):
                found += [int(one) for one in (thread / "children").read_text().split()]
    return found
