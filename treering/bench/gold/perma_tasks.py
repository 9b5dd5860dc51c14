"""What the replies to PERMA's tasks have to honour: what the person told of themselves that bears on the task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from treering.bench.gold.answers import RightText
from treering.bench.gold.perma import Triple, split_triples
from treering.bench.listen_words import has_enough, stems
from treering.bench.suites.files import JsonObject, read_json
from treering.bench.suites.perma import perma_people
from treering.bench.suites.perma_tasks import (
    PERMA,
    PROFILE,
    asked_after,
    person_tasks,
    question_id,
    timed_dialogs,
)
from treering.bench.suites.shape import shape_of
from treering.bench.suites.turns import turn_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from treering.bench.gold.answers import AnswerSheet


_Words = Mapping[str, Sequence[frozenset[str]]]
"""The stems of each turn, by dialog."""


def read_perma_tasks_key(data: Path, *, noisy: bool = False) -> AnswerSheet:
    """The answer key: a rubric for each task, and for each value that was told by then the turns that have its words.

    A value is one of the profile that bears on the task and stands among the triples of a dialog before the question. A
    task of which nothing was told yet is not in it.

    Raises:
        InvalidInput: A person or file is missing, cannot be read, or has another shape.
    """
    key: dict[tuple[str, str], RightText] = {}
    for folder in perma_people(data):
        with shape_of(PERMA, folder):
            key |= {(folder.name, identity): right for identity, right in _person(folder, noisy=noisy)}
    return key


def _person(folder: Path, *, noisy: bool) -> Iterator[tuple[str, RightText]]:
    affinities = read_json(folder / PROFILE)["affinities"]
    dialogs = timed_dialogs(folder, noisy=noisy)
    domains = [one.domain for one in dialogs]
    triples = [{_plain(triple) for triple in split_triples(one.written["preferences"])} for one in dialogs]
    words = {one.id: [stems(turn["content"]) for turn in one.written["conversation"]] for one in dialogs}
    for task in person_tasks(folder):
        wanted = list(_relevant(task, affinities))
        for when, after in asked_after(task["Relevant Domains"], domains).items():
            told = {
                value: [dialogs[place].id for place in range(after) if _plain(value) in triples[place]]
                for value in wanted
            }
            told = {value: some for value, some in told.items() if some}
            if told:
                yield question_id(task["task_id"], when), _right(when, task["Task Goal"], told, words)


def _relevant(task: JsonObject, affinities: Mapping[str, Mapping[str, str | list[str]]]) -> Iterator[Triple]:
    """The values of a profile that bear on a task."""
    types = {_spelled(name) for name in task["Relevant Affinity Types"]}
    for domain in task["Relevant Domains"]:
        for attribute, values in affinities[domain].items():
            if _spelled(attribute) in types:
                for value in [values] if isinstance(values, str) else values:
                    yield Triple(domain=domain, attribute=attribute, value=value)


def _right(when: str, goal: str, told: Mapping[Triple, Sequence[str]], words: _Words) -> RightText:
    by_attribute: dict[str, list[str]] = defaultdict(list)
    for value in told:
        by_attribute[value.attribute].append(value.value)
    honoured = "\n".join(f"- {attribute}: {'; '.join(values)}" for attribute, values in by_attribute.items())
    said = [_said(value.value, {one: words[one] for one in dialogs}) for value, dialogs in told.items()]
    return RightText(
        texts=(),
        type=when,
        aspects=tuple(turns for turns in said if turns),
        rubric=f"Goal: {goal}\nThe person told this of themselves before. The reply uses it as far as it bears on the "
        f"goal, does not ask for it again, and goes against none of it:\n{honoured}",
    )


def _said(value: str, dialogs: _Words) -> frozenset[str]:
    """The turns that have the words of a value, three quarters of their stems; none where it is only implied."""
    wanted = stems(value)
    return frozenset(
        turn_id(dialog, place)
        for dialog, turns in dialogs.items()
        for place, found in enumerate(turns)
        if has_enough(wanted, found)
    )


def _plain(triple: Triple) -> tuple[str, str, str]:
    return triple.domain, _spelled(triple.attribute), triple.value.casefold()


def _spelled(attribute: str) -> str:
    """Profiles have `Favourite Authors`, tasks ask for `Favorite Authors`."""
    return attribute.casefold().replace("our", "or")
