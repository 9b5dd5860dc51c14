"""What a job's row says in words: cut to size, as every database stores it, and sealed where a key is."""

from __future__ import annotations

from treering.errors import KeyUnavailable, StoreUnreadable
from treering.memory.stores.words import Words, open_or_none, seal_or_none

MAX_ERROR_CHARS = 2_000
"""What is kept of an error, in characters; some quote a whole prompt."""


def sealed(words: Words, error: str) -> str | None:
    """Why a job failed, as it is stored; nothing where the key is gone: the job is put back all the same."""
    try:
        return seal_or_none(words, told(error))
    except KeyUnavailable:
        return None


def opened(words: Words, stored: str | None) -> str | None:
    """What was stored, or why it cannot be read: a damaged row must not stop other jobs."""
    try:
        return open_or_none(words, stored)
    except (KeyUnavailable, StoreUnreadable) as error:
        return f"(cannot be read: {error})"


def storable(text: str | None) -> str | None:
    """A text without what some database refuses."""
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "?")


def told(error: str | None) -> str | None:
    """An error, cut to size."""
    text = storable(error)
    return None if text is None else text[:MAX_ERROR_CHARS]
