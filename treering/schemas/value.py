"""What every value shares: frozen, closed, and made of clean text and zoned time."""

from __future__ import annotations

import ast
import inspect
import textwrap
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

MAX_IDENTIFIER_CHARS = 256
"""Longest id of a person, tenant, session or message, in characters; fits every database's index key."""

WHEN_USED = ConfigDict(defer_build=True)
"""Of validators at the top of a module: each takes some milliseconds to build, and a short command uses few of them."""


class Value(BaseModel):
    """An immutable value without unknown fields; the sentence under a field documents it everywhere.

    pydantic can read these sentences when a class is made (`use_attribute_docstrings`), at half a millisecond a class
    and 20 ms of every short command. Here they are read when a JSON schema is asked for, and validators are built when
    a class is first used.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, sentence in sentences_under_fields(cls).items():
            if name in properties:
                properties[name].setdefault("description", sentence)
        return schema


def sentences_under_fields(cls: type) -> dict[str, str]:
    """The string under each annotated field of a class and its bases, by field name."""
    found: dict[str, str] = {}
    for owner in reversed(cls.__mro__):
        if issubclass(owner, Value) and owner is not Value:
            [made] = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
            for field, text in pairwise(made.body if isinstance(made, ast.ClassDef) else ()):
                match field, text:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(sentence))):
                        found[name] = inspect.cleandoc(sentence)
    return found


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
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is outside the years 1 to 9999 in UTC") from error


#: Text that any store can hold: no NUL, no lone surrogates (pydantic refuses these), not blank.
Text = Annotated[str, AfterValidator(_storable), AfterValidator(_not_blank)]

#: An id chosen by an application: one printable line, at most 256 characters.
Identifier = Annotated[
    str, Field(max_length=MAX_IDENTIFIER_CHARS), AfterValidator(_not_blank), AfterValidator(_printable)
]

#: A moment with a time zone, kept in UTC.
Instant = Annotated[AwareDatetime, AfterValidator(_utc)]


def is_none(value: object) -> bool:
    """For `exclude_if`: fields that came later are left out where they say nothing, so that old digests hold."""
    return value is None
