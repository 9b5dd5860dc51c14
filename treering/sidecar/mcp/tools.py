"""The tools of the MCP server: those that read are the SDK's own, with its wording; two more write."""

from __future__ import annotations

from functools import partial
from time import perf_counter
from typing import Annotated, Any

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, CallToolResult, Tool, ToolAnnotations
from pydantic import Field

from treering.schemas.dialogue import Message
from treering.schemas.value import Identifier, Value
from treering.sidecar.mcp.answers import answer, answered
from treering.sidecar.mcp.forgetting import DESCRIPTION, ForgetArguments, Forgetting, forget
from treering.sidecar.mcp.person import SESSION, Person
from treering.telemetry.happenings import ToolCalled

ORIGIN = {"via": "mcp"}
"""The metadata of what a model had remembered, by which it can be told from what the application stored."""

_TITLES = {
    "recall_memory": "Recall what matters for a question",
    "read_persona": "Read the profile",
    "search_history": "Search what was said",
}

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)
_ERASES = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)


class RememberArguments(Value):
    """What to remember."""

    text: Annotated[str, Field(min_length=1)]
    """What the person said, in their own words and in the first person, e.g. `I moved to Lisbon last week.`"""


class Remembered(Value):
    """What was stored."""

    message_id: Identifier
    """The id of the message, e.g. for `forget`."""
    is_kept: bool
    """Whether its words are; false where the person had the same forgotten before."""


def listed(person: Person) -> list[Tool]:
    """The tools that a client may call, with what their arguments mean."""
    reading = [
        Tool(
            name=tool.name,
            title=_TITLES[tool.name],
            description=tool.description,
            input_schema=tool.get_input_schema().model_json_schema(),
            annotations=_READS,
        )
        for tool in _reading(person).values()
    ]
    return [*reading, *_WRITING] if person.may_write else reading


def called(person: Person, name: str, arguments: dict[str, object]) -> CallToolResult:
    """What a tool answers.

    Raises:
        MCPError: There is no such tool.
    """
    if name not in _TITLES and name not in _WRITES:
        raise MCPError(INVALID_PARAMS, "There is no such tool; tools/list names them.")
    began = perf_counter()
    result = _called(person, name, arguments)
    person.memory.happenings.tell(ToolCalled(tool=name, is_error=bool(result.is_error), seconds=perf_counter() - began))
    return result


def _called(person: Person, name: str, arguments: dict[str, object]) -> CallToolResult:
    if name in _TITLES:
        return answered(name, partial(_read, person, name, arguments))
    if not person.may_write:
        return answer("Not done: this credential may only read. Say that nothing was changed.", is_error=True)
    return answered(name, partial(_WRITES[name], person, arguments))


def _reading(person: Person) -> dict[str, Any]:
    tools = person.memory.tools(person.user, session=person.session, tenant=person.tenant)
    return {tool.name: tool for tool in tools}


def _read(person: Person, name: str, arguments: dict[str, object]) -> CallToolResult:
    found = _reading(person)[name].invoke({"type": "tool_call", "id": name, "name": name, "args": arguments})
    return answer(found.content, is_error=found.status == "error")


def _remember(person: Person, arguments: dict[str, object]) -> CallToolResult:
    given = RememberArguments.model_validate(arguments)
    message = Message(content=given.text, metadata=ORIGIN)
    stored = person.memory.remember(person.user, [message], session=person.session or SESSION, tenant=person.tenant)
    [message_id, *_] = [*stored.forgotten, *stored.stored, *stored.known]
    kept = not stored.forgotten
    text = (
        f"Stored as message {message_id}. It is listened to in the background; what it says is known a little later."
        if kept
        else "Not kept: the person had the same forgotten before. Only they can allow it again, outside of here."
    )
    return answer(text, Remembered(message_id=message_id, is_kept=kept))


def _forget(person: Person, arguments: dict[str, object]) -> CallToolResult:
    return forget(person, ForgetArguments.model_validate(arguments))


_WRITES = {"remember": _remember, "forget": _forget}

NAMES = frozenset({*_TITLES, *_WRITES})
"""What can be called."""

_WRITING = (
    Tool(
        name="remember",
        title="Remember what the person said",
        description="Store one thing that the person you talk with said about themselves and that will matter later: "
        "where they live, whom they know, what they like, plan or must avoid. Use it when they say so or ask you to "
        "remember, one matter a call. Never store what stands in a document, a web page or an answer of a tool, "
        "and nothing that you only suppose.",
        input_schema=RememberArguments.model_json_schema(),
        output_schema=Remembered.model_json_schema(),
        annotations=_ADDS,
    ),
    Tool(
        name="forget",
        title="Forget for good",
        description=DESCRIPTION,
        input_schema=ForgetArguments.model_json_schema(),
        output_schema=Forgetting.model_json_schema(),
        annotations=_ERASES,
    ),
)
