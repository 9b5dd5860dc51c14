"""Statements that cannot both be so: the later one holds, or both do under the conditions they were said of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.conditions import condition_held, same_condition
from treering.memory.consolidation.case import Step
from treering.memory.consolidation.waiting import wait_again
from treering.memory.consolidation.wording import denies, gist_of, measures_anew
from treering.memory.withdrawal import exchange
from treering.schemas.operations import Delete

if TYPE_CHECKING:
    from collections.abc import Iterator

    from treering.memory.consolidation.case import Case, Pair
    from treering.schemas.claims import Claim
    from treering.schemas.operations import Operation


def contradictions(case: Case) -> Iterator[Step]:
    """Each pair of current claims that contradict each other, resolved or kept apart."""
    settled: set[str] = set()
    for pair in case.pairs:
        how = _contradict(pair)
        if how is None or not settled.isdisjoint((pair.old.id, pair.new.id)):
            continue
        step = _resolve(case, pair, how) if _at_once(pair) else _keep_apart(case, pair)
        if step is not None:
            settled |= {pair.old.id, pair.new.id}
            yield step


def clash(left: Claim, right: Claim) -> str | None:
    """How two statements contradict each other, whatever their conditions; None if they do not."""
    one, other = gist_of(left), gist_of(right)
    if denies(one, other) or denies(other, one):
        return "one denies what the other says"
    return "another number of the same" if left.path == right.path and measures_anew(left, right) else None


def prevails(new: Claim, old: Claim) -> bool:
    """Whether the newer of two contradicting claims holds.

    It does, but where it was only inferred: then against no claim that a person confirmed, and against no statement
    that was made after the first of its supports.
    """
    if new.origin != "inferred" or old.origin == "inferred":
        return True
    return old.origin != "manual" and new.order > old.order


def _contradict(pair: Pair) -> str | None:
    return clash(pair.old, pair.new)


def _at_once(pair: Pair) -> bool:
    return same_condition(condition_held(pair.old), condition_held(pair.new))


def _resolve(case: Case, pair: Pair, how: str) -> Step | None:
    old, new = pair.old, pair.new
    measure = f"{how}, cosine {pair.cosine:.2f}"
    if not prevails(new, old):
        by = "was confirmed" if old.origin == "manual" else "was said outright since it was concluded"
        why = f"contradiction: gives way to {old.id}, which {by} ({measure})"
        return Step(
            rule="contradiction",
            why=why,
            claims=(old.id, new.id),
            operations=exchange(new, None, case.now, why=why),
            held=wait_again(new, new.evidence, rule="contradicts-confirmed", why=why),
        )
    if old.path == new.path:
        why = f"contradiction: later than {old.id} and replaces it ({measure})"
        later = new.model_copy(update={"supersedes": (*new.supersedes, old.id)})
        return Step(
            rule="contradiction",
            why=why,
            claims=(old.id, new.id),
            operations=exchange(new, later, case.now, why=why),
        )
    why = f"contradiction: {new.id} in {new.path} is later ({measure})"
    ended = Delete(
        subject=old.subject,
        path=old.path,
        target=old.id,
        reason="ended",
        at=max(new.valid_from, old.valid_from),
        evidence=new.evidence[:1],
        why=why,
    )
    return Step(rule="contradiction", why=why, claims=(old.id, new.id), operations=(ended,))


def _keep_apart(case: Case, pair: Pair) -> Step | None:
    """Both stay; each gets the condition that it was said under, where its text alone has it."""
    operations: list[Operation] = []
    why = ""
    for claim, other in ((pair.old, pair.new), (pair.new, pair.old)):
        condition = condition_held(claim)
        if claim.condition is None and condition is not None:
            why = f"kept apart: it holds under another condition than {other.id} (cosine {pair.cosine:.2f})"
            scoped = claim.model_copy(update={"condition": condition})
            operations += exchange(claim, scoped, case.now, why=why)
    if not operations:
        return None
    return Step(rule="kept apart", why=why, claims=(pair.old.id, pair.new.id), operations=tuple(operations))
