"""The memories that an answer of RealMem needs: their source turns, and what a reply is held to."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from treering.bench.gold.answers import RightText
from treering.bench.gold.key import Target
from treering.bench.suites.files import JsonObject, WrongShape, data_files, read_json
from treering.bench.suites.turns import turn_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from treering.bench.gold.answers import AnswerSheet
    from treering.bench.gold.key import AnswerKey

_RUBRIC = """\
The reply does what is asked in keeping with all of the following that bears on it, which was known at that time. It
contradicts none of it, and does not ask for what is known:"""


def read_realmem_gold(data: Path) -> AnswerKey:
    """The turns behind the `memory_used` of the answer to each query.

    A memory is named by its session and its words. Its source is the turn of that session that says its
    `source_content_snapshot` word for word, the nearest to `source_turn` (counted from 1); where none does, the turn
    `source_turn` itself. Sources that are not said before the query, or say nothing, are left out.

    Raises:
        InvalidInput: A file cannot be read, or has another shape.
    """
    key: dict[tuple[str, str], Target] = {}
    for file in data_files(data, "*.json"):
        document = read_json(file)
        try:
            person = document["_metadata"]["person_name"]
            for question, target in _targets(document["dialogues"]):
                key[person, question] = target
        except (KeyError, TypeError, ValueError) as error:
            raise WrongShape(file, "RealMem", error) from error
    return key


def read_realmem_rubrics(data: Path) -> AnswerSheet:
    """What a reply to each query has to be held to: the memories of earlier sessions that the recorded answer used.

    Only a judge can say whether a reply keeps to them: there is no text that is right. Evidence is that of
    `read_realmem_gold`.

    Raises:
        InvalidInput: A file cannot be read, or has another shape.
    """
    evidence = read_realmem_gold(data)
    key: dict[tuple[str, str], RightText] = {}
    for file in data_files(data, "*.json"):
        document = read_json(file)
        try:
            person = document["_metadata"]["person_name"]
            for question, category, memories in _used(document["dialogues"]):
                target = evidence.get((person, question))
                key[person, question] = RightText(
                    texts=(),
                    type=category,
                    evidence=target.turns if target else frozenset(),
                    rubric=_RUBRIC + "".join(f"\n- {one}" for one in memories),
                )
        except (KeyError, TypeError, ValueError) as error:
            raise WrongShape(file, "RealMem", error) from error
    return key


def _used(dialogues: Sequence[JsonObject]) -> Iterator[tuple[str, str, list[str]]]:
    """Each query with its category and the words of what was used of earlier sessions, if anything was."""
    earlier: set[str] = set()
    for dialogue in dialogues:
        turns = dialogue["dialogue_turns"]
        for place, (turn, following) in enumerate(pairwise(turns)):
            used = [one["content"] for one in following.get("memory_used") or [] if one["session_uuid"] in earlier]
            if turn["is_query"] and used:
                yield turn_id(dialogue["session_uuid"], place), turn["category_name"], used
        earlier.add(dialogue["session_uuid"])


def _targets(dialogues: Sequence[Mapping[str, object]]) -> Iterator[tuple[str, Target]]:
    sources: dict[tuple[str, str], str] = {}
    said: set[str] = set()
    for dialogue in dialogues:
        session, turns, memories = dialogue["session_uuid"], dialogue["dialogue_turns"], dialogue["extracted_memory"]
        if not (isinstance(session, str) and isinstance(turns, list)):
            raise TypeError("a session has no id, or no turns")
        for memory in memories if isinstance(memories, list) else []:
            place = _source(memory, turns)
            if 0 <= place < len(turns):
                sources[session, memory["content"]] = turn_id(session, place)
        for place, turn in enumerate(turns):
            if turn["is_query"] and place + 1 < len(turns):
                used = turns[place + 1].get("memory_used") or []
                named = {sources.get((one["session_uuid"], one["content"])) for one in used}
                found = frozenset(one for one in named if one in said)
                if found:
                    yield turn_id(session, place), Target(turns=found, category=turn["category_name"])
            if turn["content"].strip():
                said.add(turn_id(session, place))


def _source(memory: Mapping[str, object], turns: Sequence[Mapping[str, object]]) -> int:
    stated = int(str(memory["source_turn"])) - 1
    verbatim = [n for n, turn in enumerate(turns) if turn["content"] == memory.get("source_content_snapshot")]
    return min(verbatim, key=lambda place: abs(place - stated), default=stated)
