"""Drafts from statements: which are kept, and what each does to the tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.conditions import condition_of
from treering.memory.listeners.worth import promise, worth
from treering.memory.tree import PersonaTree, precedence
from treering.schemas.listening import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from treering.memory.listeners.cessation import Ending
    from treering.memory.listeners.hearing import Heard
    from treering.memory.listeners.matching import Matcher
    from treering.memory.listeners.routing import Route
    from treering.memory.ports import Vector
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Turn
    from treering.schemas.operations import OperationKind

KEEP_FROM = 0.42
"""Least worth of a statement that is kept; see `worth`. Chosen where talk about the talk ends and facts begin."""
MIN_PROMISE = -0.1
"""Least worth by its words alone: below it a statement would need a nearer slot than everyday sentences have."""
MAX_CLAIMS_A_TURN = 4
"""Claims taken from one message, the worthiest ones; people seldom state more, and long posts repeat themselves."""
ENDING_WORTH = 0.2
"""Worth that an ending has beyond its words: what is not noted stays wrong in the tree."""
HEAD_SHARE = 0.2
"""Worth between what the trained head would surely leave and what it would surely keep. On PERMA (two users, clean) it
trades precision for recall: recall .829 and precision .617 without it, .847 and .602 with it. Centred on the head's
median instead of 0.5 it found nothing that the rules do not: .813 and .617 at twice the share."""
MIN_CONFIDENCE, MAX_CONFIDENCE = 0.3, 0.95
"""Bounds of a rule's confidence: never certain, never worthless."""
ASKED_CONFIDENCE = 0.9
"""Confidence in what a fixed form of words says outright: a boundary, an answer to a question."""
WISH_CONFIDENCE = 0.6
"""Most confidence in what is only asked for: it may be for somebody else, or for once."""
SAID_FREELY = frozenset({"claim", "wish"})
"""Kinds of what is heard that must be worth keeping; boundaries and answers are kept always."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """What a statement ends, with its vector and slot."""

    ending: Ending
    vector: Vector
    route: Route | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """A statement with its vector and slot."""

    heard: Heard
    vector: Vector
    route: Route
    over: Over | None = None
    chance: float = 0.5
    """That it is worth keeping, as the trained head sees it; even where there is none."""

    @property
    def worth(self) -> float:
        """How much it deserves to be kept."""
        merit = worth(self.heard.text, is_dated=self.heard.is_dated, routing=self.route.score)
        return merit + ENDING_WORTH * (self.over is not None) + HEAD_SHARE * (self.chance - 0.5)


def promising(heard: Sequence[Heard]) -> list[Heard]:
    """The statements that may turn out worth keeping, each once: only these are embedded."""
    stated = {item.text: item for item in heard if item.kind in ("claim", "wish", "boundary", "answer")}
    return [
        item
        for item in stated.values()
        if item.kind not in SAID_FREELY or item.ending or promise(item.text, is_dated=item.is_dated) >= MIN_PROMISE
    ]


def worthiest(found: Sequence[Routed]) -> list[Routed]:
    """The statements worth keeping, in the order they were made; boundaries and answers always."""
    asked = [item for item in found if item.heard.kind not in SAID_FREELY]
    worthy = [item for item in found if item.heard.kind in SAID_FREELY and item.worth >= KEEP_FROM]
    best = sorted(worthy, key=lambda item: -item.worth)[:MAX_CLAIMS_A_TURN]
    return sorted([*asked, *best], key=lambda item: item.heard.quote.start)


def drafts_for(found: Sequence[Routed], matcher: Matcher, turn: Turn) -> list[Draft]:
    """One draft a statement; a claim of the tree is the target of at most one.

    Where one statement ends a claim and a later one puts something in its place ("I quit. I start as a nurse in June"),
    the second is an update and the first adds nothing to it.
    """
    drafts: list[Draft] = []
    at: dict[str, int] = {}
    for item in found:
        draft = _draft(item, matcher, turn)
        place = at.get(draft.target) if draft.target is not None else None
        if place is None:
            if draft.target is not None:
                at[draft.target] = len(drafts)
            drafts.append(draft)
        elif drafts[place].kind == "DELETE" and draft.kind == "UPDATE":
            drafts[place] = draft
    return drafts


def forget(claim: Claim, request: Heard, turn: Turn) -> Draft:
    """The wish to have a claim forgotten. Admission holds it until the person confirms."""
    return Draft(
        kind="DELETE",
        subject=claim.subject,
        path=claim.path,
        target=claim.id,
        message_id=turn.message_id,
        quote=request.quote.text,
        confidence=MAX_CONFIDENCE,
        reason="forgotten",
    )


def correct(put_right: Heard, tree: PersonaTree, turn: Turn) -> Iterator[Draft]:
    """The newest claim that has the wrong expression, with the right one in its place."""
    wrong = re.compile(rf"(?<!\w){re.escape(put_right.wrong)}(?!\w)", re.IGNORECASE)
    mistaken = sorted((c for c in tree.current() if wrong.search(c.text)), key=lambda c: (c.order, precedence(c)))
    if mistaken:
        claim = mistaken[-1]
        text = wrong.sub(lambda _: put_right.text, claim.text)
        # since the same day as before: it was never otherwise
        yield _cited(put_right, turn, kind="UPDATE", path=claim.path, confidence=MAX_CONFIDENCE).model_copy(
            update={"target": claim.id, "text": text, "valid_from": claim.valid_from}
        )


def _draft(item: Routed, matcher: Matcher, turn: Turn) -> Draft:
    confidence = _confidence(item)
    if item.over is not None:
        ended = matcher.ended_by(item.over.ending, item.over.vector, item.over.route)
        if ended is not None:
            draft = _cited(item.heard, turn, kind="DELETE", path=ended.path, confidence=confidence)
            dates = {"valid_from": None, "valid_to": item.heard.since}
            return draft.model_copy(update={"target": ended.id, "text": None, **dates})
    match = matcher.match(item.heard.text, item.vector, item.route)
    if match is None:
        return _cited(item.heard, turn, kind="ADD", path=item.route.slot.path, confidence=confidence)
    kind: OperationKind = "NO_OP" if match.kind == "same" else "UPDATE"
    draft = _cited(item.heard, turn, kind=kind, path=match.claim.path, confidence=confidence)
    return draft.model_copy(update={"target": match.claim.id})


def _cited(heard: Heard, turn: Turn, *, kind: OperationKind, path: str, confidence: float) -> Draft:
    return Draft(
        kind=kind,
        path=path,
        text=heard.text,
        message_id=turn.message_id,
        quote=heard.quote.text,
        valid_from=heard.since,
        valid_to=heard.until,
        condition=condition_of(heard.text),
        confidence=confidence,
    )


def _confidence(item: Routed) -> float:
    if item.heard.kind not in SAID_FREELY:
        return ASKED_CONFIDENCE
    most = WISH_CONFIDENCE if item.heard.kind == "wish" else MAX_CONFIDENCE
    return round(min(most, max(MIN_CONFIDENCE, item.worth)), 3)
