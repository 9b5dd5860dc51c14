"""What adapters of servers share: a name for each person that nobody had before, and one error for all of theirs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from treering.bench.systems.port import Stats
from treering.errors import ServerUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator


UNTOLD = Stats(model_calls=None, input_tokens=None, output_tokens=None)
"""What a server with a model of its own says of what it took: nothing."""


def fresh_name() -> str:
    """A name under which a server holds a person of one run: a server remembers earlier runs, and ones cut off."""
    return f"treering-bench-{uuid4().hex}"


@contextmanager
def asking(where: str) -> Iterator[None]:
    """Makes whatever the client of a server raises the error of a server.

    Raises:
        ServerUnavailable: The client raised something.
    """
    try:
        yield
    except Exception as error:  # each client has errors of its own, which share no base
        raise ServerUnavailable(where, f"{type(error).__name__}: {error}") from error
