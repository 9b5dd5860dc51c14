"""Reading a JSON array that is too large to be held whole, one of its items at a time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from treering.bench.suites.files import JsonObject

_CHUNK = 2**24
"""Characters that are read at once; an item that is longer is tried again with twice as many, and so on."""

_BETWEEN = " \t\r\n,"


def read_array(file: Path, chunk: int = _CHUNK) -> Iterator[JsonObject]:
    """The items of a file that holds one JSON array of objects.

    Args:
        file: The file.
        chunk: Characters that are read at once.

    Raises:
        InvalidInput: It cannot be read, or is no such array; items before the fault were given.
    """
    try:
        with file.open(encoding="utf-8") as opened:
            yield from _items(iter(lambda: opened.read(chunk), ""))
    except (OSError, ValueError) as error:
        raise InvalidInput(str(file), f"cannot be read as a JSON array ({error})") from error


def _items(chunks: Iterator[str]) -> Iterator[JsonObject]:
    decoder = json.JSONDecoder()
    text = next(chunks, "").lstrip()
    if not text.startswith("["):
        raise ValueError("it does not begin with a bracket")
    text = text[1:].lstrip(_BETWEEN)
    while not text.startswith("]"):
        try:
            item, end = decoder.raw_decode(text)
        except ValueError:
            text = _longer(text, chunks).lstrip(_BETWEEN)
        else:
            yield item
            text = text[end:].lstrip(_BETWEEN)


def _longer(text: str, chunks: Iterator[str]) -> str:
    """At least twice as much of it, so that a long item is not tried too often.

    Raises:
        ValueError: There is no more.
    """
    more: list[str] = []
    while sum(map(len, more)) <= len(text) and (chunk := next(chunks, "")):
        more.append(chunk)
    if not more:
        raise ValueError("it ends within an item, or an item is no JSON")
    return text + "".join(more)
