"""PrefEval: a preference, then talk about other things, then a question that is easily answered against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from treering.bench.replaying import BETWEEN_SESSIONS, FIRST_DAY
from treering.bench.samples import Conversation, Question, SaidTurn
from treering.bench.suites.asked import can_be_chosen_from, mixed
from treering.bench.suites.files import JsonObject, WrongShape, read_json
from treering.bench.suites.shelf import Shelf
from treering.bench.suites.source import Source
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FORMS = {
    "explicit": "explicit_preference",
    "choice": "implicit_preference/choice-based",
    "persona": "implicit_preference/persona-driven",
}
"""How the preference is told, and the folder of it: in a sentence, by choosing among offers, in passing in a talk."""

BETWEEN = (10, 300)
"""Exchanges about other things before the question, of those that the authors measure with."""

OPTIONS = "mcq_options"
"""The folder with the options; the first of each question is right."""

TALK = "filtered_inter_turns.json"
"""Talks with assistants about other things; what is said before a question is their beginning."""

TOLD = "told"
"""The session of the preference."""

_Message = tuple[Literal["user", "assistant"], str]


def prefeval_of(form: str, between: int = BETWEEN[0]) -> Source:
    """PrefEval (Zhao et al. 2025) in one of its `FORMS`, after so many exchanges about other things."""
    return Source(
        name=f"PrefEval, {form}, {between} exchanges",
        url="https://github.com/amazon-science/PrefEval, in its folder benchmark_dataset",
        licence="CC BY-NC 4.0",
        files=(f"{FORMS[form]}/*.json", f"{OPTIONS}/*.json", TALK),
        measures="a preference that was told before other things is followed; four options",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A question as the files have it, with what is right."""

    topic: str
    number: int
    told: tuple[_Message, ...]
    """How the preference is told."""
    text: str
    published: tuple[str, ...]
    """The options; the first is right."""

    @property
    def conversation(self) -> str:
        """The id of its history, which nothing else is asked in."""
        return f"{self.topic}-{self.number:02d}"

    @property
    def options(self) -> tuple[str, ...]:
        """The options in an order that does not tell the right one."""
        return mixed(self.text, self.published)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """An item and what is said before it is asked."""

    item: Item
    talk: tuple[tuple[_Message, ...], ...]

    def made(self) -> Conversation:
        sessions = [
            (TOLD, self.item.told),
            *((f"other-{number}", one) for number, one in enumerate(self.talk, start=1)),
        ]
        turns = [
            turn for place, (session, messages) in enumerate(sessions) for turn in _turns(place, session, messages)
        ]
        asked = Question(id="asked", text=self.item.text, options=self.item.options, at=turns[-1].at)
        return Conversation(id=self.item.conversation, steps=(*turns, asked))

    def weight(self) -> int:
        return sum(len(text) for session in (self.item.told, *self.talk) for _, text in session)


def read_prefeval(data: Path, form: str, between: int = BETWEEN[0]) -> Sequence[Conversation]:
    """A history for each question: the preference, then exchanges about other things, the same for all.

    Files have no dates: the telling of the preference and each of the other talks is a session, a week after the last.

    Args:
        data: The folder `benchmark_dataset`.
        form: One of `FORMS`.
        between: How many exchanges about other things.

    Raises:
        InvalidInput: A file is missing, cannot be read or has another shape.
    """
    items = [one for one in read_items(data, form) if can_be_chosen_from(one.options)]
    talk = _talk(data / TALK, between)
    return Shelf([_Plan(item=one, talk=talk) for one in items], _Plan.made, weigh=_Plan.weight)


def read_items(data: Path, form: str) -> Iterator[Item]:
    """The questions of a form, by topic, in the order of the files.

    Raises:
        InvalidInput: A file is missing, cannot be read or has another shape.
    """
    for file in prefeval_of(form).found(data):
        if file.parent == data / FORMS[form]:
            yield from _topic(file, data / OPTIONS / file.name, form)


def _topic(file: Path, options_file: Path, form: str) -> Iterator[Item]:
    preferences, options = read_json(file), read_json(options_file)
    try:
        for number, (one, beside) in enumerate(zip(preferences, options, strict=True)):
            told = tuple(_message(role, text) for role, text in _told(one, form))
            yield _item(file.stem, number, told, one["question"], beside)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise WrongShape(file, "PrefEval", error) from error


def _item(topic: str, number: int, told: tuple[_Message, ...], question: str, beside: JsonObject) -> Item:
    if question != beside["question"]:
        raise ValueError(f"question {number} is another one in {OPTIONS}")
    published = tuple(_text(one) for one in beside["classification_task_options"])
    return Item(topic=topic, number=number, told=told, text=_text(question), published=published)


def _told(item: JsonObject, form: str) -> Iterator[tuple[str, str]]:
    """What tells the preference. To a stated one the authors have the model under test reply; here nobody does."""
    if form == "explicit":
        yield "user", item["preference"]
    elif form == "choice":
        talk = item["conversation"]
        yield "user", talk["query"]
        yield "assistant", talk["assistant_options"]
        yield "user", talk["user_selection"]
        yield "assistant", talk["assistant_acknowledgment"]
    else:
        for exchange in item["conversation"].values():
            yield "user", exchange["user"]
            yield "assistant", exchange["assistant"]


def _talk(file: Path, exchanges: int) -> tuple[tuple[_Message, ...], ...]:
    left = 2 * exchanges
    talks = []
    try:
        for one in read_json(file):
            messages = tuple(_message(said["role"], said["content"]) for said in one["conversation"][:left])
            left -= len(messages)
            talks.append(messages)
    except (KeyError, ValueError, TypeError) as error:
        raise WrongShape(file, "PrefEval", error) from error
    if left:
        raise InvalidInput(str(file), f"holds fewer than {exchanges} exchanges")
    return tuple(one for one in talks if one)


def _message(role: str, text: str) -> _Message:
    if role == "user":
        return "user", _text(text)
    if role == "assistant":
        return "assistant", _text(text)
    raise ValueError(f"nobody speaks as {role!r}")


def _text(value: str) -> str:
    if not isinstance(value, str):
        raise TypeError("what should be a text is none")
    return value


def _turns(place: int, session: str, messages: tuple[_Message, ...]) -> Iterator[SaidTurn]:
    for number, (role, text) in enumerate(messages):
        if not text.strip():
            continue
        yield SaidTurn(
            id=f"{session}:{number}",
            session=session,
            role=role,
            speaker=role.capitalize(),
            text=text,
            at=FIRST_DAY + place * BETWEEN_SESSIONS + timedelta(minutes=number),
        )
