"""Talk of many people by seed: sentences that make, replace and end claims, in sessions, over months."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING

from treering.schemas.dialogue import Message, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_DAY = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
"""When everybody begins to talk. A fixed day: what `last week` means must not hang on the day of the run."""

FOR_EVER_MINUTES = 50_000_000.0
"""How long sessions may be idle where this is said: it is of 2024, and they are not to end by the clock."""

TURNS_A_SESSION = 8
"""Turns of one conversation."""

_CITIES = ("Porto", "Lisbon", "Oslo", "Leipzig", "Galway", "Tartu", "Lyon", "Perth", "Quito", "Kyoto")
_JOBS = ("nurse", "teacher", "carpenter", "translator", "pilot", "baker", "plumber", "librarian")
_JOYS = ("sailing", "pottery", "chess", "hiking", "archery", "calligraphy", "kayaking", "origami", "falconry")
_NUTS = ("peanuts", "walnuts", "shellfish", "pollen", "penicillin", "strawberries")
_NAMES = ("Ines", "Tom", "Yuki", "Freya", "Paulo", "Mina", "Oskar", "Leila")
_ANSWERS = ("Nice, tell me more.", "Good to know.", "What else is new?")
_LASTING = ("I have two cats.", "I am learning Spanish.", "I prefer tea to coffee.")
_FILLERS = ("It rained all day, so what else could one do?", "Anyway, that is how things are going around here.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One turn of somebody."""

    scope: Scope
    session: str
    message: Message


def people(number: int, tenants: int = 5) -> list[Scope]:
    """So many people, spread over tenants.

    Example:
        >>> [f"{one.tenant}/{one.user}" for one in people(3, tenants=2)]
        ['t0/p0', 't1/p1', 't0/p2']
    """
    return [Scope(tenant=f"t{index % tenants}", user=f"p{index}") for index in range(number)]


def talk(of: list[Scope], turns: int, seed: int) -> list[Spoken]:
    """So many turns of these people, all mixed up, each person's own in order; the same ones for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - no secret, and the same talk for the same seed
    lives = [_life(scope, random.Random(f"{seed} {scope.tenant} {scope.user}")) for scope in of]  # noqa: S311
    order = [index for index, _ in zip(cycle(range(len(of))), range(turns), strict=False)]
    dice.shuffle(order)
    return [next(lives[index]) for index in order]


def chatter(of: list[Scope], seed: int) -> Iterator[Spoken]:
    """Turns of these people one after another, for ever, with news that never ends, said now."""
    lives = [_life(scope, random.Random(f"{seed} {scope.user}"), has_always_news=True) for scope in of]  # noqa: S311
    for life in cycle(lives):
        one = next(life)
        yield replace(one, message=one.message.model_copy(update={"at": None}))


def _life(scope: Scope, dice: random.Random, *, has_always_news: bool = False) -> Iterator[Spoken]:
    """What one person says, and every fourth turn hears, for ever."""
    number = 0
    for said in _said(dice, has_always_news=has_always_news):
        yield _spoken(scope, number, "user", said)
        number += 1
        if number % 4 == 3:  # noqa: PLR2004
            yield _spoken(scope, number, "assistant", dice.choice(_ANSWERS))
            number += 1


def _said(dice: random.Random, *, has_always_news: bool) -> Iterator[str]:
    """News, in an order that makes sense, then small talk.

    Nothing is said anew but one lasting thing, once: consolidation then makes one of both, whenever it runs. Where it
    would find more the longer it waits, two runs at different speeds would end differently, and both be right.
    """
    home, *moves = dice.sample(_CITIES, len(_CITIES))
    job, *careers = dice.sample(_JOBS, len(_JOBS))
    yield from dice.sample(
        (
            f"I live in {home}.",
            f"I work as a {job}.",
            f"I am allergic to {dice.choice(_NUTS)}.",
            f"My sister is called {dice.choice(_NAMES)}.",
            *_LASTING,
        ),
        7,
    )
    news = [f"I moved to {city}." for city in moves] + [f"I work as a {job} now." for job in careers]
    news += [f"I love {joy}." for joy in _JOYS] + [dice.choice(_LASTING), *_FILLERS]
    dice.shuffle(news)
    for joy in _JOYS[::2]:
        said = news.index(f"I love {joy}.")
        news.insert(dice.randint(said + 1, len(news)), f"I don't love {joy} any more.")
    yield from news
    while has_always_news:
        yield dice.choice((f"I moved to {dice.choice(_CITIES)}.", f"I work as a {dice.choice(_JOBS)} now.", *_FILLERS))
    yield from cycle(_FILLERS)


def _spoken(scope: Scope, number: int, role: str, content: str) -> Spoken:
    message = Message.model_validate(
        {"role": role, "content": content, "id": f"m{number}", "at": FIRST_DAY + timedelta(hours=7 * number)}
    )
    return Spoken(scope=scope, session=f"s{number // TURNS_A_SESSION}", message=message)
