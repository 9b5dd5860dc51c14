"""LangMem, and any other content of a LangGraph store: items with a namespace, a key and a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from treering.memory.exchange.foreign.fields import Reading, moment, objects, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from treering.schemas.foreign import Foreign

_WORDS = ("content", "memory", "text", "data", "fact")
"""Under which names a value holds a statement."""
_ABOUT = ("kind", "type", "category")
"""Under which names a value says of which kind it is."""


def looks_like(data: JsonValue) -> bool:
    """Whether it is a list of store items."""
    found = [item for _, item in objects(_list(data)) if item is not None]
    return bool(found) and all(name in item for item in found for name in ("namespace", "key", "value"))


def read(data: JsonValue) -> Foreign:
    """A fact for each memory; of a profile, one for each field that is filled. Namespace and kind are hints."""
    reading = Reading("langmem")
    for place, item in objects(_list(data)):
        where = f"item {place + 1}"
        if item is None or not isinstance(item.get("key"), str) or not isinstance(item.get("value"), Mapping):
            reading.leave_out(where, "has no key with a value")
            continue
        try:
            begun = moment(item.get("updated_at")) or moment(item.get("created_at"))
        except ValueError as error:
            reading.leave_out(where, str(error))
            continue
        namespace = texts(item.get("namespace"))
        value = item["value"]
        kinds = tuple(kind for name in _ABOUT for kind in texts(value.get(name))) if isinstance(value, Mapping) else ()
        identifier = "/".join((*namespace, str(item["key"])))
        is_empty = True
        for field, text in _statements(value):
            is_empty = False
            reading.fact(
                where,
                id=f"{identifier}#{field}" if field else identifier,
                text=text,
                valid_from=begun,
                hints=(*((field,) if field else ()), *kinds, *reversed(namespace)),
            )
        if is_empty:
            reading.leave_out(where, "its value holds no words")
    return reading.done()


def _statements(value: JsonValue) -> Iterator[tuple[str, str]]:
    """Statements of a value, each with the field of a profile that it fills; none for a plain memory."""
    inner = value
    while isinstance(inner, Mapping) and (named := next((name for name in _WORDS if inner.get(name)), None)):
        inner = inner[named]
    if isinstance(inner, str) and inner.strip():
        yield "", inner
    elif isinstance(inner, Mapping | list):
        yield from _fields(inner, ())


def _fields(value: JsonValue, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    match value:
        case Mapping():
            for name, below in value.items():
                if path or name not in _ABOUT:
                    yield from _fields(below, (*path, name))
        case list():
            for place, below in enumerate(value):
                yield from _fields(below, (*path, str(place)))
        case str() if value.strip():
            name = next((part for part in reversed(path) if not part.isdecimal()), "")
            yield ".".join(path), f"{name.replace('_', ' ')}: {value}" if name else value
        case bool() | None:
            pass
        case int() | float():
            yield ".".join(path), f"{path[-1].replace('_', ' ')}: {value}" if path else str(value)


def _list(data: JsonValue) -> JsonValue:
    return data.get("items") if isinstance(data, Mapping) else data
