"""Quartets whose answer is in no single turn: two traits, two dates, or somebody and what is so of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.bench.quartet.facts import scene
from treering.bench.quartet.parts import FOUR, Change, Member, Quartet, Scene

if TYPE_CHECKING:
    from treering.bench.quartet.dice import Dice
    from treering.bench.quartet.words import Attribute, Event, Links, Scenario, Spell, Talk

LONGEST_WEEKS = 20
"""Longest time between two dates."""

_AGO = ("today", "yesterday", "two days ago")
"""How somebody says on which day it was; the place is the number of days since."""


def recommended(scenario: Scenario, talk: Talk, dice: Dice) -> Quartet:
    """Two traits with two poles: what suits follows from both, and each of the four has another combination."""
    members = []
    for right in range(FOUR):
        poles = [trait.poles[(right >> shift) & 1] for trait, shift in zip(scenario.traits, (1, 0), strict=True)]
        members.append(
            Member(
                scenes=tuple(
                    scene(dice.one(pole.told), talk, dice, place)
                    for pole, place in zip(poles, dice.some(dice.places(2), 2), strict=True)
                ),
                right=right,
                evidence=(0, 1),
                changes=tuple(
                    Change(scene=number, kind="ADD", path=trait.slot, says=pole.claim)
                    for number, (trait, pole) in enumerate(zip(scenario.traits, poles, strict=True))
                ),
            )
        )
    return Quartet(
        type="recommendation",
        question=dice.one(scenario.question),
        options=scenario.options,
        members=tuple(members),
    )


def dated(spell: Spell, days: int, talk: Talk, dice: Dice) -> Quartet:
    """Two events on days of their own; for each of the four, other weeks lie between them.

    Args:
        spell: The events.
        days: How long a life is.
        talk: What is answered.
        dice: Chance.
    """
    longest = min(LONGEST_WEEKS, days // 7 - 2)
    weeks = dice.some(range(2, longest + 1), FOUR)
    members = []
    for right, count in enumerate(weeks):
        began = dice.upto(days - 7 * count - 2 * len(_AGO))
        happened = ((spell.first, began), (spell.last, began + 7 * count))
        members.append(
            Member(
                scenes=tuple(_told_after(event, day, days, talk, dice) for event, day in happened),
                right=right,
                evidence=(0, 1),
                changes=tuple(
                    Change(scene=number, kind="ADD", path=spell.slot, says=event.claim)
                    for number, (event, _) in enumerate(happened)
                ),
            )
        )
    return Quartet(
        type="date arithmetic",
        question=dice.one(spell.question),
        options=tuple(f"{count} weeks" for count in weeks),
        members=tuple(members),
    )


def linked(links: Links, topic: Attribute, talk: Talk, dice: Dice) -> Quartet:
    """Four names and what is so of each, the same for all four people; who of them is the sister, differs."""
    names, values = dice.some(links.names, FOUR), dice.some(topic.values, FOUR)
    relations = dice.some(list(links.relations), FOUR)
    members = []
    for right in range(FOUR):
        known = [(relation, names[(right + step) % FOUR]) for step, relation in enumerate(relations)]
        said = [
            *(dice.one(links.introduced).format(relation=relation, name=name) for relation, name in known),
            *(dice.one(topic.told).format(name=name, v=value) for name, value in zip(names, values, strict=True)),
        ]
        places = dice.some(dice.places(len(said)), len(said))
        asked, name = known[0]
        members.append(
            Member(
                scenes=tuple(scene(text, talk, dice, place) for text, place in zip(said, places, strict=True)),
                right=right,
                evidence=(0, FOUR + right),
                changes=(Change(scene=0, kind="ADD", path=links.relations[asked], says=f"has a {asked} named {name}"),),
            )
        )
    return Quartet(
        type="two hops",
        question=dice.one(topic.question).format(relation=relations[0]),
        options=tuple(topic.option.format(v=value) for value in values),
        members=tuple(members),
    )


def _told_after(event: Event, day: int, days: int, talk: Talk, dice: Dice) -> Scene:
    """Told on the day itself, or some days after it."""
    since = dice.upto(len(_AGO) - 1)
    text = dice.one(event.told).format(day=_AGO[since])
    said = scene(text, talk, dice, (day + since) / days)
    return Scene(lines=said.lines, place=said.place, day=day + since)
