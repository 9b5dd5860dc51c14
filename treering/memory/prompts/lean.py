"""Schemas of response models, without the words that explain them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic.config import JsonDict


def lean(schema: JsonDict) -> None:
    """Leave out titles, descriptions and defaults: the prompt explains, and each word of a schema is paid for again.

    For `json_schema_extra`. The name of the model itself stays, because LangChain calls the tool by it.
    """
    schema.pop("description", None)
    fields = schema.get("properties")
    for field in fields.values() if isinstance(fields, dict) else ():
        if isinstance(field, dict):
            field.pop("title", None)
            field.pop("default", None)
