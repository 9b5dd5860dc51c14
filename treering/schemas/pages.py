"""Lists in pages: each says where the next one begins."""

from __future__ import annotations

import base64
import json
from typing import Generic, TypeVar

from pydantic import Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from treering.schemas.value import Value

MAX_PAGE = 500
"""Most items of a page."""

T = TypeVar("T")


class Page(Value, Generic[T]):
    """A part of a list."""

    items: tuple[T, ...] = Field(description="What is on this page, in order.")
    next: str | None = Field(default=None, description="The `cursor` of the next page; null on the last one.")

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(core_schema)  # of `Page[Turn]` there is no source in which to find sentences


def cursor_at(place: int | str) -> str:
    """A cursor, which callers hand back as it is.

    Example:
        >>> cursor_at(7)
        'Nw'
    """
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
