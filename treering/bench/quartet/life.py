"""Lays the scenes of a person out in sessions, with the talk of every day between them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from treering.bench.quartet.noise import noisy
from treering.bench.quartet.parts import ASSISTANT, Line
from treering.bench.samples import Question, SaidTurn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from treering.bench.quartet.dial import Dial
    from treering.bench.quartet.dice import Dice
    from treering.bench.quartet.parts import Member, Quartet, Scene
    from treering.bench.quartet.words import Words

_FIRST_DAY = datetime(2023, 1, 2, tzinfo=UTC)
_DAYS_OF_BEGIN = 365
_FIRST_HOUR, _HOURS = 8, 8
_MORNING = timedelta(hours=6)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One quartet in one life."""

    question: str
    """The id of the question."""
    quartet: Quartet
    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A life, and where the scenes of each part were said."""

    steps: tuple[SaidTurn | Question, ...]
    said: dict[tuple[str, int], str] = field(hash=False)
    """The turn that holds the first line of a scene, by question and scene."""


def live(person: str, parts: Sequence[Part], dial: Dial, words: Words, dice: Dice) -> Life:
    """The life of a person.

    Args:
        person: Their name.
        parts: What they are asked, and what they say of it.
        dial: How much is said, and how.
        words: What is said between.
        dice: Chance.
    """
    days = sorted(dice.some(range(dial.days), dial.sessions))
    begin = _FIRST_DAY + timedelta(days=dice.upto(_DAYS_OF_BEGIN))
    spoken: dict[int, list[tuple[float, str, int, Scene]]] = defaultdict(list)
    asked: dict[int, list[Part]] = defaultdict(list)
    for part in parts:
        stands = min(round(part.quartet.asked * dial.sessions), dial.sessions)
        asked[days[stands] if stands < dial.sessions else dial.days].append(part)
        for number, scene in enumerate(part.member.scenes):
            spoken[_day_of(scene, part.quartet.asked, stands, days)].append((scene.place, part.question, number, scene))
    teller = _Teller(person, dial, words, dice)
    for session, day in enumerate(sorted({*days, *spoken})):
        teller.ask(asked.pop(day, ()), begin + day * _DAY + _MORNING)
        teller.tell(f"s{session:03d}", spoken[day], begin + day * _DAY)
    for rest in asked.values():
        teller.ask(rest, begin + (dial.days + 2) * _DAY)
    return Life(steps=tuple(teller.steps), said=teller.said)


def _day_of(scene: Scene, asked: float, stands: int, days: Sequence[int]) -> int:
    """The day of a scene: its own, or that of the session at its place, on its side of the question."""
    if scene.day is not None:
        return scene.day
    session = int(scene.place * len(days))
    session = min(session, stands - 1) if scene.place <= asked else max(session, stands)
    return days[min(max(session, 0), len(days) - 1)]


class _Teller:
    """Writes a life down, turn by turn."""

    def __init__(self, person: str, dial: Dial, words: Words, dice: Dice) -> None:
        self.steps: list[SaidTurn | Question] = []
        self.said: dict[tuple[str, int], str] = {}
        self._person = person
        self._dial = dial
        self._words = words
        self._dice = dice

    def ask(self, parts: Sequence[Part], at: datetime) -> None:
        """Ask what is asked at a moment."""
        for part in parts:
            quartet = part.quartet
            self.steps.append(Question(id=part.question, text=quartet.question, options=quartet.options, at=at))

    def tell(self, session: str, scenes: list[tuple[float, str, int, Scene]], day: datetime) -> None:
        """A session: its scenes in order, and between them the talk of every day."""
        told: list[tuple[Sequence[Line], tuple[str, int] | None]] = [
            (scene.lines, (question, number)) for _, question, number, scene in sorted(scenes, key=lambda one: one[:3])
        ]
        for exchange in self._exchanges():
            told.insert(self._dice.upto(len(told)), (exchange, None))
        at = day + timedelta(hours=_FIRST_HOUR + self._dice.upto(_HOURS), minutes=self._dice.upto(59))
        number = 0
        for lines, key in told:
            for place, line in enumerate(lines):
                turn = self._turn(f"{session}t{number:03d}", session, line, at + timedelta(minutes=number))
                self.steps.append(turn)
                if key is not None and not place:
                    self.said[key] = turn.id
                number += 1

    def _turn(self, identity: str, session: str, line: Line, at: datetime) -> SaidTurn:
        is_assistant = line.speaker == ASSISTANT
        typed = line.text if is_assistant else noisy(line.text, self._dial.noise, self._words.answers, self._dice)
        return SaidTurn(
            id=identity,
            session=session,
            role="assistant" if is_assistant else "user",
            speaker=line.speaker or self._person,
            text=typed,
            at=at,
        )

    def _exchanges(self) -> Iterator[Sequence[Line]]:
        talk = self._words.talk
        for _ in range(self._dice.upto(2 * self._dial.talk)):
            exchange = self._dice.one(talk.exchanges)
            drawn = {name: self._dice.one(choices) for name, choices in talk.words.items()}
            yield (Line(text=exchange.asked.format(**drawn)), Line(text=exchange.answered, speaker=ASSISTANT))
