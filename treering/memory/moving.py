"""Moves the claims of a forest onto another trunk, and back. Pure.

A claim that moves keeps its id, its words, dates and evidence: a retraction at its old path and an addition at the new
one, so that the ledger tells where it was. What was replaced stays replaced: a claim follows the one that superseded it
into whatever slot that one goes to.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from treering.memory.tree import PersonaTree, precedence
from treering.schemas.claims import FORGOTTEN
from treering.schemas.operations import Add, Delete, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from treering.memory.charting import Chart
    from treering.memory.operations import Forest
    from treering.schemas.claims import Claim
    from treering.schemas.listening import Verdict
    from treering.schemas.operations import Operation
    from treering.schemas.trunk import Trunk

MIGRATE = "migrate"
"""Author of the batches that put a scope onto a new trunk."""

ROLLBACK = "rollback"
"""Author of the batches that put it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What takes a forest onto another trunk."""

    operations: tuple[Operation, ...]
    """Retractions at old paths, then additions at new ones."""
    after: Forest
    """The forest that they make."""
    counts: Mapping[tuple[str, str | None], int]
    """How many claims go from one slot to another; to none: they are retracted."""
    returned: int = 0
    """How many claims come back that were not live."""
    homeless: Mapping[str, int] = field(default_factory=dict)
    """Claims that have no place on the way back, by slot; they are retracted."""

    @property
    def gone(self) -> list[str]:
        """Ids of the claims that are not live any more."""
        live = {(subject, ref) for subject, tree in self.after.items() for ref in tree.claims}
        return [
            operation.target
            for operation in self.operations
            if isinstance(operation, Delete) and (operation.subject, operation.target) not in live
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a migration did to a forest."""

    before: Forest
    after: Forest


def move(forest: Forest, chart: Chart, *, at: datetime) -> Move:
    """The way onto the new trunk.

    Args:
        forest: The trees on the old trunk.
        chart: Where its slots lead.
        at: When it is done.
    """
    wanted: dict[tuple[str, str], Claim] = {}
    for subject, tree in forest.items():
        for path, claims in tree.by_path.items():
            wanted |= {(subject, claim.id): claim for claim in _moved(path, claims, chart)}
    return _between(_live(forest), wanted, chart.target, at)


def move_back(
    forest: Forest,
    chart: Chart,
    past: Past | None,
    *,
    at: datetime,
    still: Callable[[Claim], Claim | None] = lambda claim: claim,
) -> Move:
    """The way back onto the old trunk.

    Claims that the migration moved go back to where they were, as they were but for what happened to them since. Those
    that were learned since go where the claim is that they replace, or else to the home of their slot (`Chart.homes`).
    What the migration dropped comes back.

    Args:
        forest: The trees on the new trunk.
        chart: Where the slots of the old one led.
        past: What the migration did; none: nothing, e.g. where somebody was first heard of since.
        at: When it is done.
        still: What is left of a dropped claim, by the words that it rests on; none: nothing.
    """
    before, after = (_live(past.before), _live(past.after)) if past else ({}, {})
    live = _live(forest)
    wanted: dict[tuple[str, str], Claim] = {}
    homeless: Counter[str] = Counter()
    for key, claim in sorted(live.items(), key=lambda item: precedence(item[1])):
        home = None if key in before else _home(key[0], claim, live, wanted, chart)
        if key in before:
            wanted[key] = _as_before(claim, before[key], after.get(key))
        elif home is None:
            homeless[claim.path] += 1
        else:
            wanted[key] = _at(claim, home)
    for key, claim in before.items():
        is_dropped = key not in after and key not in live and claim.text != FORGOTTEN
        rest = still(claim) if is_dropped else None
        if rest is not None:
            wanted[key] = rest
    return replace(
        _between(live, wanted, chart.origin, at), returned=len(wanted.keys() - live.keys()), homeless=homeless
    )


def hidden(before: Forest, after: Forest) -> int:
    """How many claims were current, are live still, and are current no more."""
    count = 0
    for subject, tree in before.items():
        grown = after.get(subject)
        if grown is not None:
            current = {claim.id for claim in grown.current()}
            count += sum(claim.id in grown.claims and claim.id not in current for claim in tree.current())
    return count


def _moved(path: str, claims: Sequence[Claim], chart: Chart) -> Iterator[Claim]:
    """The claims of one slot, given oldest first, as they stand on the new trunk."""
    places = _places(path, claims, chart)
    was_one_valued = chart.origin.by_path[path].cardinality == "one"
    former: str | None = None
    for claim in claims:
        if claim.id in places:
            moved = _at(claim, places[claim.id])
            # In a slot for one claim the newest hides the others by being there; in a slot for many it has to say so.
            if was_one_valued and former is not None and chart.target.by_path[moved.path].cardinality == "many":
                moved = moved.model_copy(update={"supersedes": tuple(dict.fromkeys((*claim.supersedes, former)))})
            yield moved
            former = claim.id


def _places(path: str, claims: Sequence[Claim], chart: Chart) -> dict[str, str]:
    """Where the claims of a slot go, by id, given oldest first; those that are dropped are left out."""
    portions = chart.portions[path]
    if not portions:
        return {}
    if chart.origin.by_path[path].cardinality == "one":
        replaced_by = {claim.id: claims[-1].id for claim in claims[:-1]}
    else:  # where several replace one, the newest counts
        replaced_by = {target: claim.id for claim in claims for target in claim.supersedes}
    found: dict[str, str] = {}
    for claim in reversed(claims):
        followed = found.get(replaced_by.get(claim.id, ""))
        found[claim.id] = followed or next(portion.path for portion in portions if portion.takes(claim.text))
    return found


def _home(
    subject: str,
    claim: Claim,
    live: Mapping[tuple[str, str], Claim],
    wanted: Mapping[tuple[str, str], Claim],
    chart: Chart,
) -> str | None:
    """Where a claim goes back to that was learned since the migration; none: it has no place there."""
    replaced = [(subject, target) for target in claim.supersedes]
    beside = [wanted[key] for key in replaced if key in wanted and live[key].path == claim.path]
    return max(beside, key=precedence).path if beside else chart.homes.get(claim.path)


def _as_before(claim: Claim, original: Claim, migrated: Claim | None) -> Claim:
    """A claim as it was before the migration, with what happened to it since."""
    is_same = migrated is not None and claim.supersedes == migrated.supersedes
    return _at(claim.model_copy(update={"supersedes": original.supersedes}) if is_same else claim, original.path)


def _at(claim: Claim, path: str) -> Claim:
    return claim if claim.path == path else claim.model_copy(update={"path": path})


def _live(forest: Forest) -> dict[tuple[str, str], Claim]:
    """The live claims of a forest, by subject and id."""
    return {(subject, claim.id): claim for subject, tree in forest.items() for claim in tree.claims.values()}


def _between(
    live: Mapping[tuple[str, str], Claim], wanted: Mapping[tuple[str, str], Claim], trunk: Trunk, at: datetime
) -> Move:
    gone = [claim for key, claim in live.items() if wanted.get(key) != claim]
    come = [claim for key, claim in wanted.items() if live.get(key) != claim]
    retracted = [
        Delete(subject=claim.subject, path=claim.path, target=claim.id, reason="retracted", at=at) for claim in gone
    ]
    places = ((claim.path, wanted[key].path if key in wanted else None) for key, claim in live.items())
    grown: dict[str, dict[str, Claim]] = defaultdict(dict)
    for (subject, claim_id), claim in wanted.items():
        grown[subject][claim_id] = claim
    return Move(
        operations=(*retracted, *(Add(claim=claim) for claim in come)),
        after={
            subject: PersonaTree(trunk=trunk, subject=subject, claims=MappingProxyType(claims))
            for subject, claims in grown.items()
        },
        counts=Counter((path, to) for path, to in places if path != to),
    )


def reroute(verdict: Verdict, chart: Chart, after: Forest, *, back: bool = False) -> Verdict:
    """What waits for a person, with the paths that it has after a move; what has no place there stays as it is.

    Args:
        verdict: What waits.
        chart: Where slots lead.
        after: The forest after the move: an operation on a claim is for the slot of that claim.
        back: Whether the move led back.
    """
    draft, operation = verdict.draft, verdict.operation
    live = after[draft.subject].claims if draft.subject in after else {}
    targets = (*([draft.target] if draft.target else []), *_targets(operation))
    aimed_at = next((live[target] for target in targets if target in live), None)
    path = aimed_at.path if aimed_at else _leads_to(draft.path, draft.text or "", chart, back=back)
    if path is None:
        return verdict
    changes: dict[str, object] = {"draft": draft.model_copy(update={"path": path})}
    match operation:
        case Add(claim=claim) | Update(claim=claim):
            changes["operation"] = operation.model_copy(update={"claim": _at(claim, path)})
        case Delete():
            changes["operation"] = operation.model_copy(update={"path": path})
        case _:
            pass
    return verdict.model_copy(update=changes)


def _targets(operation: Operation | None) -> tuple[str, ...]:
    match operation:
        case Update(claim=claim):
            return claim.supersedes
        case Delete(target=target):
            return (target,)
        case _:
            return ()


def _leads_to(path: str, text: str, chart: Chart, *, back: bool) -> str | None:
    if back:
        return chart.homes.get(path)
    return next((portion.path for portion in chart.portions.get(path, ()) if portion.takes(text)), None)
