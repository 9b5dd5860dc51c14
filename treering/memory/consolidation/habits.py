"""What somebody did again and again: "went climbing" in three weeks makes "often goes climbing". No model has a say.

The bar is high, for nobody has looked at the whole of it: one form of words ("went climbing", "played tennis", "went to
the gym"), three independent reports in three calendar weeks within half a year, and nothing that says so already.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from treering.memory.consolidation.case import Step
from treering.memory.consolidation.duplicates import all_evidence
from treering.memory.consolidation.supports import SUPPORTS_OF_A_HABIT, confidence, independent
from treering.memory.consolidation.traits import HABIT, OFTEN, objection
from treering.memory.consolidation.wording import gist_of, says_more, says_the_same
from treering.memory.drafting import claim_id
from treering.memory.tree import precedence
from treering.schemas.operations import Add

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from treering.memory.consolidation.case import Case
    from treering.schemas.claims import Claim, Evidence
    from treering.schemas.dialogue import Turn

WITHIN = timedelta(days=183)
"""Reports further apart are no habit."""

_DATE = r"(?:on|in|at) (?:the \w+ of )?\d{4}(?:-\d\d){0,2}"
_DAY = rf"(?:again|today|yesterday|last (?:night|week|weekend)|this (?:morning|week|weekend|evening)|on \w+day|{_DATE})"
_WHEN = rf"(?: {_DAY})*$"
_FORMS = (
    (re.compile(rf"^(?:just |recently )*went (?P<what>\w{{3,}}ing){_WHEN}", re.IGNORECASE), "goes {what}"),
    (
        re.compile(rf"^(?:just |recently )*went to (?P<what>(?:the|a|an) \w{{3,}}(?: class)?){_WHEN}", re.IGNORECASE),
        "goes to {what}",
    ),
    (
        re.compile(rf"^(?:just |recently )*played (?P<what>(?:the )?\w{{3,}}){_WHEN}", re.IGNORECASE),
        "plays {what}",
    ),
)
#: "went shopping", "went to the doctor": what everybody does, or does out of need, tells nothing of a person.
_NO_HABIT = re.compile(r"\b(?:shopping|missing|doctor|dentist|hospital|funeral|bank|police|emergency)\b", re.IGNORECASE)


def habits(case: Case) -> Iterator[Step]:
    """Each kind of event that was reported often enough by now, as a conclusion."""
    kinds: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    touched = set()
    for key in sorted({(claim.subject, claim.path) for ref in case.touched.claims if (claim := case.live.get(ref))}):
        for claim in case.near(*key):
            habit = habit_of(claim.text)
            if habit is not None and claim.origin != "inferred":
                kind = (claim.subject, habit.lower())
                kinds[kind] += [claim] if claim not in kinds[kind] else []
                touched |= {kind} if claim.id in case.touched.claims else set()
    for kind in sorted(touched):
        step = _conclude(case, kind[1], sorted(kinds[kind], key=precedence))
        if step is not None:
            yield step


def habit_of(text: str) -> str | None:
    """What an event would be if it were a habit; None for anything else.

    Example:
        >>> habit_of("went climbing again on 2024-05-03"), habit_of("went to the gym"), habit_of("went missing")
        ('often goes climbing', 'often goes to the gym', None)
    """
    if _NO_HABIT.search(text):
        return None
    for form, habit in _FORMS:
        hit = form.match(text.strip(" ."))
        if hit is not None:
            return OFTEN + habit.format(what=hit["what"])
    return None


def _conclude(case: Case, text: str, events: Sequence[Claim]) -> Step | None:
    evidence = all_evidence(case, events, whole=False)
    turns = case.turns_of([piece.message_id for piece in evidence])
    supports = independent(evidence, turns)
    if len(supports) < SUPPORTS_OF_A_HABIT or not _is_spread(supports, turns):
        return None
    first, oldest = events[0], supports[0]
    paths = Counter(one.path for one in events)
    path = min(paths, key=lambda one: (-paths[one], one))
    claim = first.model_copy(
        update={
            "id": claim_id(oldest.message_id, f"{oldest.start}:{oldest.quote}", first.subject, path, nth=1),
            "path": path,
            "text": text,
            "valid_from": turns[oldest.message_id].at,
            "order": turns[oldest.message_id].seq,
            "recorded_at": case.now,
            "evidence": supports,
            "origin": "inferred",
            "confidence": confidence(len(supports)),
            "supersedes": (),
            "condition": None,
        }
    )
    near = case.near(claim.subject, claim.path)
    is_known = any(_says_so(one, claim) for one in near)
    if claim.path not in case.trunk.by_path or is_known or claim.id in case.live or case.tombstones.cover(claim):
        return None
    if objection(case, claim, near) is not None:
        return None
    why = f"habit: {len(supports)} reports of {', '.join(one.id for one in events)} in other sessions and other weeks"
    return Step(rule=HABIT, why=why, claims=(claim.id,), operations=(Add(claim=claim, why=why),))


def _is_spread(supports: Sequence[Evidence], turns: Mapping[str, Turn]) -> bool:
    """Whether the latest reports are of so many calendar weeks, and not too far apart."""
    days = [turns[piece.message_id].at for piece in supports]
    recent = [day for day in days if day >= days[-1] - WITHIN]
    return len({day.isocalendar()[:2] for day in recent}) >= SUPPORTS_OF_A_HABIT


def _says_so(known: Claim, claim: Claim) -> bool:
    one, other = gist_of(known), gist_of(claim)
    return says_the_same(one, other) or says_more(one, other) or known.text == claim.text
