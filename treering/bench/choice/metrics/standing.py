"""What stands in a memory and should not: what is over, what was to be forgotten, and what contradicts something else.

Read by the scorer, in the words: in contexts when the question is asked, in what a system holds when the life is over.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from treering.bench.gold.choices import RightChoice
from treering.bench.listen_judge import contradict
from treering.bench.listen_words import stems
from treering.bench.samples import Question

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from treering.bench.choice.folder import Heard
    from treering.bench.gold.answers import AnswerSheet
    from treering.bench.samples import Conversation
    from treering.bench.systems.port import HeldClaim

Options = dict[tuple[str, str], tuple[str, ...]]
"""Of the questions of which some option was right once, by conversation and question."""


def options_of(conversations: Iterable[Conversation], key: AnswerSheet) -> Options:
    """The options of the questions of which some was right once, or was told and forgotten."""
    if not any(isinstance(right, RightChoice) and right.stale for right in key.values()):
        return {}
    return {
        (conversation.id, step.id): step.options
        for conversation in conversations
        for step in conversation.steps
        if isinstance(step, Question)
        and isinstance(right := key.get((conversation.id, step.id)), RightChoice)
        and right.stale
    }


def standing_rates(heard: Sequence[Heard], options: Options, key: AnswerSheet) -> dict[str, list[bool]]:
    """What stands that should not, each over the options, or the claims, that it is about.

    `context_stale` and `context_forgotten`: a line of the context has the words of an option that is over, or of one
    that was to be forgotten; a line that also has those of the right one tells of the change, and is none. `held_stale`
    and `held_forgotten`: the same of the claims that a system holds in the end. `contradicting`: the claims that
    contradict another one in their slot.
    """
    found: dict[str, list[bool]] = defaultdict(list)
    for one in heard:
        held = None if one.stats is None else one.stats.held
        claims = None if held is None else [stems(claim.says) for claim in held]
        for asked in one.asked:
            at = (one.conversation, asked.question)
            right = key.get(at)
            if at in options and isinstance(right, RightChoice):
                name = "forgotten" if right.is_forgotten else "stale"
                lines = [stems(line) for line in asked.memory.splitlines()]
                for words in _over(options[at], right):
                    found[f"context_{name}"].append(_stands(*words, lines))
                    if claims is not None:
                        found[f"held_{name}"].append(_stands(*words, claims))
        if held is not None:
            found["contradicting"] += _contradicting(held)
    return found


def _over(options: Sequence[str], right: RightChoice) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """The words of each option that is over, and those of the right one: what tells them from the other options."""
    told = [stems(option) for place, option in enumerate(options) if place != right.abstain]
    common = frozenset.intersection(*told)
    now = frozenset[str]() if right.option == right.abstain else stems(options[right.option]) - common
    for place in sorted(right.stale):
        if words := stems(options[place]) - common:
            yield words, now


def _stands(words: frozenset[str], now: frozenset[str], lines: Sequence[frozenset[str]]) -> bool:
    return any(words <= line and not (now and now <= line) for line in lines)


def _contradicting(held: Sequence[HeldClaim]) -> list[bool]:
    by_slot: Mapping[str, list[int]] = defaultdict(list)
    for place, claim in enumerate(held):
        by_slot[claim.path].append(place)
    clashing = {
        place
        for places in by_slot.values()
        for pair in combinations(places, 2)
        if contradict(held[pair[0]].says, held[pair[1]].says)
        for place in pair
    }
    return [place in clashing for place in range(len(held))]
