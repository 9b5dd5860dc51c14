"""mem0: what `get_all` returns, or an export of its platform or of OpenMemory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from treering.memory.exchange.foreign.fields import Reading, Unusable, id_in, moment, objects, text_in, texts

if TYPE_CHECKING:
    from pydantic import JsonValue

    from treering.schemas.foreign import Foreign

_LISTS = ("results", "memories")
_OPEN_MEMORY = {"app_id", "categories", "category_ids", "state"}
"""What OpenMemory, mem0's own server, notes beside the content."""
_TEXTS = ("memory", "text", "content", "data")


def looks_like(data: JsonValue) -> bool:
    """Whether it holds memories with an id and a text, under mem0's names."""
    found = [item for _, item in objects(_list(data)) if item is not None]
    return any("memory" in item or ("content" in item and bool(_OPEN_MEMORY & item.keys())) for item in found)


def read(data: JsonValue) -> Foreign:
    """A fact for each memory; its categories are hints.

    It is so since the memory was last changed, because mem0 rewrites a memory when it learns better. Relations of its
    graph repeat what its memories say, and are left out.
    """
    reading = Reading("mem0")
    names = _category_names(data)
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
        people.update(filter(None, [id_in(item, "user_id")]))
        metadata = item.get("metadata")
        noted = metadata if isinstance(metadata, Mapping) else {}
        try:
            begun = moment(item.get("updated_at")) or moment(item.get("created_at"))
            ends = moment(item.get("expiration_date"))
        except ValueError as error:
            reading.leave_out(where, str(error))
            continue
        hints = (
            *texts(item.get("categories")),
            *(names.get(one, one) for one in texts(item.get("category_ids"))),
            *texts(noted.get("category")),
            *texts(noted.get("categories")),
        )
        reading.fact(where, id=identifier, text=text, valid_from=begun, valid_to=ends, hints=hints)
    if isinstance(data, Mapping):
        for place, _ in objects(data.get("relations")):
            reading.leave_out(f"relation {place + 1}", "a relation of the graph, which repeats a memory")
    if len(people) > 1:
        raise Unusable(f"it holds memories of {len(people)} people; filter them by user_id, one import each")
    return reading.done()


def _category_names(data: JsonValue) -> dict[str, str]:
    """The categories of OpenMemory, which stand beside its memories."""
    listed = data.get("categories") if isinstance(data, Mapping) else None
    found = [item for _, item in objects(listed) if item is not None]
    return {
        identifier: name
        for item in found
        if (identifier := id_in(item, "id")) is not None and (name := text_in(item, "name")) is not None
    }


def _list(data: JsonValue) -> JsonValue:
    if isinstance(data, Mapping):
        return next((data[name] for name in _LISTS if name in data), None)
    return data
