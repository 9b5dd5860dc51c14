"""What one run of consolidation does: the rules in their order, each on what those before it left."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from treering.memory.consolidation.case import AUTHOR, Case, Step
from treering.memory.consolidation.contradictions import contradictions
from treering.memory.consolidation.duplicates import duplicates, refinements, repetitions
from treering.memory.consolidation.habits import habits
from treering.memory.consolidation.traits import recounts, traits
from treering.memory.operations import claim_of

if TYPE_CHECKING:
    from treering.schemas.operations import LedgerEntry

Rule = Callable[[Case], Iterator[Step]]

SUPPORT = "support"
"""Names the rules that a retraction asks for."""

SUPPORT_RULES: tuple[Rule, ...] = (recounts,)
"""Whether conclusions have enough to rest on."""

RULES: tuple[Rule, ...] = (
    *SUPPORT_RULES,
    contradictions,  # before claims are merged, as a merged one is as old as its first words
    duplicates,
    refinements,
    repetitions,
    traits,
    habits,
)
"""All of them, in order."""

_CLAIM_ID = re.compile(r"\b[0-9a-f]{24}\b")


def plan(case: Case, rules: Sequence[Rule] = RULES) -> list[Step]:
    """The steps of one run, in order; none where nothing is to be done.

    What a person has taken back is not done again: steps on the same claims are left out for good.
    """
    steps: list[Step] = []
    for rule in rules:
        taken = [step for step in rule(case) if not _was_taken_back(case, step)]
        case = case.after(taken)
        steps += taken
    return steps


def _was_taken_back(case: Case, step: Step) -> bool:
    if not step.claims:
        return False
    ids = set(step.claims)
    return any(ids <= former for former in taken_back(case.entries_of(step.claims)))


def taken_back(entries: Sequence[LedgerEntry]) -> list[set[str]]:
    """The claims of each step that was undone or rewound and not redone, as far as these entries tell."""
    without_effect: set[int] = set()
    rewound: list[tuple[int, int]] = []
    for entry in sorted(entries, key=lambda one: -one.version):
        if entry.version in without_effect:
            continue
        if entry.reverts is not None:
            without_effect.add(entry.reverts)
        elif entry.author == "rewind":
            rewound.append((int(entry.batch_id.split(":")[1]), entry.version))
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    for entry in entries:
        is_rewound = any(to < entry.version < by for to, by in rewound)
        if entry.author == AUTHOR and (entry.version in without_effect or is_rewound):
            why = entry.operation.why or ""  # the operations of one step share it, and it names what they rest on
            ref = claim_of(entry.operation)
            found[entry.version, why].update(_CLAIM_ID.findall(why), [ref] if ref is not None else [])
    return list(found.values())
