"""What every value shares: frozen, closed, and made of clean text and zoned time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

MAX_IDENTIFIER_CHARS = 256
"""Longest id of a person, tenant, session or message, in characters; fits every database's index key."""


class Value(BaseModel):
    """An immutable value without unknown fields; the sentence under a field documents it everywhere."""

    # defer_build: a validator is built when its class is first used, so that a short command builds few of them
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True)


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("contains a NUL byte, which no database stores")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty")
    return text


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("contains control characters or line breaks")
    return text


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


#: Text that any store can hold: no NUL, no lone surrogates (pydantic refuses these), not blank.
Text = Annotated[str, AfterValidator(_storable), AfterValidator(_not_blank)]

#: An id chosen by an application: one printable line, at most 256 characters.
Identifier = Annotated[
    str, Field(max_length=MAX_IDENTIFIER_CHARS), AfterValidator(_not_blank), AfterValidator(_printable)
]

#: A moment with a time zone, kept in UTC.
Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
