"""The gate between a listener's proposal and the ledger: commit, quarantine or reject, with a reason. Pure.

Each rule is a function of its own that says nothing (None) or gives a verdict; the first that speaks decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.errors import OperationError
from treering.memory.drafting import Unresolved, resolve
from treering.memory.operations import Forest, plant
from treering.memory.tombstones import NO_TOMBSTONES, Tombstones
from treering.schemas.listening import Draft, Proposal, Ruling, Verdict, Window
from treering.schemas.operations import Add, Delete, NoOp, Operation, Update

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from treering.schemas.claims import Evidence
    from treering.schemas.trunk import Trunk

MAX_CLAIM_WORDS = 60
"""A longer text is no single statement."""

MAX_OPERATIONS_A_WINDOW = 40
"""What a few turns can honestly say; more is a pasted document or a model gone wild."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """What admission made of a proposal."""

    operations: tuple[Operation, ...]
    """To be committed, in order."""
    verdicts: tuple[Verdict, ...]
    """One a draft, in order."""


def admit(
    proposal: Proposal,
    *,
    trunk: Trunk,
    forest: Forest,
    window: Window,
    now: datetime,
    tombstones: Tombstones = NO_TOMBSTONES,
    waived: Collection[str] = (),
) -> Admitted:
    """Tie each draft to the trees as they stand after the drafts before it, and rule on it.

    Args:
        proposal: The drafts.
        trunk: The trunk.
        forest: The present trees by subject.
        window: The turns that may be cited.
        now: Becomes `recorded_at`.
        tombstones: Marks of what was forgotten, and is not learned again.
        waived: Names of rules that say nothing this time: a person has looked at what they held, and released it.
    """
    growing = dict(forest)
    operations: list[Operation] = []
    verdicts: list[Verdict] = []
    taken: set[str] = set()
    for draft in proposal.drafts:
        found = resolve(draft, trunk=trunk, forest=growing, window=window, now=now, taken=taken)
        situation = _Situation(
            trunk=trunk,
            forest=growing,
            window=window,
            so_far=len(operations),
            tombstones=tombstones,
            waived=frozenset(waived),
        )
        verdict = _rule_on(draft, found, situation)
        verdicts.append(verdict)
        if verdict.ruling != "commit" or verdict.operation is None:
            continue
        growing = plant(trunk, (verdict.operation,), growing)
        operations.append(verdict.operation)
        if isinstance(verdict.operation, Add | Update):
            taken.add(verdict.operation.claim.id)
    return Admitted(operations=tuple(operations), verdicts=tuple(verdicts))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Situation:
    trunk: Trunk
    forest: Forest
    window: Window
    so_far: int
    tombstones: Tombstones
    waived: frozenset[str]


_Objection = tuple[Ruling, str, str]
_Rule = Callable[[Operation, _Situation], _Objection | None]


def _rule_on(draft: Draft, found: Operation | Unresolved, situation: _Situation) -> Verdict:
    if isinstance(found, Unresolved):
        return Verdict(ruling="reject", rule=found.rule, why=found.why, draft=draft)
    for rule in _RULES:
        objection = rule(found, situation)
        if objection is not None and objection[1] not in situation.waived:
            ruling, name, why = objection
            return Verdict(ruling=ruling, rule=name, why=why, draft=draft, operation=found)
    return Verdict(ruling="commit", rule="admitted", why="nothing speaks against it", draft=draft, operation=found)


def _must_be_said_by_the_user(operation: Operation, situation: _Situation) -> _Objection | None:
    roles = {turn.message_id: turn.role for turn in situation.window.turns}
    speakers = {roles.get(evidence.message_id) for evidence in _evidence_of(operation)}
    if speakers == {"user"}:
        return None
    return "reject", "not-said-by-user", "only the user's own words make a claim about the user"


def _must_be_one_statement(operation: Operation, _: _Situation) -> _Objection | None:
    if isinstance(operation, Add | Update) and len(operation.claim.text.split()) > MAX_CLAIM_WORDS:
        return "reject", "too-long", f"a claim has at most {MAX_CLAIM_WORDS} words"
    return None


def _must_fit_the_tree(operation: Operation, situation: _Situation) -> _Objection | None:
    try:
        plant(situation.trunk, (operation,), situation.forest)
    except OperationError as error:
        return "reject", "does-not-fit", str(error)
    return None


def _must_not_be_forgotten(operation: Operation, situation: _Situation) -> _Objection | None:
    if isinstance(operation, Add | Update) and situation.tombstones.cover(operation.claim):
        return "reject", "forgotten-before", "the same was forgotten on request, and was not allowed again"
    return None


def _must_not_flood(_: Operation, situation: _Situation) -> _Objection | None:
    if situation.so_far >= MAX_OPERATIONS_A_WINDOW:
        return "quarantine", "too-many", f"one window changes at most {MAX_OPERATIONS_A_WINDOW} claims"
    return None


def _must_be_confirmed_to_forget(operation: Operation, _: _Situation) -> _Objection | None:
    if isinstance(operation, Delete) and operation.reason == "forgotten":
        return "quarantine", "asked-to-forget", "erasure cannot be undone, so it waits to be confirmed"
    return None


_RULES: tuple[_Rule, ...] = (
    _must_be_said_by_the_user,
    _must_be_one_statement,
    _must_fit_the_tree,
    _must_not_be_forgotten,
    _must_not_flood,
    _must_be_confirmed_to_forget,
)


def _evidence_of(operation: Operation) -> tuple[Evidence, ...]:
    match operation:
        case Add(claim=claim) | Update(claim=claim):
            return claim.evidence
        case Delete(evidence=evidence) | NoOp(evidence=evidence):
            return evidence
