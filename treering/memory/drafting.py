"""Ties a listener's draft to the words it rests on and to the claims of the tree. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from treering.memory.tree import PersonaTree
from treering.memory.whose import whose
from treering.memory.wording.assent import is_assent
from treering.memory.wording.quoting import locate
from treering.schemas.claims import MAX_CLAIM_CHARS, MAX_CONDITION_CHARS, SELF, Claim, Evidence
from treering.schemas.operations import Add, Delete, NoOp, Operation, Update

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from treering.memory.operations import Forest
    from treering.schemas.dialogue import Turn
    from treering.schemas.listening import Draft, Window
    from treering.schemas.trunk import Trunk

_CLAIM_ID_CHARS = 24  # 96 bits: no collision among billions of claims of one person


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """Why a draft cannot become an operation."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cited:
    evidence: tuple[Evidence, ...]
    turn: Turn
    """The turn that makes it a statement: the one that is quoted, or the yes to it."""


def resolve(
    draft: Draft, *, trunk: Trunk, forest: Forest, window: Window, now: datetime, taken: Collection[str] = ()
) -> Operation | Unresolved:
    """The operation that a draft amounts to, given the present trees.

    What the slot already holds decides the kind: words that say the same become `NO_OP`, a second statement in a
    one-valued slot becomes `UPDATE`, a plain `ADD` stays one.

    Args:
        draft: What the listener wants.
        trunk: The trunk.
        forest: The present trees by subject.
        window: The turns that may be cited.
        now: Becomes `recorded_at`.
        taken: Claim ids that were given out in this window already.
    """
    cited = _cite(draft, window)
    if isinstance(cited, Unresolved):
        return cited
    if draft.kind == "NO_OP":
        return NoOp(why=draft.text or "nothing to learn", target=draft.target, evidence=cited.evidence)
    tree = forest.get(draft.subject) or PersonaTree(trunk=trunk, subject=draft.subject)
    target = _target(draft, tree)
    if isinstance(target, Unresolved):
        return target
    if draft.kind == "DELETE":
        return _delete(draft, target, cited)
    return _put(draft, tree, target, cited=cited, now=now, taken=taken)


def claim_id(message_id: str, span: str, subject: str, path: str, nth: int = 0) -> str:
    """Id of a claim: a hash of message, span, subject and path; `nth` tells apart several claims from one span."""
    content = "\x1f".join((message_id, span, subject, path, str(nth)))
    return hashlib.sha256(content.encode()).hexdigest()[:_CLAIM_ID_CHARS]


def same_words(left: str, right: str) -> bool:
    """True if two statements differ in case, spacing and punctuation at most."""
    return _words(left) == _words(right)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _cite(draft: Draft, window: Window) -> _Cited | Unresolved:
    if draft.message_id is None or not draft.quote:
        return Unresolved(rule="no-evidence", why="the draft cites no message")
    answer = _confirming(draft.message_id, window)
    turns = {turn.message_id: turn for turn in (window.context if answer else ())}
    turns |= {turn.message_id: turn for turn in window.turns}
    turn = turns.get(draft.message_id)
    if turn is None:
        return Unresolved(rule="unknown-message", why=f"{draft.message_id!r} is not in the window")
    span = locate(draft.quote, turn.content)
    if span is None:
        return Unresolved(rule="span-not-in-message", why="the quoted words do not occur in the message")
    start, end = span
    evidence = Evidence(message_id=turn.message_id, quote=turn.content[start:end], start=start)
    if answer is None:
        return _Cited(evidence=(evidence,), turn=turn)
    said = answer.content.strip()
    yes = Evidence(message_id=answer.message_id, quote=said, start=answer.content.index(said))
    return _Cited(evidence=(evidence, yes), turn=answer)


def _confirming(message_id: str, window: Window) -> Turn | None:
    """The turn of the window in which the user says yes to an assistant's message, right after it."""
    for before, after in pairwise((*window.context, *window.turns)):
        if before.message_id == message_id and before.role == "assistant":
            is_yes = after in window.turns and after.role == "user" and is_assent(after.content)
            return after if is_yes and whose(after, window) == SELF else None
    return None


def _target(draft: Draft, tree: PersonaTree) -> Claim | Unresolved | None:
    if draft.target is not None:
        claim = tree.claims.get(draft.target)
        return claim or Unresolved(rule="unknown-claim", why=f"{draft.target} is not a live claim")
    current = tree.current(draft.path)
    if draft.kind == "DELETE" and len(current) > 1:
        return Unresolved(rule="ambiguous-target", why=f"{draft.path} holds {len(current)} claims; name one")
    return current[0] if draft.kind != "ADD" and len(current) == 1 else None


def _delete(draft: Draft, target: Claim | None, cited: _Cited) -> Operation | Unresolved:
    if target is None:
        return Unresolved(rule="nothing-to-end", why=f"{draft.path} holds no current claim")
    if draft.reason == "ended" and target.valid_to is not None:
        return Unresolved(rule="already-ended", why=f"claim {target.id} has ended already")
    at = draft.valid_to or draft.valid_from or cited.turn.at
    return Delete(
        subject=target.subject,
        path=target.path,
        target=target.id,
        reason=draft.reason,
        at=at,
        evidence=cited.evidence,
    )


def _put(
    draft: Draft, tree: PersonaTree, target: Claim | None, *, cited: _Cited, now: datetime, taken: Collection[str]
) -> Operation | Unresolved:
    text = " ".join((draft.text or "").split())
    if not text or len(text) > MAX_CLAIM_CHARS:
        return Unresolved(rule="bad-length", why=f"a claim has 1 to {MAX_CLAIM_CHARS} characters, this {len(text)}")
    path = target.path if target else draft.path
    known = next((c for c in tree.current(path) if same_words(c.text, text)), None)
    if known is not None:
        return NoOp(why="known already", target=known.id, evidence=cited.evidence)
    valid_from = draft.valid_from or cited.turn.at
    if draft.valid_to is not None and draft.valid_to < valid_from:
        return Unresolved(rule="ends-before-it-begins", why="the draft's dates are the wrong way round")
    claim = Claim(
        id=_free_id(cited.evidence[0], draft.subject, path, taken),
        subject=draft.subject,
        path=path,
        text=text,
        valid_from=valid_from,
        valid_to=draft.valid_to,
        recorded_at=now,
        order=cited.turn.seq,
        evidence=cited.evidence,
        origin=draft.origin,
        confidence=draft.confidence,
        condition=" ".join((draft.condition or "").split())[:MAX_CONDITION_CHARS].strip() or None,
        supersedes=_superseded(tree, target, path),
    )
    return Update(claim=claim) if claim.supersedes else Add(claim=claim)


def _superseded(tree: PersonaTree, target: Claim | None, path: str) -> tuple[str, ...]:
    if target is not None:
        return (target.id,)
    slot = tree.trunk.by_path.get(path)
    return tuple(c.id for c in tree.current(path)) if slot is not None and slot.cardinality == "one" else ()


def _free_id(evidence: Evidence, subject: str, path: str, taken: Collection[str]) -> str:
    nth = 0
    span = f"{evidence.start}:{evidence.quote}"
    while (found := claim_id(evidence.message_id, span, subject, path, nth)) in taken:
        nth += 1
    return found
