"""Hashes that name messages and chain the ledger, and the cut between an operation's facts and its words.

The ledger's chain covers the facts of each operation and a salted commitment to its words. So the words can be
erased on request, and every digest still holds.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from treering.schemas.claims import FORGOTTEN, Claim
from treering.schemas.operations import Operation
from treering.schemas.value import WHEN_USED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from treering.schemas.dialogue import Role

MESSAGE_ID_CHARS = 32
"""Length of a default message id, in hex digits: 128 bits, so that two messages never share one by chance."""

_OPERATION: TypeAdapter[Operation] = TypeAdapter(Operation, config=WHEN_USED)


def canonical(value: object) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text, on one line."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def message_id(session: str, index: int, role: Role, content: str) -> str:
    """The id of a message that came without one: the same message at the same place has the same.

    Example:
        >>> message_id("s1", 0, "user", "Hello") == message_id("s1", 0, "user", "Hello")
        True
    """
    return _sha256(canonical([session, index, role, content]))[:MESSAGE_ID_CHARS]


def commitment(salt: bytes, words: str) -> str:
    """SHA-256 over salt and words, in hex. Without the salt, nobody can test a guess at the words."""
    return hashlib.sha256(salt + words.encode()).hexdigest()


def chain(previous: str, body: str, committed: str) -> str:
    """The digest of an entry, in hex: over the digest before it, its body, and the commitment to its words."""
    return _sha256(f"{previous}\n{body}\n{committed}")


def separate(operation: Operation, alias: Callable[[str], str] = str) -> tuple[str, str]:
    """An operation as two canonical JSON texts: the body without `recorded_at` and words, and the words.

    In the body, `alias(subject)` stands for the subject.

    Example:
        >>> from treering.schemas.operations import NoOp
        >>> separate(NoOp(why="known already"))
        ('{"evidence":[],"kind":"NO_OP","target":null}', '{"quotes":[],"why":"known already"}')
    """
    body: dict[str, Any] = operation.model_dump(mode="json")
    holder = body.get("claim", body)
    holder.pop("recorded_at", None)
    if "subject" in holder:
        holder["subject"] = alias(holder["subject"])
    words = {key: holder.pop(key) for key in ("text", "condition") if key in holder}
    words |= {"why": body.pop("why")} if "why" in body else {}
    words["quotes"] = [piece.pop("quote") for piece in holder["evidence"]]
    return canonical(body), canonical(words)


def reunite(body: str, words: str | None, recorded_at: datetime | None, name: Callable[[str], str] = str) -> Operation:
    """The operation again, from what `separate` made of it; erased words (None) read as `[forgotten]`.

    `name(alias)` is the subject that an alias stands for.
    """
    facts: dict[str, Any] = json.loads(body)
    holder = facts.get("claim", facts)
    spoken: dict[str, Any] = json.loads(words) if words is not None else {}
    if "subject" in holder:
        holder["subject"] = name(holder["subject"])
    if "claim" in facts:
        holder["recorded_at"] = recorded_at
        holder["text"] = spoken.get("text", FORGOTTEN)
        holder["condition"] = spoken.get("condition")
    facts["why"] = spoken.get("why", FORGOTTEN if facts["kind"] == "NO_OP" else None)
    _put_quotes(holder["evidence"], spoken.get("quotes"))
    return _OPERATION.validate_python(facts)


def without_words(claim: Claim) -> Claim:
    """A live claim whose words were erased: the same claim that `reunite` makes of its entry."""
    evidence = tuple(piece.model_copy(update={"quote": FORGOTTEN}) for piece in claim.evidence)
    return claim.model_copy(update={"text": FORGOTTEN, "condition": None, "evidence": evidence})


def _put_quotes(evidence: list[dict[str, Any]], quotes: Sequence[str] | None) -> None:
    for place, piece in enumerate(evidence):
        piece["quote"] = FORGOTTEN if quotes is None else quotes[place]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
