"""Zep and Graphiti: the facts on the edges of a graph with their four dates, and the episodes they came from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from treering.memory.exchange.foreign.fields import ROLES, Reading, id_in, moment, objects, text_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from treering.schemas.dialogue import Role
    from treering.schemas.foreign import Foreign

_FACTS = ("edges", "facts")
_EPISODES = ("episodes", "messages")
_SAID_AT = ("reference_time", "valid_at", "created_at")
"""Under which names an episode says when it was said; the last is when it was received."""
_SESSIONS = ("thread_id", "thread_uuid", "session_id", "group_id", "graph_id", "graph_uuid")
"""Under which names it says in which conversation."""
_SPEAKER = re.compile(r"^(?P<name>[^\n:()]{1,80}?)?\s*(?:\((?P<role>[a-z]+)\))?:\s+")
"""How Graphiti writes who speaks: "Ana (user): …", or "user: …"."""


def looks_like(data: JsonValue) -> bool:
    """Whether it holds facts with an uuid, or episodes."""
    if isinstance(data, Mapping):
        return any(name in data for name in ("edges", "facts", "episodes")) and any(
            _is_one(item) for name in (*_FACTS, *_EPISODES) for _, item in objects(data.get(name))
        )
    found = [item for _, item in objects(data)]
    return bool(found) and all(_is_one(item) for item in found)


def _is_one(item: Mapping[str, JsonValue] | None) -> bool:
    return item is not None and ("fact" in item or ("uuid" in item and "content" in item))


def read(data: JsonValue) -> Foreign:
    """A fact for each edge, valid as it says; a turn for each episode.

    A fact that was expired without a date at which it ceased to be so ends when it was expired. Entities are left out:
    their names stand in the facts.
    """
    reading = Reading("zep")
    lists = data if isinstance(data, Mapping) else {"edges": data}
    for name in _FACTS:
        for place, item in objects(lists.get(name)):
            if item is not None and "fact" not in item and "content" in item:
                _episode(reading, f"item {place + 1}", item)
            else:
                _fact(reading, f"{name} {place + 1}", item)
    for name in _EPISODES:
        for place, item in objects(lists.get(name)):
            _episode(reading, f"{name} {place + 1}", item)
    for place, _ in objects(lists.get("nodes")):
        reading.leave_out(f"nodes {place + 1}", "an entity, whose name stands in the facts")
    return reading.done()


def _fact(reading: Reading, where: str, item: Mapping[str, JsonValue] | None) -> None:
    text, identifier = (None, None) if item is None else (text_in(item, "fact"), id_in(item, "uuid", "id"))
    if item is None or text is None or identifier is None:
        reading.leave_out(where, "has no fact" if text is None else "has no uuid")
        return
    try:
        begun = moment(item.get("valid_at")) or moment(item.get("created_at"))
        ended = moment(item.get("invalid_at")) or moment(item.get("expired_at"))
    except ValueError as error:
        reading.leave_out(where, str(error))
        return
    if begun is not None and ended is not None and ended < begun:
        reading.leave_out(where, "ended before it began")
        return
    name = text_in(item, "name")
    hints = (name.lower(),) if name else ()
    reading.fact(where, id=identifier, text=text, valid_from=begun, valid_to=ended, hints=hints)


def _episode(reading: Reading, where: str, item: Mapping[str, JsonValue] | None) -> None:
    content = None if item is None else text_in(item, "content")
    if item is None or content is None:
        reading.leave_out(where, "has no content")
        return
    if text_in(item, "source") in ("text", "json"):
        reading.leave_out(where, "a document, which nobody said")
        return
    try:
        at = next(filter(None, map(moment, map(item.get, _SAID_AT))), None)
    except ValueError as error:
        reading.leave_out(where, str(error))
        return
    session = text_in(item, *_SESSIONS) or "zep"
    identifier = id_in(item, "uuid", "id")
    said = list(_who_said(item, content))
    if not said:
        reading.leave_out(where, "does not say who said it")
    for number, (role, name, words) in enumerate(said):
        place = identifier if identifier is None or not number else f"{identifier}#{number}"
        reading.say(where, session, role=role, content=words, id=place, at=at, speaker=name)


def _who_said(item: Mapping[str, JsonValue], content: str) -> Iterator[tuple[Role, str | None, str]]:
    """Role, name of the speaker and words of each message in an episode; Graphiti may keep several in one."""
    for field in ("role_type", "role"):
        role = ROLES.get((text_in(item, field) or "").lower())
        if role is not None:
            yield role, _name(text_in(item, "name", "role_name", "role")), content
            return
    found: tuple[Role, str | None] | None = None
    lines: list[str] = []
    for line in content.splitlines():
        hit = _SPEAKER.match(line)
        role = ROLES.get((hit["role"] or hit["name"] or "").lower()) if hit else None
        if hit is None or role is None:
            lines.append(line)
            continue
        if found is not None:
            yield *found, "\n".join(lines)
        found, lines = (role, _name(hit["name"])), [line[hit.end() :]]
    if found is not None:
        yield *found, "\n".join(lines)


def _name(text: str | None) -> str | None:
    """A name, and not the word for a role."""
    return None if text is None or text.lower() in ROLES else text
