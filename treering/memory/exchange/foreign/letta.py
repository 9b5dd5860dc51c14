"""Letta: an agent file with its memory blocks and messages, and archival passages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from treering.memory.exchange.foreign.fields import Reading, id_in, moment, objects, text_in, texts
from treering.schemas.claims import SELF

if TYPE_CHECKING:
    from pydantic import JsonValue

    from treering.schemas.foreign import Foreign

_BLOCKS = ("blocks", "core_memory", "memory_blocks")
_PASSAGES = ("passages", "archival_passages", "archival_memory")
_BULLETS = "-*•# \t"


def looks_like(data: JsonValue) -> bool:
    """Whether it is an agent file, or a list of blocks or passages."""
    if isinstance(data, Mapping):
        return "agents" in data or any(name in data for name in (*_BLOCKS, *_PASSAGES))
    found = [item for _, item in objects(data) if item is not None]
    return bool(found) and all(_is_block(item) or _is_passage(item) for item in found)


def _is_block(item: Mapping[str, JsonValue]) -> bool:
    return "label" in item and "value" in item


def _is_passage(item: Mapping[str, JsonValue]) -> bool:
    return "text" in item and ("archive_id" in item or "agent_id" in item or "embedding_config" in item)


def read(data: JsonValue) -> Foreign:
    """A fact for each line of a block and for each passage; a turn for each message between person and agent.

    The block `persona` is about the agent, all others are about the person; labels and tags are hints.
    """
    reading = Reading("letta")
    holders = [data] if isinstance(data, Mapping) else [_sorted(data)]
    holders += [agent for _, agent in objects(holders[0].get("agents")) if agent is not None]
    agent = next((name for holder in reversed(holders) if (name := text_in(holder, "name"))), "Letta")
    for number, holder in enumerate(holders):
        for name in _BLOCKS:
            for place, block in objects(holder.get(name)):
                _block(reading, f"{name} {place + 1}", block, agent)
        for name in _PASSAGES:
            for place, passage in objects(holder.get(name)):
                _passage(reading, f"{name} {place + 1}", passage)
        session = id_in(holder, "id") or f"letta-{number}"
        for place, message in objects(holder.get("messages")):
            _message(reading, f"messages {place + 1}", message, session)
    return reading.done()


def _sorted(items: JsonValue) -> Mapping[str, JsonValue]:
    """A bare list of blocks and passages, under the names that they have in an agent file."""
    blocks: list[JsonValue] = []
    passages: list[JsonValue] = []
    for _, item in objects(items):
        found = None if item is None else dict(item)
        (passages if found is not None and not _is_block(found) else blocks).append(found)
    return {"blocks": blocks, "passages": passages}


def _block(reading: Reading, where: str, block: Mapping[str, JsonValue] | None, agent: str) -> None:
    label = None if block is None else text_in(block, "label", "name")
    if block is None or label is None or not isinstance(block.get("value"), str):
        reading.leave_out(where, "has no label with a value")
        return
    try:
        begun = moment(block.get("updated_at")) or moment(block.get("created_at"))
    except ValueError as error:
        reading.leave_out(where, str(error))
        return
    identifier = id_in(block, "id") or label
    lines = [line.strip(_BULLETS) for line in str(block["value"]).splitlines()]
    for number, line in enumerate(filter(None, lines), start=1):
        reading.fact(
            f"{where}, line {number}",
            id=f"{identifier}#{line}",  # lines are edited, moved and taken out: they have no other name
            text=line,
            subject=f"agent:{agent}" if label == "persona" else SELF,
            valid_from=begun,
            hints=(label,),
        )


def _passage(reading: Reading, where: str, passage: Mapping[str, JsonValue] | None) -> None:
    text = None if passage is None else text_in(passage, "text", "content")
    if passage is None or text is None:
        reading.leave_out(where, "has no text")
        return
    try:
        begun = moment(passage.get("created_at"))
    except ValueError as error:
        reading.leave_out(where, str(error))
        return
    identifier = id_in(passage, "id") or text
    reading.fact(where, id=identifier, text=text, valid_from=begun, hints=texts(passage.get("tags")))


def _message(reading: Reading, where: str, message: Mapping[str, JsonValue] | None, session: str) -> None:
    role = None if message is None else text_in(message, "role")
    if message is None or role not in ("user", "assistant"):
        reading.leave_out(where, f"a message of role {role}" if role else "has no role")
        return
    said = _said_by_user(_content(message)) if role == "user" else _said_by_agent(message)
    if said is None:
        reading.leave_out(where, f"an event, which nobody said (role {role})")
        return
    try:
        at = moment(message.get("created_at"))
    except ValueError as error:
        reading.leave_out(where, str(error))
        return
    reading.say(where, session, role=role, content=said, id=id_in(message, "id"), at=at)


def _content(message: Mapping[str, JsonValue]) -> str:
    parts = message.get("content")
    if parts is None:
        return text_in(message, "text") or ""
    if isinstance(parts, str):
        return parts
    return "\n".join(text for _, part in objects(parts) if part is not None and (text := text_in(part, "text")))


def _said_by_user(content: str) -> str | None:
    """What a person said: plain, or in the envelope that older agents put around it; None for other envelopes."""
    envelope = _object(content)
    if envelope is None or "type" not in envelope:
        return content or None
    return text_in(envelope, "message") if envelope["type"] == "user_message" else None


def _said_by_agent(message: Mapping[str, JsonValue]) -> str | None:
    """What an agent said: by the tool that older agents speak with, whose content is a thought; or as content."""
    calls = [call for _, call in objects(message.get("tool_calls")) if call is not None]
    for call in calls:
        function = call.get("function")
        if isinstance(function, Mapping) and function.get("name") == "send_message":
            arguments = _object(text_in(function, "arguments") or "")
            return text_in(arguments, "message") if arguments else None
    return None if calls else _content(message) or None


def _object(text: str) -> Mapping[str, JsonValue] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, Mapping) else None
