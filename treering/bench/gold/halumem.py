"""What is right in HaluMem: answers, the sessions that hold them, and what each session ought to do to a memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from treering.bench.gold.answers import RightText
from treering.bench.suites.halumem import people, question_id
from treering.bench.suites.shape import shape_of
from treering.bench.suites.turns import turn_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from treering.bench.gold.answers import AnswerSheet
    from treering.bench.suites.files import JsonObject
    from treering.bench.suites.source import Source

_UNKNOWABLE = "Memory Boundary"
"""The type of questions whose answer was never told."""

_UNTRUE = "interference"
"""The source of memory points that the assistant suggests and the person never says: nobody should keep them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionChange:
    """What a session ought to do to a memory."""

    turns: frozenset[str]
    """The turns of the session; the files do not say which of them."""
    kind: Literal["ADD", "UPDATE"]
    """The operation; nothing is deleted in this suite."""
    says: str
    """The claim in words."""
    replaces: tuple[str, ...]
    """Of an UPDATE the claims that stood before, in words."""


def read_halumem_key(source: Source, data: Path) -> AnswerSheet:
    """The answer key. Evidence is told by session: any turn of the session that made a memory point stands for it.

    Raises:
        InvalidInput: The file cannot be read, or has another shape.
    """
    key: dict[tuple[str, str], RightText] = {}
    for person in people(source, data):
        with shape_of(source, data):
            key |= {(person["uuid"], identity): right for identity, right in _answers(person["sessions"])}
    return key


def read_halumem_changes(source: Source, data: Path) -> dict[str, tuple[SessionChange, ...]]:
    """What the sessions of each person ought to do, in order; without what the person never said.

    Raises:
        InvalidInput: The file cannot be read, or has another shape.
    """
    found = {}
    for person in people(source, data):
        with shape_of(source, data):
            found[person["uuid"]] = tuple(_changes(person["sessions"]))
    return found


def _answers(sessions: Sequence[JsonObject]) -> Iterator[tuple[str, RightText]]:
    made_in: dict[str, frozenset[str]] = {}
    for number, session in enumerate(sessions):
        made_in |= {point["memory_content"]: _turns(number, session) for point in session.get("memory_points") or ()}
        for place, one in enumerate(session.get("questions") or ()):
            contents = dict.fromkeys(point["memory_content"] for point in one["evidence"])
            is_unknowable = one["question_type"] == _UNKNOWABLE
            yield (
                question_id(number, place),
                RightText(
                    texts=() if is_unknowable else (one["answer"],),
                    type=one["question_type"],
                    aspects=tuple(made_in[content] for content in contents if content in made_in),
                    is_unknowable=is_unknowable,
                    rubric=one["answer"] if is_unknowable else "",
                ),
            )


def _changes(sessions: Sequence[JsonObject]) -> Iterator[SessionChange]:
    for number, session in enumerate(sessions):
        for point in session.get("memory_points") or ():
            if point["memory_source"] == _UNTRUE:
                continue
            former = tuple(point["original_memories"]) if point["is_update"] == "True" else ()
            yield SessionChange(
                turns=_turns(number, session),
                kind="UPDATE" if former else "ADD",
                says=point["memory_content"],
                replaces=former,
            )


def _turns(number: int, session: JsonObject) -> frozenset[str]:
    return frozenset(
        turn_id(number, place) for place, turn in enumerate(session["dialogue"]) if turn["content"].strip()
    )
