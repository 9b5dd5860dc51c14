"""Long lists of ids, in pieces that a statement can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_T = TypeVar("_T")

MAX_PARAMETERS = 500
"""Ids in one statement: below the 999 bound values that old SQLite builds allow."""


def chunks(ids: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """The ids in order, at most `MAX_PARAMETERS` at a time."""
    for start in range(0, len(ids), MAX_PARAMETERS):
        yield ids[start : start + MAX_PARAMETERS]
