"""mem0: what `get_all` returns, or an export of its platform or of OpenMemory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from treering.memory.exchange.foreign.fields import Reading, id_in, moment, objects, text_in, texts

if TYPE_CHECKING:
    from pydantic import JsonValue

    from treering.schemas.foreign import Foreign

_LISTS = ("results", "memories")
_TEXTS = ("memory", "text", "content", "data")


def looks_like(data: JsonValue) -> bool:
    """Whether it holds memories with an id and a text, under mem0's names."""
    found = [item for _, item in objects(_list(data)) if item is not None]
    return bool(found) and any(
        "memory" in item or ("content" in item and ("app_id" in item or "categories" in item)) for item in found
    )


def read(data: JsonValue) -> Foreign:
    """A fact for each memory; its categories are hints, its creation is when it began to be so.

    mem0 rewrites a memory when it changes, so the last update is taken where there is one. Relations of its graph
    repeat what its memories say, and are left out.
    """
    reading = Reading("mem0")
    people: set[str] = set()
    for place, item in objects(_list(data)):
        where = f"memory {place + 1}"
        if item is None:
            reading.leave_out(where, "is no object")
            continue
        text, identifier = text_in(item, *_TEXTS), id_in(item, "id", "hash")
        if text is None or identifier is None:
            reading.leave_out(where, "has no text" if text is None else "has no id")
            continue
        if item.get("state") == "deleted":
            reading.leave_out(where, "is deleted there")
            continue
        people.add(id_in(item, "user_id") or "")
        metadata = item.get("metadata")
        noted = metadata if isinstance(metadata, Mapping) else {}
        try:
            begun = moment(item.get("updated_at")) or moment(item.get("created_at"))
            ends = moment(item.get("expiration_date"))
        except ValueError as error:
            reading.leave_out(where, str(error))
            continue
        hints = (*texts(item.get("categories")), *texts(noted.get("category")), *texts(noted.get("categories")))
        reading.fact(where, id=identifier, text=text, valid_from=begun, valid_to=ends, hints=hints)
    if isinstance(data, Mapping):
        for place, _ in objects(data.get("relations")):
            reading.leave_out(f"relation {place + 1}", "a relation of the graph, which repeats a memory")
    if len(people) > 1:
        raise ValueError(f"it holds memories of {len(people)} people; filter them by user_id, one import each")
    return reading.done()


def _list(data: JsonValue) -> JsonValue:
    if isinstance(data, Mapping):
        return next((data[name] for name in _LISTS if name in data), None)
    return data
