"""Claims and turns as lines of a context, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.retrieval.fit import MAX_TURN_TOKENS, Draft, excerpt
from treering.memory.retrieval.rank import (
    DIRECT_FLOOR,
    LEAST_FLOOR,
    RELEVANCE_FLOOR,
    SPECIAL_FLOOR,
    TURN_FLOOR,
    Ranked,
    blend,
    directness,
    freshness,
    standing,
)
from treering.memory.retrieval.sparse import terms
from treering.schemas.claims import SELF, Claim
from treering.schemas.recall import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from treering.memory.ranking import RankedTurn
    from treering.memory.reading import Query, Reading
    from treering.memory.retrieval.rank import Weights
    from treering.schemas.trunk import Slot, Trunk

MOSTLY = 0.8
"""Share of a turn that its claims must quote before the turn adds nothing to them."""

FEW_CLAIMS = 12
"""Claims about the people of a question, up to which all are shown; of somebody better known, the lists choose."""

_BOUNDARY = Found(source="boundary", rank=1, score=1.0, weight=1.0)


class LineWriter:
    """Writes the lines of one trunk.

    Args:
        trunk: Says which slots are special, fade, or always apply.
        count: Counts tokens.
        weights: What each list counts.
        explains: Whether lines say what found them, which costs as much as all else in them.
    """

    def __init__(self, trunk: Trunk, count: Callable[[str], int], weights: Weights, *, explains: bool = True) -> None:
        self._trunk = trunk
        self._count = count
        self._weights = weights
        self._explains = explains
        self._always = tuple(slot.path for slot in trunk.slots if slot.always)

    def claims(self, reading: Reading, as_of: datetime) -> list[Draft]:
        """The claims that concern the question, and those that always apply."""
        of_slot = {ref for ref, _ in reading.claim_lists["tree"]}
        past = {ref: one for ref, one in reading.former.items() if ref in of_slot}
        claims = {**reading.claims, **{ref: one.claim for ref, one in past.items()}} if past else reading.claims
        lists = {  # an index shows claims that are no longer so as well
            name: pairs if name == "tree" else [(ref, score) for ref, score in pairs if ref in claims]
            for name, pairs in reading.claim_lists.items()
        }
        lines = [
            self._claim_line(claim, None, 1.0, (_BOUNDARY,) if self._explains else ())
            for legible in reading.legible
            for path in self._always
            for claim in legible.by_path.get(path, ())
        ]
        for blended in blend(lists, self._weights.claims, least=LEAST_FLOOR):
            claim = claims[blended.ref]
            share = reading.focus.share(claim)
            one = blended if share == 1 else blended.scaled(share)
            until = past[one.ref].until if one.ref in past else None
            slot = self._trunk.by_path[claim.path]
            if _concerns(one, slot) and not (slot.always and until is None):
                fresh = freshness(claim.valid_from, as_of, slot.half_life_days)
                score = one.score * standing(claim.origin, fresh)
                lines.append(self._claim_line(claim, until, score, self._found_by(one)))
        return [*lines, *self._of_persons(reading, as_of, {line.ref for line in lines})]

    def _of_persons(self, reading: Reading, as_of: datetime, shown: Collection[str]) -> Iterator[Draft]:
        """The rest of what little is known of the people whom the question names, the newest first.

        "What does my sister do?" is not much like "is a vet"; whom it is about says enough.
        """
        if not (reading.focus.names or reading.focus.subjects - {SELF}):  # nearly always: spare a look at each claim
            return
        known = [claim for claim in reading.claims.values() if reading.focus.names_subject_of(claim)]
        if len(known) > FEW_CLAIMS:
            return
        for place, claim in enumerate(sorted(known, key=lambda claim: (-claim.order, claim.id)), start=1):
            slot = self._trunk.by_path[claim.path]
            if claim.id not in shown and slot.sensitivity != "special" and not slot.always:
                score = RELEVANCE_FLOOR * standing(
                    claim.origin, freshness(claim.valid_from, as_of, slot.half_life_days)
                )
                found = Found(source="person", rank=place, score=1.0, weight=RELEVANCE_FLOOR)
                yield self._claim_line(claim, None, score, (found,) if self._explains else ())

    def _claim_line(self, claim: Claim, until: datetime | None, score: float, found_by: tuple[Found, ...]) -> Draft:
        whose = "" if claim.subject == SELF else f"{claim.subject.partition(':')[2]}: "
        when = claim.valid_from.date().isoformat() + (f" to {until.date().isoformat()}" if until else "")
        text = f"{whose}{' '.join(claim.text.split())} ({claim.path}, {when})"
        return Draft(
            kind="claim",
            text=text,
            at=claim.valid_from,
            score=score,
            tokens=self.cost(text),
            ref=claim.id,
            subject=claim.subject,
            path=claim.path,
            sensitivity=self._trunk.by_path[claim.path].sensitivity,
            message_ids=tuple(evidence.message_id for evidence in claim.evidence),
            found_by=found_by,
        )

    def turns(
        self,
        ranked: Iterable[RankedTurn],
        query: Query,
        reading: Reading,
        claims: Iterable[Draft],
        *,
        doors: BackDoors,
        budget: int,
    ) -> list[Draft]:
        """The turns that reach the floor and say more than the claims; once they fill the budget alone, no further."""
        shown = {line.ref: line for line in claims}
        told = _quoted_chars(
            reading.claims[ref] if ref in reading.claims else reading.former[ref].claim for ref in shown
        )
        lines: list[Draft] = []
        said: set[str] = set()
        spent = 0
        for one in ranked:
            content = one.turn.content
            is_new = content not in said and doors.admits(one.ranked.ref, about_change=query.about_change)
            if one.ranked.score < TURN_FLOOR or spent >= budget:
                break
            if is_new and told.get(one.turn.message_id, 0) < MOSTLY * len(content):
                said.add(content)
                lines.append(self._turn_line(one, query))
                spent += lines[-1].tokens
        return lines

    def _turn_line(self, one: RankedTurn, query: Query) -> Draft:
        def wanted(sentence: str) -> float:
            return float(sum(1 for term in terms(sentence) if term in query.terms))

        turn = one.turn
        head = f"{turn.at.date().isoformat()} {turn.speaker or turn.role}: "
        text = f"{head}{' '.join(turn.content.split())}"
        tokens = self.cost(text)
        if tokens > MAX_TURN_TOKENS:  # with what stands before it; a line that is shorter is counted once
            text = f"{head}{excerpt(turn.content, wanted, max_tokens=MAX_TURN_TOKENS, count=self._count)}"
            tokens = self.cost(text)
        return Draft(
            kind="turn",
            text=text,
            at=turn.at,
            score=min(1.0, one.ranked.score),
            tokens=tokens,
            ref=turn.message_id,
            subject=SELF,
            message_ids=(turn.message_id,),
            found_by=self._found_by(one.ranked),
        )

    def _found_by(self, one: Ranked) -> tuple[Found, ...]:
        return one.found_by if self._explains else ()

    def cost(self, text: str) -> int:
        """Tokens of a line with its short id."""
        return self._count(f"[c99] {text}\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackDoors:
    """Turns through which something would come in that is not shown as a claim."""

    withheld: frozenset[str]
    """What is special and does not concern the question was said there."""
    stale: frozenset[str]
    """What is no longer so was said there, and nothing that is."""

    def admits(self, message_id: str, *, about_change: bool) -> bool:
        """Whether a turn may be read out; what is no longer so only if the question is about change."""
        return message_id not in self.withheld and (about_change or message_id not in self.stale)


def back_doors(reading: Reading, claims: Mapping[str, object]) -> BackDoors:
    """The back doors of what was read.

    Args:
        reading: What was read.
        claims: The claims that are shown, by id.
    """
    shown: set[str] = set()
    stale: set[str] = set()
    withheld: set[str] = set()
    for tree in reading.forest.values():
        for claim in tree.claims.values():
            sources = {evidence.message_id for evidence in claim.evidence}
            if tree.trunk.by_path[claim.path].sensitivity == "special" and claim.id not in claims:
                withheld |= sources
            if claim.id not in reading.claims:
                stale |= sources
            else:
                shown |= sources
    return BackDoors(withheld=frozenset(withheld), stale=frozenset(stale - shown))


def _concerns(one: Ranked, slot: Slot) -> bool:
    """Whether a question is about a claim, or what is special in it."""
    if slot.sensitivity != "special":
        return one.score >= RELEVANCE_FLOOR
    return one.score >= SPECIAL_FLOOR or directness(one) >= DIRECT_FLOOR


def _quoted_chars(claims: Iterable[Claim]) -> dict[str, int]:
    quoted: dict[str, int] = {}
    for claim in claims:
        for evidence in claim.evidence:
            quoted[evidence.message_id] = quoted.get(evidence.message_id, 0) + len(evidence.quote)
    return quoted
