"""Searching what was said, and recalling under conditions: metadata, times, and what was known then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering import Memory, Message
from treering.errors import InvalidInput
from treering.testing import ManualClock

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def memory(tmp_path: Path, clock: ManualClock, sdk: Callable[[Memory], Memory]) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", clock=clock, background=False) as memory:
        yield sdk(memory)


def said(content: str, days_ago: float = 0, **fields: object) -> Message:
    return Message.model_validate({"content": content, "at": NOW - timedelta(days=days_ago), **fields})


@pytest.mark.parametrize("is_indexed", [True, False])
def test_what_was_said_is_found_word_for_word_with_who_when_and_where(memory: Memory, *, is_indexed: bool) -> None:
    memory.remember("ana", [said("The boat is called Alma.", 3, id="m1", speaker="Ana")], session="harbour")
    memory.remember("ana", [said("What shall I cook?", 2, id="m2")], session="kitchen")
    if is_indexed:
        memory.flush()
    best, *_ = memory.search("ana", "Which name has the boat?", explain=True)
    assert (best.message_id, best.session, best.speaker, best.role) == ("m1", "harbour", "Ana", "user")
    assert best.text == "The boat is called Alma."
    assert {"dense", "sparse"} <= {found.source for found in best.found_by}


def test_a_short_answer_is_found_by_the_question_before_it(memory: Memory) -> None:
    memory.remember(
        "ana",
        [
            said("Where did you buy the blue sailing boat?", 2, role="assistant", id="q"),
            said("In Genoa!", 2, id="a"),
        ],
        session="harbour",
    )
    for number in range(20):
        memory.remember("ana", [said(f"Nothing much about number {number}.", 1, id=f"n{number}")], session="else")
    memory.flush()
    assert [hit.message_id for hit in memory.search("ana", "Where was the sailing boat bought?", limit=2)] == ["q", "a"]


def test_a_speaker_who_is_named_in_the_question_comes_first(memory: Memory) -> None:
    memory.remember(
        "group",
        [said("I love sailing.", 2, id="j", speaker="Jon"), said("I love sailing.", 2, id="g", speaker="Gina")],
    )
    memory.flush()
    assert [hit.message_id for hit in memory.search("group", "What does Gina love?")] == ["g", "j"]
    assert [hit.message_id for hit in memory.search("group", "What does Jon love?")] == ["j", "g"]


def test_since_and_until_bound_when_it_was_said(memory: Memory) -> None:
    for days in (30, 20, 10):
        memory.remember("ana", said(f"I ran {days} miles.", days, id=f"m{days}"), session=f"s{days}")
    memory.flush()

    def found(**bounds: datetime) -> set[str]:
        return {hit.message_id for hit in memory.search("ana", "How far did she run?", **bounds)}

    assert found() == {"m30", "m20", "m10"}
    assert found(since=NOW - timedelta(days=20)) == {"m20", "m10"}
    assert found(until=NOW - timedelta(days=20)) == {"m30"}
    assert found(since=NOW - timedelta(days=25), until=NOW - timedelta(days=15)) == {"m20"}


def test_a_question_that_names_nothing_but_a_time_gets_what_was_said_then(memory: Memory) -> None:
    for days, text in ((70, "The cherries are ripe."), (40, "We painted the kitchen."), (5, "I bought a kayak.")):
        memory.remember("ana", said(text, days, id=f"m{days}"), session=f"s{days}")
    memory.end_session("ana")
    memory.flush()

    def turns(question: str) -> list[str]:
        recall = memory.recall("ana", question, mode="hybrid")
        return [line.ref for line in recall.lines if line.kind == "turn"]

    assert turns("What happened in April?") == ["m40"]
    assert turns("What did I do this week?") == ["m5"]
    assert turns("What did I do last week?") == []
    assert turns("What happened?") == []


def test_a_question_about_what_is_still_to_come_finds_what_was_said_before(memory: Memory) -> None:
    memory.remember("ana", [said("I'm going to Lyon in October.", 20, id="m1")], session="a")
    memory.remember("ana", [said("What shall I cook?", 2, id="m2")], session="b")
    memory.flush()
    assert memory.search("ana", "Where am I going in October?")[0].message_id == "m1"


def test_a_condition_on_metadata_holds_for_turns_and_for_claims(memory: Memory) -> None:
    memory.remember("ana", said("I live in Porto.", 9, id="m1", metadata={"project": "boat", "urgent": True}))
    memory.remember("ana", said("My sister lives in Braga.", 9, id="m2", metadata={"project": "house"}))
    memory.remember("ana", said("The mayor lives in Evora.", 9, id="m3"))
    memory.end_session("ana")
    memory.flush()

    def lines(**where: object) -> set[str]:
        recall = memory.recall("ana", "Who lives where?", mode="hybrid", where=where)  # type: ignore[arg-type]
        return {message for line in recall.lines for message in line.message_ids}

    assert lines(project="boat") == {"m1"}
    assert lines(project=["boat", "house"]) <= {"m1", "m2"}
    assert lines(project="boat", urgent=False) == set()
    assert {hit.message_id for hit in memory.search("ana", "lives", where={"project": "house"})} == {"m2"}
    assert {hit.message_id for hit in memory.search("ana", "lives", where={"project": None})} == {"m3"}


@pytest.mark.parametrize("where", [["project"], {"project": {"a": 1}}, {1: "x"}, {"project": [["a"]]}])
def test_a_condition_that_is_none_says_how_to_write_one(memory: Memory, where: object) -> None:
    with pytest.raises(InvalidInput, match="where"):
        memory.search("ana", "lives", where=where)  # type: ignore[arg-type]


def test_what_was_known_then_leaves_out_what_was_said_or_learned_later(memory: Memory, clock: ManualClock) -> None:
    memory.remember("ana", Message(content="I live in Porto.", id="m1"))
    memory.end_session("ana")
    memory.flush()
    before = clock.now()
    clock.advance(timedelta(days=30))
    memory.remember("ana", Message(content="I live in Lisbon now.", id="m2"))
    memory.end_session("ana")
    memory.flush()
    now = memory.recall("ana", "Where does she live?", mode="hybrid")
    then = memory.recall("ana", "Where does she live?", mode="hybrid", known_at=before)
    assert "Lisbon" in now.context
    assert "Porto" in then.context
    assert "Lisbon" not in then.context
    assert then.version < now.version
    assert then.as_of == before


def test_what_was_amended_since_says_what_it_said_then(memory: Memory, clock: ManualClock) -> None:
    memory.remember("ana", Message(content="The boat is called Alma.", id="m1"))
    memory.flush()
    before = clock.now()
    clock.advance(timedelta(days=1))
    memory.amend("ana", "m1", "The boat is called Bela.")
    memory.flush()
    question = "What is the boat called?"
    assert "Bela" in memory.recall("ana", question, mode="hybrid").context
    assert "Alma" in memory.recall("ana", question, mode="hybrid", known_at=before).context


def test_as_many_turns_are_found_as_were_asked_for(memory: Memory) -> None:
    memory.remember("ana", [said(f"On day {number} the boat sailed.", 1, id=f"n{number}") for number in range(300)])
    memory.flush()
    for limit in (7, 90, 260):
        assert len({hit.message_id for hit in memory.search("ana", "Where did the boat sail?", limit=limit)}) == limit


def test_of_an_unknown_person_nothing_is_found(memory: Memory) -> None:
    assert memory.search("nobody", "Anything?") == ()


def test_a_search_for_nothing_or_without_a_limit_is_refused(memory: Memory) -> None:
    with pytest.raises(InvalidInput, match="empty"):
        memory.search("ana", "  ")
    with pytest.raises(InvalidInput, match="limit"):
        memory.search("ana", "x", limit=0)
