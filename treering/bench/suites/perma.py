"""PERMA: a person's talks with an assistant over months, each about one thing, clean and noisy (PolarisLiu1/PERMA)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from treering.bench.samples import Conversation, SaidTurn
from treering.bench.suites.files import JsonObject, WrongShape, read_json
from treering.bench.suites.turns import turn_id
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

CLEAN = ("raw_dialogues_c.json",)
NOISY = ("raw_dialogues_n.json", "raw_dialogues_wn.json")
"""Names that a file of dialogs has; the first that exists is read."""

_HOURS = {"Morning": 8, "Afternoon": 14, "Evening": 19}
_BETWEEN_TURNS = timedelta(minutes=1)


def perma_people(data: Path, names: Sequence[str] | None = None) -> list[Path]:
    """The folders of people, by name; with names, only those.

    Raises:
        InvalidInput: There is none, or one that was named is not among them.
    """
    found = {file.parent.name: file.parent for file in sorted(data.glob(f"*/{CLEAN[0]}"))}
    if not found:
        raise InvalidInput(str(data), f"holds no folder of a person with {CLEAN[0]}")
    unknown = [name for name in names or () if name not in found]
    if unknown:
        raise InvalidInput("--users", f"{', '.join(unknown)}: not in {data}, which has {', '.join(found)}")
    return [found[name] for name in names or found]


def read_perma(data: Path, names: Sequence[str] | None = None, *, noisy: bool = False) -> list[Conversation]:
    """What each person and the assistant said, a session a dialog, in the order of the dialogs' dates.

    A date is a day with a part of it; dialogs that share one follow each other, a minute a turn.

    Raises:
        InvalidInput: A person or file is missing, cannot be read, or has another shape.
    """
    return [_conversation(folder, dialogs_file(folder, noisy=noisy)) for folder in perma_people(data, names)]


def dialogs_file(folder: Path, *, noisy: bool) -> Path:
    """The file with a person's dialogs."""
    names = NOISY if noisy else CLEAN
    return next((file for name in names if (file := folder / name).exists()), folder / names[0])


def dialog_id(topic: int, place: int) -> str:
    """The id of a dialog, from its places in the file, counted from 0."""
    return f"{topic}.{place}"


def _conversation(folder: Path, file: Path) -> Conversation:
    topics = read_json(file)
    try:
        dialogs = [
            (moment(dialog["date"]), dialog_id(number, place), dialog)
            for number, topic in enumerate(topics)
            for place, dialog in enumerate(topic["dialogs"])
        ]
        steps = tuple(dialog_turns(sorted(dialogs, key=lambda one: one[0])))
    except (KeyError, TypeError, ValueError) as error:
        raise WrongShape(file, "PERMA", error) from error
    return Conversation(id=folder.name, steps=steps)


def moment(date: str) -> datetime:
    """From `2023-01-15 Morning`.

    Raises:
        KeyError: There is no such part of a day.
        ValueError: It is no date.
    """
    day, part = date.split()
    return datetime.fromisoformat(day).replace(tzinfo=UTC, hour=_HOURS[part])


def dialog_turns(dialogs: Sequence[tuple[datetime, str, JsonObject]]) -> Iterator[SaidTurn]:
    """The turns of dialogs that are in order, each with its date and id; a minute a turn."""
    last = datetime.min.replace(tzinfo=UTC)
    for date, session, dialog in dialogs:
        last = max(date, last)
        for place, turn in enumerate(dialog["conversation"]):
            last += _BETWEEN_TURNS
            if turn["content"].strip():
                yield SaidTurn(
                    id=turn_id(session, place),
                    session=session,
                    role="user" if turn["role"] == "user" else "assistant",
                    speaker=turn["role"],
                    text=turn["content"],
                    at=last,
                )
