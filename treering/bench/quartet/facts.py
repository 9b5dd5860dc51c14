"""Quartets about what is so of the person: told once, changed, mixed with others' facts, forgotten, or never told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.bench.quartet.parts import ASSISTANT, FOUR, Change, Line, Member, Quartet, Scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.bench.quartet.dice import Dice
    from treering.bench.quartet.words import Fact, Talk

LATEST_FROM = 0.55
"""When a question for the latest is asked at the earliest; something changes again afterwards."""


def stated(topic: Fact, talk: Talk, echoes: int, dice: Dice) -> Quartet:
    """Each has told one value, and the others' values are said of other people."""
    values = dice.some(topic.values, FOUR)
    members = []
    for right, value in enumerate(values):
        told = scene(dice.one(topic.told).format(v=value), talk, dice, dice.places(1)[0])
        wrong = [one for one in values if one != value]
        scenes = (told, *echo(topic, wrong, talk, echoes, dice))
        members.append(Member(scenes=scenes, right=right, evidence=(0,), changes=(_add(topic, value),)))
    return Quartet(
        type="stated fact",
        question=dice.one(topic.question),
        options=tuple(topic.option.format(v=value) for value in values),
        members=tuple(members),
    )


def latest(topic: Fact, talk: Talk, dice: Dice) -> Quartet:
    """Each goes through all four values, in an order of their own; it is asked before the last turn.

    What is said after the question is another one's right answer: who peeks, is wrong.
    """
    values = dice.some(topic.values, FOUR)
    asked = dice.places(1, before=0.9, after=LATEST_FROM)[0]
    members = []
    for right in range(FOUR):
        order = [(right + step) % FOUR for step in (2, 3, 0, 1)]  # the third is right when it is asked
        times = (*dice.places(3, before=asked * 0.98), dice.places(1, after=asked * 1.01)[0])
        scenes, changes = [], []
        for number, (option, place) in enumerate(zip(order, times, strict=True)):
            before = values[order[number - 1]] if number else ""
            said = dice.one(topic.switch if number else topic.told).format(v=values[option], old=before)
            scenes.append(scene(said, talk, dice, place))
            changes.append(_change(topic, values[option], scene=number, updates=bool(number)))
        members.append(
            Member(
                scenes=tuple(scenes),
                right=right,
                evidence=(2,),
                changes=tuple(changes),
                stale=(order[0], order[1]),
            )
        )
    return Quartet(
        type="latest preference",
        question=dice.one(topic.question),
        options=tuple(topic.option.format(v=value) for value in values),
        members=tuple(members),
        asked=asked,
    )


def whose(topic: Fact, talk: Talk, dice: Dice) -> Quartet:
    """Each says all four values: of themselves, of a relative, of a figure in a book, and a guest says theirs."""
    values = dice.some(topic.values, FOUR)
    relative, guest = dice.one(talk.kin), dice.one(talk.partners)
    members = []
    for right in range(FOUR):
        mine, hers, invented, said = (values[(right + step) % FOUR] for step in range(FOUR))
        lines = (
            (Line(text=dice.one(topic.told).format(v=mine)),),
            (Line(text=dice.one(topic.other).format(v=hers, who=relative)),),
            (Line(text=dice.one(topic.figure).format(v=invented)),),
            (Line(text=f"{guest} is here with me."), Line(text=dice.one(topic.own).format(v=said), speaker=guest)),
        )
        places = dice.some(dice.places(FOUR), FOUR)
        scenes = tuple(
            Scene(lines=(*said_here, _nod(talk, dice)), place=place)
            for said_here, place in zip(lines, places, strict=True)
        )
        members.append(Member(scenes=scenes, right=right, evidence=(0,), changes=(_add(topic, mine),)))
    return Quartet(
        type="whose fact",
        question=dice.one(topic.question),
        options=tuple(topic.option.format(v=value) for value in values),
        members=tuple(members),
    )


def never(topic: Fact, talk: Talk, echoes: int, dice: Dice) -> Quartet:
    """Three have told a value; the fourth only of others, so that nothing is known of them."""
    values = dice.some(topic.values, FOUR - 1)
    members = []
    for right in range(FOUR):
        wrong = [value for option, value in enumerate(values) if option != right]
        others = echo(topic, wrong, talk, max(1, echoes), dice)
        if right == FOUR - 1:
            members.append(Member(scenes=others, right=right, evidence=(), changes=()))
            continue
        told = scene(dice.one(topic.told).format(v=values[right]), talk, dice, dice.places(1)[0])
        members.append(
            Member(scenes=(told, *others), right=right, evidence=(0,), changes=(_add(topic, values[right]),))
        )
    return Quartet(
        type="never told",
        question=dice.one(topic.question),
        options=(*(topic.option.format(v=value) for value in values), talk.abstain),
        members=tuple(members),
        abstain=FOUR - 1,
    )


def forgotten(topic: Fact, talk: Talk, dice: Dice) -> Quartet:
    """All four have told a value; the fourth has asked to forget it, and said yes when asked whether really."""
    values = dice.some(topic.values, FOUR - 1)
    members = []
    for right in range(FOUR):
        is_forgotten = right == FOUR - 1
        option = dice.upto(FOUR - 2) if is_forgotten else right
        first, second = dice.places(2)
        scenes = [scene(dice.one(topic.told).format(v=values[option]), talk, dice, first)]
        changes = [_add(topic, values[option])]
        if is_forgotten:
            scenes.append(_asking_to_forget(topic, talk, dice, second))
            changes.append(Change(scene=1, kind="DELETE", path=topic.slot, says=topic.claim.format(v=values[option])))
        members.append(
            Member(
                scenes=tuple(scenes),
                right=right,
                evidence=() if is_forgotten else (0,),
                changes=tuple(changes),
                stale=(option,) if is_forgotten else (),
            )
        )
    return Quartet(
        type="asked to forget",
        question=dice.one(topic.question),
        options=(*(topic.option.format(v=value) for value in values), talk.abstain),
        members=tuple(members),
        abstain=FOUR - 1,
    )


def echo(topic: Fact, values: Sequence[str], talk: Talk, count: int, dice: Dice) -> tuple[Scene, ...]:
    """Values said of other people, each of them of somebody else."""
    people = dice.some(talk.others, min(count, len(talk.others)))
    return tuple(
        scene(dice.one(topic.other).format(v=values[number % len(values)], who=who), talk, dice, place)
        for number, (who, place) in enumerate(zip(people, dice.places(len(people)), strict=True))
    )


def _asking_to_forget(topic: Fact, talk: Talk, dice: Dice, place: float) -> Scene:
    return Scene(
        lines=(
            Line(text=dice.one(talk.forget).format(topic=topic.topic)),
            Line(text=dice.one(talk.forgotten), speaker=ASSISTANT),
            Line(text=dice.one(talk.confirmed)),
            _nod(talk, dice),
        ),
        place=place,
    )


def scene(text: str, talk: Talk, dice: Dice, place: float) -> Scene:
    """Something that the person says, and what is answered."""
    return Scene(lines=(Line(text=text), _nod(talk, dice)), place=place)


def _nod(talk: Talk, dice: Dice) -> Line:
    return Line(text=dice.one(talk.acknowledged), speaker=ASSISTANT)


def _add(topic: Fact, value: str) -> Change:
    return _change(topic, value, scene=0, updates=False)


def _change(topic: Fact, value: str, *, scene: int, updates: bool) -> Change:
    return Change(scene=scene, kind="UPDATE" if updates else "ADD", path=topic.slot, says=topic.claim.format(v=value))
