"""The tasks of PERMA: what a person asks an assistant for, once it could know them and once at the end of all talk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from treering.bench.samples import Conversation, Question, SaidTurn
from treering.bench.suites.files import JsonObject, read_json
from treering.bench.suites.perma import (
    CLEAN,
    dialog_id,
    dialog_turns,
    dialogs_file,
    moment,
    perma_people,
)
from treering.bench.suites.shape import shape_of
from treering.bench.suites.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

TASKS, PROFILE, TIMELINE = "tasks.json", "profile.json", "interleaved_timeline.json"


def _source(dialogs: str, measures: str) -> Source:
    return Source(
        name="PERMA",
        url="https://github.com/PolarisLiu1/PERMA",
        licence="Apache-2.0",
        files=tuple(dict.fromkeys(f"*/{name}" for name in (CLEAN[0], dialogs, PROFILE, TASKS, TIMELINE))),
        measures=measures,
        tried="5 of its 10 people",
    )


PERMA = _source(
    CLEAN[0], "help with a task that honours what the person told of their tastes, soon after and months later"
)
"""The suite of Liu et al. (2026); its multiple choice is not used, as the longest option is right nearly always."""

PERMA_NOISY = _source(
    "raw_dialogues_*n.json", "the same after talk that omits, corrects itself, changes the subject, or the language"
)
"""The same tasks; some half of a person's dialogs are written anew with noise in what they say."""

SOON, LATE = "soon", "late"
"""When a task is asked for: as soon as the last dialog about its domains has ended, and when all dialogs have."""

_LATER = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedDialog:
    """A dialog where it stands in the timeline."""

    at: datetime
    id: str
    domain: str
    written: JsonObject
    """As it is in the file."""


def read_perma_tasks(data: Path, *, noisy: bool = False) -> list[Conversation]:
    """The people of a folder, their dialogs in the order and with the dates of the interleaved timeline.

    Each task is asked for `SOON`, and once more `LATE` unless that is the same moment.

    Raises:
        InvalidInput: A person or file is missing, cannot be read, or has another shape.
    """
    return [_conversation(folder, noisy=noisy) for folder in perma_people(data)]


def person_tasks(folder: Path) -> Sequence[JsonObject]:
    """What a person asks for, as it is written.

    Raises:
        InvalidInput: The file cannot be read, or has another shape.
    """
    with shape_of(PERMA, folder / TASKS):
        return list(read_json(folder / TASKS).values())


def timed_dialogs(folder: Path, *, noisy: bool) -> list[TimedDialog]:
    """A person's dialogs in the order of the timeline, whose dates go forward.

    Raises:
        InvalidInput: A file cannot be read.
        KeyError: An event of the timeline has no dialog, or something of it is missing.
    """
    dialogs = {
        dialog["task_id"]: (dialog_id(number, place), dialog)
        for number, topic in enumerate(read_json(dialogs_file(folder, noisy=noisy)))
        for place, dialog in enumerate(topic["dialogs"])
    }
    found = []
    for event in read_json(folder / TIMELINE):
        identity, dialog = dialogs[event["task_id"]]
        at = moment(event["date"])
        found.append(TimedDialog(at=at, id=identity, domain=event["relevant_domain"], written=dialog))
    return found


def asked_after(domains: Sequence[str], dialogs: Sequence[str]) -> dict[str, int]:
    """After how many dialogs a task is asked for, by when that is.

    Args:
        domains: Those of the task.
        dialogs: The domain of each dialog, in order.

    Example:
        >>> asked_after(["Alarm"], ["Alarm", "Books", "Alarm", "Books"])
        {'soon': 3, 'late': 4}
        >>> asked_after(["Books"], ["Alarm", "Books"])
        {'soon': 2}
    """
    places = [place for place, domain in enumerate(dialogs, start=1) if domain in domains]
    if not places:
        return {LATE: len(dialogs)}
    return {SOON: places[-1]} | ({LATE: len(dialogs)} if places[-1] < len(dialogs) else {})


def question_id(task: str, when: str) -> str:
    """The id of a question."""
    return f"{task} {when}"


def _conversation(folder: Path, *, noisy: bool) -> Conversation:
    with shape_of(PERMA, folder):
        return Conversation(id=folder.name, steps=tuple(_steps(folder, noisy=noisy)))


def _steps(folder: Path, *, noisy: bool) -> Iterator[SaidTurn | Question]:
    dialogs = timed_dialogs(folder, noisy=noisy)
    asked: dict[int, list[tuple[str, str]]] = {}
    for task in person_tasks(folder):
        for when, after in asked_after(task["Relevant Domains"], [one.domain for one in dialogs]).items():
            asked.setdefault(after, []).append((question_id(task["task_id"], when), task["User Intent"]))
    turns = dialog_turns([(one.at, one.id, one.written) for one in dialogs])
    sessions = [list(said) for _, said in groupby(turns, key=lambda turn: turn.session)]
    for after, (_, said) in enumerate(zip(dialogs, sessions, strict=True), start=1):
        yield from said
        at = said[-1].at + (_LATER if after == len(dialogs) else timedelta())
        for identity, text in asked.get(after, ()):
            yield Question(id=identity, text=text, at=at, is_request=True)
