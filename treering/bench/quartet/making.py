"""Makes a suite: groups of four, what each is asked, and the answer key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from treering.bench.gold.quartet import GoldChange, GoldItem
from treering.bench.quartet import facts, joining, turning
from treering.bench.quartet.dice import Dice
from treering.bench.quartet.life import Part, live
from treering.bench.quartet.parts import FOUR
from treering.bench.quartet.words import words
from treering.bench.samples import Conversation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from treering.bench.quartet.dial import Dial
    from treering.bench.quartet.life import Life
    from treering.bench.quartet.parts import Quartet

FACTS_OF_A_ROUND = 5
"""Types of questions that take a topic of `facts.yaml`; no person is asked for the same topic twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A suite."""

    conversations: tuple[Conversation, ...]
    gold: tuple[GoldItem, ...]


def make(dial: Dial) -> Made:
    """The suite of a dial; always the same.

    Example:
        >>> from treering.bench.quartet.dial import LEVELS
        >>> made = make(LEVELS["easy"])
        >>> len(made.conversations), len(made.gold)
        (12, 132)
    """
    conversations: list[Conversation] = []
    gold: list[GoldItem] = []
    for group in range(dial.groups):
        dice = Dice(f"{dial.seed}/{group}")
        found = [_shuffled(one, Dice(f"{dial.seed}/{group}/{one.question}")) for one in _quartets(dial, dice)]
        quartets = dice.some(found, len(found))
        seats = [dice.some(range(FOUR), FOUR) for _ in quartets]  # who of the four sits where, anew for each question
        for seat, name in enumerate(dice.some(words().talk.people, FOUR)):
            person = f"{name}-{group}"
            parts = [
                Part(question=f"q{number}", quartet=quartet, member=quartet.members[seated[seat]])
                for number, (quartet, seated) in enumerate(zip(quartets, seats, strict=True))
            ]
            life = live(person, parts, dial, words(), Dice(f"{dial.seed}/{person}"))
            conversations.append(Conversation(id=person, steps=life.steps))
            gold += [_gold(person, group, part, life) for part in parts]
    return Made(conversations=tuple(conversations), gold=tuple(gold))


def _quartets(dial: Dial, dice: Dice) -> Iterator[Quartet]:
    """All questions of a group: each type once a round, each topic once."""
    all_words = words()
    talk, links, rounds = all_words.talk, all_words.links, dial.rounds
    topics = dice.some(all_words.facts, FACTS_OF_A_ROUND * rounds)
    for first in range(0, len(topics), FACTS_OF_A_ROUND):
        told, turned, mixed, untold, gone = topics[first : first + FACTS_OF_A_ROUND]
        yield facts.stated(told, talk, dial.echoes, dice)
        yield facts.latest(turned, talk, dice)
        yield facts.whose(mixed, talk, dice)
        yield facts.never(untold, talk, dial.echoes, dice)
        yield facts.forgotten(gone, talk, dice)
    for taste in dice.some(all_words.changes.topics, rounds):
        yield turning.turned(all_words.changes, taste, talk, dice)
    for choice in dice.some(all_words.reasons, rounds):
        yield turning.reasoned(choice, talk, dice)
    for plan in dice.some(all_words.plans, rounds):
        yield turning.replanned(plan, talk, dice)
    for scenario in dice.some(all_words.scenarios, rounds):
        yield joining.recommended(scenario, talk, dice)
    for spell in dice.some(all_words.dates, rounds):
        yield joining.dated(spell, dial.days, talk, dice)
    for topic in dice.some(links.topics, rounds):
        yield joining.linked(links, topic, talk, dice)


def _shuffled(quartet: Quartet, dice: Dice) -> Quartet:
    """With its options in another order, the same for all four; else saying nothing would always stand last."""
    order = dice.some(range(FOUR), FOUR)
    members = (
        replace(one, right=order.index(one.right), stale=tuple(order.index(place) for place in one.stale))
        for one in quartet.members
    )
    return replace(
        quartet,
        options=tuple(quartet.options[place] for place in order),
        members=tuple(members),
        abstain=None if quartet.abstain is None else order.index(quartet.abstain),
    )


def _gold(person: str, group: int, part: Part, life: Life) -> GoldItem:
    member = part.member
    return GoldItem(
        person=person,
        question=part.question,
        quartet=f"{group}{part.question}",
        type=part.quartet.type,
        right=member.right,
        abstain=part.quartet.abstain,
        stale=member.stale,
        evidence=tuple(life.said[part.question, scene] for scene in member.evidence),
        changes=tuple(
            GoldChange(turn=life.said[part.question, one.scene], kind=one.kind, path=one.path, says=one.says)
            for one in member.changes
        ),
    )
