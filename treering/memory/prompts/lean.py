"""Schemas of response models, without the words that explain them."""

from __future__ import annotations

from typing import Any


def lean(schema: dict[str, Any]) -> None:
    """Leave out titles, descriptions and defaults: the prompt explains, and each word of a schema is paid for again.

    For `json_schema_extra`. The name of the model itself stays, because LangChain calls the tool by it.
    """
    schema.pop("description", None)
    for field in schema.get("properties", {}).values():
        field.pop("title", None)
        field.pop("default", None)
