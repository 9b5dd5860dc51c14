"""Questions whose history is read later, and where they stand in it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.bench.choice.shuffling import option_order
from treering.bench.samples import Question, SaidTurn
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from treering.bench.replaying import History, RecordedTurn

_MIXED_BY = 0
"""The seed of the order of options in suites whose files put the right one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, before the history is read that it is about."""

    question_id: str
    text: str
    options: tuple[str, ...]
    after: int | None
    """How many messages are said before it; None: all."""


def can_be_chosen_from(options: Sequence[str]) -> bool:
    """Whether there are several, and each is another one."""
    return 1 < len(options) == len(set(options))


def mixed(text: str, options: Sequence[str]) -> tuple[str, ...]:
    """Options in an order that says nothing of which one stood first, the same on every machine.

    Example:
        >>> mixed("Tea?", ["green", "black", "none"]) == mixed("Tea?", ["green", "black", "none"])
        True
    """
    return tuple(options[place] for place in option_order(text, options, _MIXED_BY))


def steps_of(history: History, asked: Iterable[Asked]) -> Iterator[SaidTurn | Question]:
    """What was said and asked, in order.

    Raises:
        InvalidInput: A message is one that nobody says.
    """
    turns = [_said(history.id, turn) for turn in history.turns]
    by_place: dict[int, list[Asked]] = defaultdict(list)
    for one in asked:
        by_place[_place(history, one.after)].append(one)
    for place in range(len(turns) + 1):
        last = turns[max(0, place - 1)]
        for one in by_place[place]:
            session = last.session if place < len(turns) else None
            yield Question(id=one.question_id, text=one.text, options=one.options, at=last.at, session=session)
        yield from turns[place : place + 1]


def _place(history: History, after: int | None) -> int:
    """How many turns are said before a question that comes after so many messages."""
    if after is None:
        return len(history.turns)
    return min(after - sum(place < after for place in history.wordless), len(history.turns))


def _said(identity: str, turn: RecordedTurn) -> SaidTurn:
    message = turn.message
    if message.role == "tool" or message.at is None or message.id is None:
        raise InvalidInput(f"the history {identity}", f"has a message that nobody says, in {turn.session}")
    return SaidTurn(
        id=message.id,
        session=turn.session,
        role=message.role,
        speaker="User" if message.role == "user" else message.role.capitalize(),
        text=message.content,
        at=message.at,
    )
