"""Admission of what a listener proposes to the ledger: commit, quarantine or reject, with a reason. Pure.

Each rule is a function of its own that says nothing (None) or objects; the first that objects decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.admission.asserting import must_be_theirs_to_say
from treering.memory.admission.bounds import (
    DAY,
    learned_since,
    mass_change,
    must_be_one_statement,
    must_not_change_in_masses,
    must_not_flood,
)
from treering.memory.admission.consent import must_be_agreed_to
from treering.memory.admission.foreign import must_be_own_words, must_be_visible, must_not_be_quoted
from treering.memory.admission.instructing import (
    must_not_end_by_order,
    must_not_follow_an_override,
    must_not_instruct,
    must_not_speak_of_the_user,
)
from treering.memory.admission.meaning import (
    must_be_meant,
    must_not_be_asked,
    must_not_be_supposed,
    must_state_something,
)
from treering.memory.admission.others import must_not_be_about_another
from treering.memory.admission.recalled import must_not_be_recalled, must_not_echo
from treering.memory.admission.secrets import must_hold_no_personal_data, must_hold_no_secret
from treering.memory.admission.situation import FindPersonalData, Readings, Rule, Situation
from treering.memory.admission.standing import (
    must_be_confirmed_to_forget,
    must_be_supported,
    must_fit_the_tree,
    must_not_be_forgotten,
    must_not_contradict_the_confirmed,
)
from treering.memory.drafting import Unresolved, resolve
from treering.memory.operations import plant
from treering.memory.tombstones import NO_TOMBSTONES, Tombstones
from treering.schemas.listening import Draft, Verdict
from treering.schemas.operations import Add, Operation, Update
from treering.schemas.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from treering.memory.operations import Forest
    from treering.schemas.listening import Proposal, Window
    from treering.schemas.trunk import Trunk

#: In order: what nobody may say, what was not said or meant, what should not be kept, what does not fit, what waits.
RULES: tuple[Rule, ...] = (
    must_be_one_statement,
    must_be_theirs_to_say,
    must_be_visible,
    must_not_be_recalled,
    must_not_echo,
    must_be_own_words,
    must_not_follow_an_override,
    must_not_instruct,
    must_not_speak_of_the_user,
    must_not_be_quoted,
    must_be_meant,
    must_not_be_supposed,
    must_not_be_asked,
    must_not_be_about_another,
    must_state_something,
    must_not_end_by_order,
    must_hold_no_secret,
    must_fit_the_tree,
    must_not_be_forgotten,
    must_be_agreed_to,
    must_hold_no_personal_data,
    must_be_confirmed_to_forget,
    must_not_contradict_the_confirmed,
    must_be_supported,
    must_not_flood,
    must_not_change_in_masses,
)

KEEP_WHAT_THE_TRUNK_KEEPS = Policy()


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
    policy: Policy = KEEP_WHAT_THE_TRUNK_KEEPS,
    find_personal_data: FindPersonalData | None = None,
) -> Admitted:
    """Tie each draft to the trees as they stand after the drafts before it, and rule on it.

    Cost: a draft reads its message once for the window and its sentence once for each rule; a window of 40 drafts takes
    a few milliseconds. Live claims are counted only where there are as many as the policy lets in a day.

    Args:
        proposal: The drafts.
        trunk: The trunk.
        forest: The present trees by subject.
        window: The turns that may be cited.
        now: Becomes `recorded_at`.
        tombstones: Marks of what was forgotten, and is not learned again.
        waived: Names of rules that say nothing this time: a person has looked at what they held, and released it.
        policy: What is kept, asked about, or never kept.
        find_personal_data: Names the kinds of personal data in a text; none: nothing looks for them.
    """
    admission = _Admission(
        trunk=trunk,
        forest=forest,
        readings=Readings(window=window),
        now=now,
        tombstones=tombstones,
        waived=frozenset(waived),
        policy=policy,
        find_personal_data=find_personal_data,
        learned_today=learned_since(forest, now - DAY, policy.claims_a_day),
    )
    admitted = admission.admit(proposal, holds_changes=None)
    why = mass_change(admitted.operations, forest) if "mass-change" not in admission.waived else None
    return admitted if why is None else admission.admit(proposal, holds_changes=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Admission:
    trunk: Trunk
    forest: Forest
    readings: Readings
    now: datetime
    tombstones: Tombstones
    waived: frozenset[str]
    policy: Policy
    find_personal_data: FindPersonalData | None
    learned_today: int

    def admit(self, proposal: Proposal, *, holds_changes: str | None) -> Admitted:
        growing = dict(self.forest)
        operations: list[Operation] = []
        verdicts: list[Verdict] = []
        taken: set[str] = set()
        for draft in proposal.drafts:
            verdict = self._rule_on(draft, growing, taken, so_far=len(operations), holds_changes=holds_changes)
            verdicts.append(verdict)
            if verdict.ruling != "commit" or verdict.operation is None:
                continue
            growing = plant(self.trunk, (verdict.operation,), growing)
            operations.append(verdict.operation)
            if isinstance(verdict.operation, Add | Update):
                taken.add(verdict.operation.claim.id)
        return Admitted(operations=tuple(operations), verdicts=tuple(verdicts))

    def _rule_on(
        self, draft: Draft, forest: Forest, taken: Collection[str], *, so_far: int, holds_changes: str | None
    ) -> Verdict:
        window = self.readings.window
        found = resolve(draft, trunk=self.trunk, forest=forest, window=window, now=self.now, taken=taken)
        if isinstance(found, Unresolved):
            return Verdict(ruling="reject", rule=found.rule, why=found.why, draft=draft)
        cited = self.readings.cited(found)
        situation = Situation(
            draft=draft,
            operation=found,
            cited=cited,
            said=tuple(one for one in cited if one.turn.role != "assistant") or cited,
            trunk=self.trunk,
            forest=forest,
            readings=self.readings,
            so_far=so_far,
            learned_today=self.learned_today,
            tombstones=self.tombstones,
            policy=self.policy,
            find_personal_data=self.find_personal_data,
            holds_changes=holds_changes,
        )
        for rule in RULES:
            objection = rule(situation)
            if objection is not None and objection.rule not in self.waived:
                return Verdict(
                    ruling=objection.ruling, rule=objection.rule, why=objection.why, draft=draft, operation=found
                )
        return Verdict(ruling="commit", rule="admitted", why="nothing speaks against it", draft=draft, operation=found)
