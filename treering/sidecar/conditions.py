"""Requests on a condition: only if it changed, only if nobody else wrote since."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Header

from treering.errors import InvalidInput, VersionConflict
from treering.schemas.views import TreeView

IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", max_length=1024, description="The `ETag` of the tree that you have.")
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=1024,
        description="The `ETag` of the tree that you saw, or its version in quotes: where somebody else wrote since, "
        "nothing is done.",
    ),
]

_VERSION = re.compile(r'"(\d{1,18})(?:\.[0-9a-f]+)?"', re.ASCII)
"""What an entity tag says: the version of the memory, and a digest of what is shown of it."""


class PreconditionFailed(InvalidInput):
    """Somebody else wrote since what the caller saw; nothing was changed."""

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__("If-Match", f"is of version {expected}, and the memory is at {actual}; read again")
        self.expected = expected
        self.actual = actual


def etag_of(view: TreeView) -> str:
    """The entity tag of a tree: its version, and a digest of what it shows, which changes with time as well.

    The moment of the question is left out: with it no two answers would be the same.
    """
    shown = view.model_dump_json(exclude={"as_of"}).encode()
    return f'"{view.version}.{hashlib.sha256(shown).hexdigest()[:16]}"'


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Whether the caller has what the tag names.

    Example:
        >>> is_known('"3.ab"', 'W/"3.ab", "2.cd"'), is_known('"3.ab"', '"3.cd"'), is_known('"3.ab"', "*")
        (True, False, True)
    """
    given = [one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")]
    return etag in given or "*" in given


def expected_by(if_match: str | None) -> int | None:
    """The version on which something is to be done; none: on any.

    Raises:
        InvalidInput: It is no entity tag of a tree.

    Example:
        >>> expected_by('"3.0a1b"'), expected_by('"3"'), expected_by("*"), expected_by(None)
        (3, 3, None, None)
    """
    if if_match is None or if_match.strip() == "*":
        return None
    found = _VERSION.fullmatch(if_match.strip())
    if found is None:
        raise InvalidInput("If-Match", "is no ETag of a tree; take that of GET /v1/tree, or a version in quotes")
    return int(found[1])


@contextmanager
def on_condition(expected: int | None) -> Iterator[None]:
    """Say of a version that is not the expected one that the condition failed.

    Raises:
        PreconditionFailed: Somebody else wrote since.
    """
    try:
        yield
    except VersionConflict as error:
        if expected is None:
            raise
        raise PreconditionFailed(error.expected, error.actual) from error
