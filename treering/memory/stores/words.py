"""How words stand in the database: every text of a person goes through here on its way in and out."""

from __future__ import annotations

from typing import Protocol, overload


class Words(Protocol):
    """Seals the words of one scope, and opens them again: `open(seal(text)) == text`.

    The empty text and `FORGOTTEN` stay as they are, because statements compare with them; neither says anything.
    """

    def seal(self, text: str) -> str:
        """The text as it is stored."""
        ...

    def open(self, stored: str) -> str:
        """The text again.

        Raises:
            StoreUnreadable: It was not sealed for this scope, or was changed since.
        """
        ...

    def seal_bytes(self, data: bytes) -> bytes:
        """What is derived from words, e.g. a vector, as it is stored."""
        ...

    def open_bytes(self, stored: bytes) -> bytes:
        """The bytes again."""
        ...


class PlainWords:
    """Words as they are: no key is configured."""

    def seal(self, text: str) -> str:
        """The text itself."""
        return text

    def open(self, stored: str) -> str:
        """The text itself."""
        return stored

    def seal_bytes(self, data: bytes) -> bytes:
        """The bytes themselves."""
        return data

    def open_bytes(self, stored: bytes) -> bytes:
        """The bytes themselves."""
        return stored


@overload
def open_or_none(words: Words, stored: str) -> str: ...
@overload
def open_or_none(words: Words, stored: str | None) -> str | None: ...
def open_or_none(words: Words, stored: str | None) -> str | None:
    """The text of a column that may be empty."""
    return None if stored is None else words.open(stored)


def seal_or_none(words: Words, text: str | None) -> str | None:
    """The text for a column that may be empty."""
    return None if text is None else words.seal(text)


TOMBSTONE_KEY_BYTES = 32
"""Length of a key of tombstones that no master key wraps; a wrapped one is longer."""

NO_MASTER_KEY = "set TREERING_MASTER_KEY, or TREERING_MASTER_KEY_FILE, to the key that was set when they were written"
"""What to do about sealed words where there are no keys."""

PLAIN = PlainWords()
"""The words of a store without encryption."""
