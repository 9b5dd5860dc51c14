"""One operation of a model's reply, tied to the window's turns and the tree's slots and claims."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import ValidationError

from treering.errors.nearest import did_you_mean, nearest
from treering.memory.listeners.model_dates import since, until
from treering.memory.listeners.model_evidence import best_sentence, best_turn, find_quote, user_turns
from treering.memory.listeners.model_names import claim_named, turn_named
from treering.memory.retrieval.sparse import terms
from treering.schemas.claims import MAX_CLAIM_CHARS, SELF, Claim
from treering.schemas.listening import Draft, TextOperation, Window

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from treering.memory.prompts.listen_v2 import ListenItem
    from treering.memory.tree import PersonaTree
    from treering.schemas.dialogue import Turn
    from treering.schemas.trunk import Trunk

_USER = frozenset({"self", "user", "the user", "me"})
_ASSISTANT = frozenset({"assistant", "the assistant", "agent", "ai", "system", "other"})


class Unusable(Exception):
    """An operation that can be read and still cannot be used; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a reply refers to."""

    trunk: Trunk
    window: Window
    trees: Mapping[str, PersonaTree]


@dataclass(slots=True, kw_only=True)
class Drafted:
    """A draft, and what of its item was left out of it."""

    draft: Draft | None
    doubts: list[str] = field(default_factory=list)


def draft_item(item: ListenItem, around: Surroundings) -> Drafted:
    """The draft that a structured operation amounts to; none for a `NO_OP` that supports no claim.

    Raises:
        Unusable: It names an unknown slot, turn or claim, quotes what nobody said, or lacks its text.
    """
    claim = _target(item, around)
    if item.op == "NO_OP" and claim is None:
        return Drafted(draft=None)
    path = _slot(item.path, claim, around.trunk)
    text = _text(item.text) if item.op in ("ADD", "UPDATE") else None
    turn, quote = _evidence(item, text or (claim.text if claim else path), around.window)
    drafted = Drafted(draft=None)
    try:
        drafted.draft = Draft(
            kind=item.op,
            subject=claim.subject if claim else _subject(item.subject, around.window),
            path=path,
            text=text,
            target=claim.id if claim else None,
            message_id=turn.message_id,
            quote=quote,
            valid_from=_date(item.valid_from, turn.at, drafted.doubts, is_end=False),
            valid_to=_date(item.valid_to, turn.at, drafted.doubts, is_end=True),
            origin=item.origin or "stated",
            confidence=1.0 if item.confidence is None else item.confidence,
            condition=item.condition,
            reason=item.reason or "ended",
        )
    except ValidationError as error:
        raise Unusable(first_error(error)) from None
    return drafted


def draft_text_operation(operation: TextOperation, around: Surroundings) -> Draft | None:
    """The draft that an operation of the text grammar amounts to; none for `NO_OP`.

    The grammar has no place for evidence, so it is the user's turn, and the sentence in it, that shares the most
    words with the value.

    Raises:
        Unusable: It names an unknown slot, or no turn of the user supports it.
    """
    if operation.kind == "NO_OP":
        return None
    path = _slot(operation.path, None, around.trunk)
    text = _text(operation.value) if operation.kind != "DELETE" else None
    claim = _claim_meant(operation.value, path, around) if operation.kind == "DELETE" else None
    about = operation.value or _about(claim, path, around)
    turn = best_turn(about, around.window)
    if turn is None:
        raise Unusable("no turn of the user says so")
    return Draft(
        kind=operation.kind,
        path=path,
        text=text,
        target=claim.id if claim else None,
        message_id=turn.message_id,
        quote=best_sentence(about, turn.content),
    )


def first_error(error: ValidationError) -> str:
    """The first thing that is wrong with a value, without the value."""
    detail = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in detail['loc']) or 'it'}: {detail['msg']}"


def _target(item: ListenItem, around: Surroundings) -> Claim | None:
    if item.target is None or item.op == "ADD":
        return None
    claim = claim_named(item.target, around.trees)
    if claim is None:
        raise Unusable(f"{item.target[:40]!r} is the id of no claim that was listed")
    return claim


def _slot(path: str | None, claim: Claim | None, trunk: Trunk) -> str:
    if path is None and claim is not None:
        return claim.path
    if path is None:
        raise Unusable("it names no slot")
    if path in trunk.by_path:
        return path
    same = [slot for slot in trunk.by_path if slot.casefold() == path.strip().casefold()]
    if len(same) == 1:
        return same[0]
    if path in trunk.branch_paths:
        raise Unusable(f"{path} is a branch; name one of its slots")
    near = nearest(path[:240], trunk.by_path)
    raise Unusable(f"there is no slot {path[:240]!r}{did_you_mean(near)}")


def _text(text: str | None) -> str:
    text = (text or "").strip()
    if not text:
        raise Unusable("it has no text")
    if len(text) > MAX_CLAIM_CHARS:
        raise Unusable(f"its text has {len(text):,} characters, a claim at most {MAX_CLAIM_CHARS:,}")
    return text


def _subject(subject: str | None, window: Window) -> str:
    """The subject as it is named; a bare name that was said is that of a person."""
    name = SELF if subject is None or subject.strip().lower() in _USER else subject.strip()
    is_bare = name != SELF and ":" not in name and name.lower() not in _ASSISTANT
    said = (turn.content.casefold() for turn in (*window.context, *window.turns))
    return f"person:{name}" if is_bare and any(name.casefold() in text for text in said) else name


def _evidence(item: ListenItem, about: str, window: Window) -> tuple[Turn, str]:
    """The turn and its words: as cited; or another user turn that holds the quote; or the best without a citation."""
    cited = turn_named(item.message, window) if item.message is not None else None
    if item.message is not None and cited is None:
        raise Unusable(f"{item.message[:40]!r} is the id of no turn that was listed")
    if item.quote is not None:
        return _quoted(item.quote, cited, window)
    turn = cited or best_turn(about, window)
    if turn is None:
        raise Unusable("it cites no turn")
    return turn, best_sentence(about, turn.content)


def _quoted(quote: str, cited: Turn | None, window: Window) -> tuple[Turn, str]:
    for turn in [*([cited] if cited else []), *user_turns(window)]:
        words = find_quote(quote, turn.content)
        if words is not None:
            return turn, words
    raise Unusable("its quote does not occur in the turn, letter by letter")


def _date(text: str | None, said_at: datetime, doubts: list[str], *, is_end: bool) -> datetime | None:
    if text is None:
        return None
    try:
        return until(text, said_at) if is_end else since(text, said_at)
    except ValueError as error:
        doubts.append(str(error))
        return None


def _claim_meant(value: str | None, path: str, around: Surroundings) -> Claim | None:
    """The one current claim of the slot that shares the most words with the value, or without one, with the turns."""
    tree = around.trees.get(SELF)
    claims = tree.current(path) if tree else ()
    heard = set(terms(value or " ".join(turn.content for turn in user_turns(around.window))))
    overlaps = [len(heard & set(terms(claim.text))) for claim in claims]
    if not overlaps or not max(overlaps) or overlaps.count(max(overlaps)) > 1:
        return None
    return claims[overlaps.index(max(overlaps))]


def _about(claim: Claim | None, path: str, around: Surroundings) -> str:
    if claim is not None:
        return claim.text
    slot = around.trunk.by_path[path]
    return " ".join((slot.description, *slot.examples))
