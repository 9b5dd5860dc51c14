"""Small talk by seed: distinct, plausible first-person turns, for measurements that need length and not meaning."""

from __future__ import annotations

import random
from datetime import timedelta

from treering.bench.replaying import FIRST_DAY, History, RecordedTurn
from treering.schemas.dialogue import Message

_PLACES = ("Porto", "Leipzig", "Oslo", "Cusco", "Galway", "Kyoto", "Tartu", "Quito", "Lyon", "Perth")
_FRIENDS = ("Ines", "Tom", "Yuki", "Abdul", "Freya", "Paulo", "Mina", "Oskar", "Leila", "Sven")
_THINGS = ("chess", "pottery", "rye bread", "trail running", "fado", "crosswords", "cold brew", "bird walks", "ramen")
_TIMES = ("last week", "yesterday", "in 2019", "two months ago", "on Sunday", "last summer")
_OPENERS = (
    "I moved to {place} {time}, and I am still unpacking boxes in the hallway.",
    "My friend {friend} taught me {thing} {time}.",
    "I have been learning {thing} with {friend} every Thursday evening.",
    "I'm planning a trip to {place} with {friend}.",
)
_FEELINGS = (
    "I love {thing}, it calms me down after work.",
    "I can't stand {thing} any more, to be honest.",
    "I prefer {thing} to anything else on a slow morning.",
    "I started {thing} again because {friend} asked me to.",
)
_FILLERS = (
    "It was raining all day, so what else could one do?",
    "What do you think about that?",
    "Anyway, that is how things are going around here.",
    "If I had more time, I would do it every day.",
)


def small_talk(turns: int, seed: int = 7) -> History:
    """A history of user turns with answers between them; half of the turns are the user's."""
    dice = random.Random(seed)  # noqa: S311 - no secret, and the same talk for the same seed
    recorded = []
    for number in range(turns):
        is_user = number % 2 == 0
        parts = (dice.choice(_OPENERS), dice.choice(_FEELINGS), dice.choice(_FILLERS))
        words = {
            "place": dice.choice(_PLACES),
            "friend": dice.choice(_FRIENDS),
            "thing": dice.choice(_THINGS),
            "time": dice.choice(_TIMES),
        }
        said = " ".join(parts).format(**words) if is_user else f"{words['place']} sounds lovely. Tell me more!"
        message = Message(
            role="user" if is_user else "assistant",
            content=said,
            id=f"talk-{seed}-{number}",
            at=FIRST_DAY + timedelta(minutes=number),
        )
        recorded.append(RecordedTurn(session="talk", message=message))
    return History(id=f"small-talk-{seed}", turns=tuple(recorded))
