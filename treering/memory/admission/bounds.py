"""Bounds: words of a claim and of its evidence, claims a window and a day, changes at once. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from treering.memory.admission.situation import Objection, hold, reject
from treering.memory.operations import subject_of
from treering.schemas.operations import Delete, Operation, Update

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from treering.memory.admission.situation import Situation
    from treering.memory.operations import Forest

MAX_CLAIM_WORDS = 60
"""A longer text is no single statement."""

MAX_QUOTE_WORDS = 150
"""A longer evidence is a document, and no words on which one statement rests."""

MAX_QUOTE_CHARS = 1_500
"""The same in characters, for texts without spaces: the rules after this one read no more of an evidence."""

MAX_OPERATIONS_A_WINDOW = 40
"""What a few turns can honestly say; more is a pasted document or a model gone wild."""

MAX_CHANGES_A_WINDOW = 5
"""Claims that a few turns may update or end without being asked about."""

MAX_SHARE_CHANGED = 1 / 3
"""Share of a tree that a few turns may update or end without being asked about."""

MIN_CLAIMS_FOR_SHARE = 7
"""In a smaller tree the share says little."""

DAY = timedelta(days=1)


def must_be_one_statement(situation: Situation) -> Objection | None:
    """Refuse an essay, and one that rests on a whole document."""
    claim = situation.claim
    if claim is not None and len(claim.text.split()) > MAX_CLAIM_WORDS:
        return reject("too-long", f"a claim has at most {MAX_CLAIM_WORDS} words")
    quotes = [cited.evidence.quote for cited in situation.cited]
    if any(len(quote) > MAX_QUOTE_CHARS or len(quote.split()) > MAX_QUOTE_WORDS for quote in quotes):
        return reject("evidence-too-long", f"the words it rests on are more than {MAX_QUOTE_WORDS}; cite the sentence")
    return None


def must_not_flood(situation: Situation) -> Objection | None:
    """Hold what a window says beyond its bound, and what a day learns beyond the policy's."""
    if situation.so_far >= MAX_OPERATIONS_A_WINDOW:
        return hold("too-many", f"one window changes at most {MAX_OPERATIONS_A_WINDOW} claims")
    most = situation.policy.claims_a_day
    if situation.claim is not None and situation.learned_today >= most:
        return hold("too-many-today", f"at most {most:,} claims are learned of one person in a day")
    return None


def must_not_change_in_masses(situation: Situation) -> Objection | None:
    """Hold every update and every ending of a window that has too many of them: a person looks at them as a whole."""
    if situation.holds_changes is not None and is_change(situation.operation):
        return hold("mass-change", situation.holds_changes)
    return None


def mass_change(operations: Sequence[Operation], forest: Forest) -> str | None:
    """Why the changes of a window have to wait; None: they are few enough.

    Args:
        operations: Those of the window that nothing else speaks against.
        forest: The trees before it.
    """
    changed: dict[str, int] = {}
    for operation in operations:
        subject = subject_of(operation)
        if is_change(operation) and subject is not None:
            changed[subject] = changed.get(subject, 0) + 1
    many = sum(changed.values())
    if many > MAX_CHANGES_A_WINDOW:
        return f"{many} claims would change at once, and {MAX_CHANGES_A_WINDOW} are the most that do unasked"
    for subject, count in changed.items():
        present = len(forest[subject].current()) if subject in forest else 0
        if present >= MIN_CLAIMS_FOR_SHARE and count > MAX_SHARE_CHANGED * present:
            return f"{count} of {present} claims would change at once, which is more than a third"
    return None


def is_change(operation: Operation) -> bool:
    """Whether it replaces or ends something that is there, rather than adding to it; a wish to forget waits anyhow."""
    return isinstance(operation, Update) or (isinstance(operation, Delete) and operation.reason != "forgotten")


def learned_since(forest: Forest, since: datetime, at_least: int) -> int:
    """How many live claims were learned after a moment; 0 where there are fewer than `at_least` in all."""
    if sum(len(tree.claims) for tree in forest.values()) < at_least:
        return 0
    return sum(claim.recorded_at > since for tree in forest.values() for claim in tree.claims.values())
