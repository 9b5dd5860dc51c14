"""ChatGPT's data export: `conversations.json`, where each conversation is a tree of messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from treering.memory.exchange.foreign.fields import Reading, id_in, moment, objects, text_in

if TYPE_CHECKING:
    from pydantic import JsonValue

    from treering.schemas.foreign import Foreign

    Node = Mapping[str, JsonValue]

_SPOKEN = ("text", "multimodal_text")
"""Kinds of content that somebody said; the others are thoughts, code for tools, settings."""


def looks_like(data: JsonValue) -> bool:
    """Whether it is a conversation, or a list of them."""
    return any(item is not None and "mapping" in item for _, item in objects(_list(data)))


def read(data: JsonValue) -> Foreign:
    """A session for each conversation, a turn for each message that was shown in it.

    Only the branch counts that leads to the current message: what was edited away was taken back.
    """
    reading = Reading("chatgpt")
    for place, conversation in objects(_list(data)):
        where = f"conversation {place + 1}"
        nodes = None if conversation is None else conversation.get("mapping")
        if conversation is None or not isinstance(nodes, Mapping):
            reading.leave_out(where, "has no messages")
            continue
        session = id_in(conversation, "conversation_id", "id")
        if session is None:
            reading.leave_out(where, "has no id")
            continue
        _conversation(reading, where, f"chatgpt:{session}", conversation, nodes)
    return reading.done()


def _conversation(
    reading: Reading, where: str, session: str, conversation: Node, nodes: Mapping[str, JsonValue]
) -> None:
    branch = _branch(nodes, conversation.get("current_node"))
    for name in branch:
        _message(reading, f"{where}, message {name}", session, _node(nodes, name), conversation.get("create_time"))
    for name in nodes.keys() - set(branch):
        message = _node(nodes, name).get("message")
        if isinstance(message, Mapping) and _text(message):
            reading.leave_out(f"{where}, message {name}", "on a branch that was edited away")


def _branch(nodes: Mapping[str, JsonValue], current: JsonValue) -> list[str]:
    """The names of the nodes from the root to the current one; to the latest leaf, where no current one is named."""
    name = current if isinstance(current, str) and current in nodes else _latest_leaf(nodes)
    found: list[str] = []
    while name is not None and name in nodes and name not in found:
        found.append(name)
        parent = _node(nodes, name).get("parent")
        name = parent if isinstance(parent, str) else None
    return found[::-1]


def _latest_leaf(nodes: Mapping[str, JsonValue]) -> str | None:
    parents = {_node(nodes, name).get("parent") for name in nodes}
    leaves = [name for name in nodes if name not in parents]
    return max(leaves, key=lambda name: _time(_node(nodes, name)), default=None)


def _time(node: Node) -> float:
    message = node.get("message")
    value = message.get("create_time") if isinstance(message, Mapping) else None
    return float(value) if isinstance(value, int | float) else 0.0


def _node(nodes: Mapping[str, JsonValue], name: str) -> Node:
    node = nodes[name]
    return node if isinstance(node, Mapping) else {}


def _message(reading: Reading, where: str, session: str, node: Node, begun: JsonValue) -> None:
    message = node.get("message")
    if message is None:
        return  # the root, which is there to hang the tree on
    if not isinstance(message, Mapping):
        reading.leave_out(where, "is no object")
        return
    why = _reason_to_skip(message)
    if why is not None:
        reading.leave_out(where, why)
        return
    try:
        at = moment(message.get("create_time")) or moment(begun)
    except ValueError as error:
        reading.leave_out(where, str(error))
        return
    role = _role(message)
    reading.say(where, session, role=role, content=_text(message), id=id_in(message, "id"), at=at)


def _reason_to_skip(message: Node) -> str | None:
    role = _role(message)
    content = message.get("content")
    kind = content.get("content_type") if isinstance(content, Mapping) else None
    metadata = message.get("metadata")
    noted = metadata if isinstance(metadata, Mapping) else {}
    if noted.get("is_visually_hidden_from_conversation"):
        return "hidden in the conversation"
    if role not in ("user", "assistant"):
        return f"a message of role {role}"
    if kind not in _SPOKEN:
        return f"content of kind {kind}, which nobody said"
    if message.get("recipient") not in (None, "all"):
        return "said to a tool"
    return None if _text(message) else "has no text"


def _role(message: Node) -> str | None:
    author = message.get("author")
    return text_in(author, "role") if isinstance(author, Mapping) else None


def _text(message: Node) -> str:
    """The words of a message; pictures and files have none, speech has its transcript."""
    content = message.get("content")
    parts = content.get("parts") if isinstance(content, Mapping) else None
    if not isinstance(parts, list):
        return ""
    said = [text_in(part, "text") or "" if isinstance(part, Mapping) else part for part in parts]
    return "\n".join(part for part in said if isinstance(part, str) and part.strip())


def _list(data: JsonValue) -> JsonValue:
    return [data] if isinstance(data, Mapping) else data
