"""What an application can attach to a conversation: the profile and how it came about, as `memory://` addresses."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import unquote

from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, Resource, ResourceTemplate, TextContent

from treering.errors import InvalidInput, TreeringError
from treering.memory.prompts.fence import fenced
from treering.schemas.claims import FORGOTTEN, SELF
from treering.schemas.operations import Add, Delete, LedgerEntry, NoOp, Update
from treering.sidecar.mcp.person import Person
from treering.sidecar.mcp.tools import called

_log = logging.getLogger("treering.sidecar")

SCHEME = "memory://"
MEDIA_TYPE = "text/plain"

MAX_SLOTS = 40
"""Slots that are listed one by one."""

MAX_ENTRIES = 100
"""Changes that a history shows, the latest: about 2,500 tokens."""

_WHOLE = (
    Resource(
        uri=f"{SCHEME}persona",
        name="persona",
        title="Profile",
        description="What is known about the person now, slot by slot, without what is sensitive.",
        mime_type=MEDIA_TYPE,
    ),
    Resource(
        uri=f"{SCHEME}history",
        name="history",
        title="History",
        description="How the profile came about: the latest changes, without those of what is sensitive.",
        mime_type=MEDIA_TYPE,
    ),
)

TEMPLATES = (
    ResourceTemplate(
        uri_template=f"{SCHEME}persona/{{path}}",
        name="persona-slot",
        title="A slot or a branch of the profile",
        description="What is known there now, e.g. memory://persona/home. A sensitive slot has to be named itself.",
        mime_type=MEDIA_TYPE,
    ),
    ResourceTemplate(
        uri_template=f"{SCHEME}history/{{path}}",
        name="history-slot",
        title="How a slot or a branch came about",
        description="The latest changes there, e.g. memory://history/home.city.",
        mime_type=MEDIA_TYPE,
    ),
)


def listed(person: Person) -> list[Resource]:
    """The profile, its history, and each slot that has something in it and is not sensitive.

    Raises:
        MCPError: The memory does not answer.
    """
    with _told():
        slots = person.memory.tree(person.user, tenant=person.tenant).without_held_back().slots
    filled = [slot for slot in slots if slot.claims and slot.sensitivity != "special"]
    return [
        *_WHOLE,
        *(
            Resource(
                uri=f"{SCHEME}persona/{slot.path}", name=slot.path, description=slot.description, mime_type=MEDIA_TYPE
            )
            for slot in filled[:MAX_SLOTS]
        ),
    ]


def read(person: Person, uri: str) -> str:
    """What stands at an address, fenced.

    Raises:
        MCPError: There is no such address, or the memory does not answer.
    """
    kind, _, rest = uri.removeprefix(SCHEME).partition("/")
    path = unquote(rest) or None
    match kind if uri.startswith(SCHEME) else None:
        case "persona":
            return _persona(person, path)
        case "history":
            return _history(person, path)
        case _:
            raise MCPError(INVALID_PARAMS, "There is no such resource; resources/list names them.")


def _persona(person: Person, path: str | None) -> str:
    found = called(person, "read_persona", {} if path is None else {"path": path})
    text = "".join(part.text for part in found.content if isinstance(part, TextContent))
    if found.is_error:
        raise MCPError(INTERNAL_ERROR, text)
    return text


def _history(person: Person, path: str | None) -> str:
    with _told():
        entries = person.memory.history(person.user, path, tenant=person.tenant)
        slots = person.memory.trunk().slots
        waiting = person.memory.quarantine(person.user, tenant=person.tenant)
    # A slot that this trunk no longer has may have been a sensitive one.
    shown = {slot.path for slot in slots if slot.sensitivity != "special"} | {path}
    to_forget = {held.verdict.forgets for held in waiting}
    lines = list(_lines((one for one in entries if _claim_of(one) not in to_forget), shown))
    left_out = [f"({len(lines) - MAX_ENTRIES} earlier changes are left out)"] if len(lines) > MAX_ENTRIES else []
    return fenced("\n".join([*left_out, *lines[-MAX_ENTRIES:]])) if lines else "Nothing has changed here yet."


def _claim_of(entry: LedgerEntry) -> str:
    operation = entry.operation
    return operation.claim.id if isinstance(operation, Add | Update) else operation.target or ""


def _lines(entries: Iterable[LedgerEntry], shown: set[str | None]) -> Iterable[str]:
    said: dict[str, str] = {}
    for entry in entries:
        match entry.operation:
            case Add(claim=claim) | Update(claim=claim):
                said[claim.id] = " ".join(claim.text.split())
                what, path, subject, text = "", claim.path, claim.subject, said[claim.id]
            case Delete(path=path, target=target, subject=subject, reason=reason):
                what, text = f"{reason}: ", said.get(target, target)
            case NoOp():
                continue
        if path in shown:
            whose = "" if subject == SELF else f" ({subject})"
            yield f"{entry.recorded_at:%Y-%m-%d} {path}{whose}: {what}{'(forgotten)' if text == FORGOTTEN else text}"


@contextmanager
def _told() -> Iterator[None]:
    """Makes of any error one of the protocol, with its words only where they are about the address."""
    try:
        yield
    except InvalidInput as error:
        raise MCPError(INVALID_PARAMS, str(error)) from error
    except Exception as error:
        if not isinstance(error, TreeringError):
            _log.error("a resource failed: %s", type(error).__name__)
        raise MCPError(INTERNAL_ERROR, f"The memory cannot be read now ({type(error).__name__}).") from error
