"""Summaries in a context: for questions about the whole of something or about change, and never a back door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering import Memory, Message
from treering.schemas.recall import Recall
from treering.testing import ManualClock

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
OVERVIEW = "Give me an overview of our talks."
TALKS = {
    "garden": (60, ["I planted tomatoes and beans in the garden.", "The beans in the garden grow well this spring."]),
    "boat": (40, ["I sanded the hull of the old boat.", "The boat gets a coat of blue paint next month."]),
    "health": (20, ["I was diagnosed with diabetes last week.", "The doctor told me to avoid sugar for a while."]),
}


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    folder: Path = tmp_path_factory.mktemp("talks")
    with Memory(folder, clock=ManualClock(NOW), background=False) as memory:
        for session, (days, texts) in TALKS.items():
            said = [
                Message(content=text, id=f"{session}{n}", at=NOW - timedelta(days=days, minutes=-n))
                for n, text in enumerate(texts)
            ]
            memory.remember("ana", said, session=session)
        memory.end_session("ana")
        memory.flush()
        yield memory


def summaries(recall: Recall) -> str:
    return "\n".join(line.text for line in recall.lines if line.kind == "summary")


def test_an_overview_gets_dated_summaries_under_their_own_heading(memory: Memory) -> None:
    recall = memory.recall("ana", OVERVIEW, mode="hybrid", explain=True)
    told = summaries(recall)
    assert "Earlier conversations in short:" in recall.context
    assert "garden" in told
    assert "2024-04-02" in told
    [found] = next(line for line in recall.lines if line.kind == "summary").found_by
    assert found.source == "summary"


def test_a_question_about_one_thing_gets_none(memory: Memory) -> None:
    assert summaries(memory.recall("ana", "Which colour will the boat get?", mode="hybrid")) == ""


def test_what_is_special_does_not_come_in_by_a_summary(memory: Memory) -> None:
    assert any("diabetes" in (claim.text) for slot in memory.tree("ana").slots for claim in slot.claims)
    assert "diabetes" not in memory.recall("ana", OVERVIEW, mode="hybrid").context


def test_summaries_of_later_talks_are_left_out(memory: Memory) -> None:
    then = NOW - timedelta(days=50)
    for terms in ({"as_of": then}, {"known_at": then}):
        told = summaries(memory.recall("ana", OVERVIEW, mode="hybrid", **terms))
        assert "garden" in told
        assert "boat" not in told


def test_an_excluded_message_does_not_come_in_by_a_summary(memory: Memory) -> None:
    assert "garden" not in summaries(memory.recall("ana", OVERVIEW, mode="hybrid", exclude=["garden0", "garden1"]))


def test_under_a_condition_on_metadata_there_are_none(memory: Memory) -> None:
    assert summaries(memory.recall("ana", OVERVIEW, mode="hybrid", where={"project": "boat"})) == ""


def test_a_budget_bounds_summaries_too(memory: Memory) -> None:
    assert memory.recall("ana", OVERVIEW, mode="hybrid", budget_tokens=40).tokens <= 40
