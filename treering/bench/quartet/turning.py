"""Quartets about change: tastes that turn for a reason, choices with a reason, plans that are given up for others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from treering.bench.quartet.facts import scene
from treering.bench.quartet.parts import FOUR, Change, Member, Quartet

if TYPE_CHECKING:
    from treering.bench.quartet.dice import Dice
    from treering.bench.quartet.words import Choice, Plan, Talk, Taste, Tastes, Why


def turned(tastes: Tastes, topic: Taste, talk: Talk, dice: Dice) -> Quartet:
    """Two tastes and two reasons: each of the four has another turn, or another reason."""
    one, other = dice.some(topic.values, 2)
    why, wherefore = dice.some(tastes.reasons, 2)
    turns = [(one, other, why), (other, one, why), (one, other, wherefore), (other, one, wherefore)]
    turns = dice.some(turns, FOUR)
    return Quartet(
        type="change and reason",
        question=dice.one(topic.question),
        options=tuple(f"from {old} to {new}: {reason.option}" for old, new, reason in turns),
        members=tuple(_turned(topic, turn, right, talk, dice) for right, turn in enumerate(turns)),
    )


def _turned(topic: Taste, turn: tuple[str, str, Why], right: int, talk: Talk, dice: Dice) -> Member:
    old, new, why = turn
    first, second = dice.places(2)
    said = (
        _begun(dice.one(topic.told).format(v=old)),
        _begun(dice.one(topic.turn).format(v=new, old=old, why=why.told)),
    )
    return Member(
        scenes=(scene(said[0], talk, dice, first), scene(said[1], talk, dice, second)),
        right=right,
        evidence=(1,),
        changes=(
            Change(scene=0, kind="ADD", path=topic.slot, says=topic.claim.format(v=old)),
            Change(scene=1, kind="UPDATE", path=topic.slot, says=topic.claim.format(v=new)),
        ),
    )


def reasoned(choice: Choice, talk: Talk, dice: Dice) -> Quartet:
    """All four made the same choice, each for a reason of their own, and the others' reasons moved somebody else."""
    reasons = dice.some(choice.reasons, FOUR)
    members = []
    for right, why in enumerate(reasons):
        told = scene(dice.one(choice.told).format(why=why), talk, dice, dice.places(1)[0])
        wrong = [one for one in reasons if one != why]
        others = zip(wrong, dice.some(talk.others, len(wrong)), dice.places(len(wrong)), strict=True)
        scenes = (
            told,
            *(scene(dice.one(choice.other).format(why=one, who=who), talk, dice, place) for one, who, place in others),
        )
        change = Change(scene=0, kind="ADD", path=choice.slot, says=f"{choice.choice} because {why}")
        members.append(Member(scenes=scenes, right=right, evidence=(0,), changes=(change,)))
    return Quartet(type="reason", question=dice.one(choice.question), options=tuple(reasons), members=tuple(members))


def replanned(plan: Plan, talk: Talk, dice: Dice) -> Quartet:
    """Each planned three of four things, one after the other, and somebody else proposed the fourth."""
    values = dice.some(plan.values, FOUR)
    members = []
    for right in range(FOUR):
        order = [(right + step) % FOUR for step in (1, 2, 0)]
        scenes, changes = [], []
        for number, (option, place) in enumerate(zip(order, dice.places(len(order)), strict=True)):
            before = values[order[number - 1]] if number else ""
            said = dice.one(plan.switch if number else plan.told).format(v=values[option], old=before)
            scenes.append(scene(_begun(said), talk, dice, place))
            kind: Literal["ADD", "UPDATE"] = "UPDATE" if number else "ADD"
            changes.append(Change(scene=number, kind=kind, path=plan.slot, says=plan.claim.format(v=values[option])))
        idea = dice.one(plan.idea).format(v=values[(right + 3) % FOUR], who=dice.one(talk.others))
        scenes.append(scene(idea, talk, dice, dice.places(1)[0]))
        members.append(
            Member(
                scenes=tuple(scenes),
                right=right,
                evidence=(len(order) - 1,),
                changes=tuple(changes),
                stale=tuple(order[:-1]),
            )
        )
    return Quartet(
        type="superseded plan",
        question=dice.one(plan.question),
        options=tuple(plan.option.format(v=value) for value in values),
        members=tuple(members),
    )


def _begun(sentence: str) -> str:
    """With a capital, whatever word it begins with."""
    return sentence[:1].upper() + sentence[1:]
