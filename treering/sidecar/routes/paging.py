"""Lists in pages: each says where the next one begins."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Query

from treering.errors import InvalidInput
from treering.schemas.pages import MAX_PAGE, Page, cursor_at

__all__ = [
    "MAX_PAGE",
    "MAX_POSITION",
    "PAGE",
    "Cursor",
    "Limit",
    "Page",
    "cursor_at",
    "name_of",
    "page_of",
    "page_until",
    "place_of",
]

PAGE = 100
"""Items of a page where nobody says how many."""

MAX_POSITION = 2**63 - 1
"""Largest number in a cursor: what every database can count to."""

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Most items of the page.")]
"""How many items a page has at most."""

Cursor = Annotated[
    str | None, Query(max_length=4096, description="`next` of the page before; without it, the first page.")
]
"""Where a page begins."""


def page_of(found: Sequence[T], *, limit: int, cursor: str | None = None) -> Page[T]:
    """A page of a list that is there as a whole; what is added in front of a cursor moves what follows.

    Example:
        >>> first = page_of("abc", limit=2)
        >>> first.items, page_of("abc", limit=2, cursor=first.next).items
        (('a', 'b'), ('c',))
    """
    begin = place_of(cursor)
    end = begin + limit
    return Page(items=tuple(found[begin:end]), next=cursor_at(end) if end < len(found) else None)


def page_until(found: Sequence[T], *, limit: int, place: Callable[[T], int | str]) -> Page[T]:
    """A page of what was read from a place on, one item more than fits where there are more.

    Args:
        found: What was read.
        limit: What fits.
        place: Where an item stands; the next page begins after the last one of this.
    """
    items = tuple(found[:limit])
    return Page(items=items, next=cursor_at(place(items[-1])) if len(found) > limit else None)


def place_of(cursor: str | None) -> int:
    """The number in a cursor; 0 for none.

    Raises:
        InvalidInput: No page has given it out.
    """
    if cursor is None:
        return 0
    found = _read(cursor)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= MAX_POSITION:
        raise _unknown()
    return found


def name_of(cursor: str | None) -> str | None:
    """The name in a cursor, where a list is sorted by names.

    Raises:
        InvalidInput: No page has given it out.
    """
    if cursor is None:
        return None
    found = _read(cursor)
    if not isinstance(found, str):
        raise _unknown()
    return found


def _read(cursor: str) -> object:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        found: object = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _unknown() from error
    return found


def _unknown() -> InvalidInput:
    return InvalidInput("cursor", "was given out by no page; take `next` of the page before")
