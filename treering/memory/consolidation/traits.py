"""Conclusions: a claim from the second independent support on, and waiting again when one goes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from treering.memory.consolidation.case import AUTHOR, Step, branch_of
from treering.memory.consolidation.contradictions import clash, prevails
from treering.memory.consolidation.duplicates import all_evidence
from treering.memory.consolidation.supports import (
    SUPPORTS_OF_A_HABIT,
    SUPPORTS_OF_A_TRAIT,
    confidence,
    independent,
    standing,
)
from treering.memory.consolidation.waiting import AWAITS_SUPPORT, wait_again, waiting
from treering.memory.consolidation.wording import gist_of, says_more, says_the_same
from treering.memory.tree import precedence
from treering.memory.withdrawal import exchange
from treering.schemas.operations import Add, NoOp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from treering.memory.consolidation.case import Case
    from treering.schemas.claims import Claim, Evidence
    from treering.schemas.dialogue import Turn
    from treering.schemas.listening import Held

TRAIT = "trait"
HABIT = "habit"
OFTEN = "often "
"""Begins the text of a habit."""

_NEEDED = {TRAIT: SUPPORTS_OF_A_TRAIT, HABIT: SUPPORTS_OF_A_HABIT}
_RULES = {needed: rule for rule, needed in _NEEDED.items()}

_Waiting = tuple["Held", "Claim"]


def traits(case: Case) -> Iterator[Step]:
    """What waits for support and has it by now, is known already, or was rejected."""
    slots: dict[tuple[str, str], list[_Waiting]] = defaultdict(list)
    for held, claim in waiting(case.held):
        if claim.path in case.trunk.by_path:
            slots[claim.subject, branch_of(claim.path)].append((held, claim))
    for subject, branch in sorted(slots):
        for group in _alike(slots[subject, branch]):
            step = _decide(case, group, case.near(subject, group[0][1].path))
            if step is not None:
                yield step


def recounts(case: Case) -> Iterator[Step]:
    """Conclusions of ours whose supports went or grew: withdrawn, to wait again on what is left, or surer."""
    for ref in sorted(case.touched.claims):
        claim = case.live.get(ref)
        needed = _needed(case, claim) if claim is not None and claim.origin == "inferred" else 0
        if claim is None or not needed:
            continue
        said = all_evidence(case, [claim], whole=False)
        turns = case.turns_of([piece.message_id for piece in said])
        left = standing(said, turns)
        supports = independent(left, turns)
        if len(supports) >= needed:
            surer = claim.model_copy(update={"evidence": left, "confidence": confidence(len(supports))})
            if surer != claim:
                why = f"{_RULES[needed]}: {claim.id} has {len(supports)} independent supports by now"
                operations = exchange(claim, surer, case.now, why=why)
                yield Step(rule=_RULES[needed], why=why, claims=(claim.id,), operations=operations)
        else:
            why = f"demotion: {len(supports)} of {needed} independent supports of {claim.id} are left"
            is_trait = _RULES[needed] == TRAIT  # the events that made a habit are claims themselves
            yield Step(
                rule="demotion",
                why=why,
                claims=(claim.id,),
                operations=exchange(claim, None, case.now, why=why),
                held=wait_again(claim, left, rule=AWAITS_SUPPORT, why=why) if is_trait else (),
            )


def conclude(
    case: Case, claim: Claim, supports: Sequence[Evidence], evidence: tuple[Evidence, ...], turns: Mapping[str, Turn]
) -> Claim:
    """A conclusion as it becomes a claim: since its first support, as sure as there are supports."""
    first = turns[evidence[0].message_id]
    current = case.forest[claim.subject].current(claim.path) if claim.subject in case.forest else ()
    replaces = {one.id for one in current if one.origin == "inferred" and one.id in claim.supersedes}
    return claim.model_copy(
        update={
            "valid_from": first.at,
            "order": first.seq,
            "recorded_at": case.now,
            "evidence": evidence,
            "confidence": confidence(len(supports)),
            "supersedes": tuple(ref for ref in claim.supersedes if ref in replaces),
        }
    )


def objection(case: Case, claim: Claim, near: Iterable[Claim]) -> str | None:
    """What speaks against a conclusion: what was said or confirmed; None if nothing does."""
    slot = case.trunk.by_path[claim.path]
    for one in near:
        is_taken = slot.cardinality == "one" and one.path == claim.path and one.origin != "inferred"
        if is_taken or (clash(one, claim) and not prevails(claim, one)):
            return one.id
    return None


def _needed(case: Case, claim: Claim) -> int:
    """How many supports a claim has to have because consolidation made it of so many; 0 for any other."""
    for entry in reversed(case.entries_of([claim.id])):
        if entry.author == AUTHOR and isinstance(entry.operation, Add):
            if entry.operation.why is None:  # it went with the words of a support that was forgotten
                return _NEEDED[HABIT if claim.text.startswith(OFTEN) else TRAIT]
            rule = entry.operation.why.partition(":")[0]
            if rule in _NEEDED:
                return _NEEDED[rule]
    return 0


def _alike(conclusions: Sequence[_Waiting]) -> Iterator[list[_Waiting]]:
    """Conclusions with the same telling words, together; each group begins with the oldest of them.

    Words decide alone: what is held has no vector yet, and cosines would add nothing to them.
    """
    left = sorted(conclusions, key=lambda pair: (-len(gist_of(pair[1]).words), precedence(pair[1]), pair[0].id))
    while left:
        group = [one for one in left if one is left[0] or says_the_same(gist_of(left[0][1]), gist_of(one[1]))]
        left = [one for one in left if one not in group]
        yield group


def _decide(case: Case, group: Sequence[_Waiting], near: Sequence[Claim]) -> Step | None:
    claim = group[0][1]
    released = tuple(one.id for one, _ in group)
    if case.tombstones.cover(claim):
        why = "trait: it was rejected or forgotten before, and waits no longer"
        return Step(rule=TRAIT, why=why, operations=(NoOp(why=why),), released=released)
    known = next((one for one in near if _is_said_by(one, claim)), None)
    if known is not None and known.origin != "inferred":
        why = f"trait: {known.id} says so outright; what was concluded waits no longer"
        return Step(
            rule=TRAIT, why=why, claims=(known.id,), operations=(NoOp(why=why, target=known.id),), released=released
        )
    said = [piece for _, one in group for piece in one.evidence]
    if known is not None:
        return _strengthen(case, known, said, released)
    turns = case.turns_of([piece.message_id for piece in said])
    evidence = standing(said, turns)
    supports = independent(evidence, turns)
    if len(supports) < SUPPORTS_OF_A_TRAIT or claim.id in case.live:
        return None
    concluded = conclude(case, claim, supports, evidence, turns)
    if objection(case, concluded, near) is not None:
        return None
    why = f"trait: {len(supports)} independent supports, in other sessions, on other days and in other words"
    return Step(
        rule=TRAIT,
        why=why,
        claims=(claim.id,),
        operations=(Add(claim=concluded, why=why),),
        released=released,
    )


def _strengthen(case: Case, known: Claim, said: Sequence[Evidence], released: tuple[str, ...]) -> Step:
    pieces = (*known.evidence, *said)
    turns = case.turns_of([piece.message_id for piece in pieces])
    evidence = standing(pieces, turns)
    supports = independent(evidence, turns)
    why = f"trait: {known.id} has {len(supports)} independent supports by now"
    surer = known.model_copy(
        update={"evidence": evidence, "confidence": max(known.confidence, confidence(len(supports)))}
    )
    operations = exchange(known, surer, case.now, why=why) if surer != known else (NoOp(why=why, target=known.id),)
    return Step(rule=TRAIT, why=why, claims=(known.id,), operations=operations, released=released)


def _is_said_by(known: Claim, claim: Claim) -> bool:
    one, other = gist_of(known), gist_of(claim)
    return says_the_same(one, other) or says_more(one, other)
