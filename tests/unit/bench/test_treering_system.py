"""Treering tells a benchmark what it did, on which turns, and what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from langchain_core.messages import AIMessage
from langchain_core.messages.ai import UsageMetadata

from treering.bench.samples import SaidTurn
from treering.bench.systems.treering import TreeringSystem
from treering.memory.models.hashing import HashEmbedder
from treering.testing import ScriptedChatModel

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def turn(number: int, text: str) -> SaidTurn:
    return SaidTurn(
        id=f"t{number}", session="s", role="user", speaker="ada", text=text, at=NOON + timedelta(minutes=number)
    )


@pytest.fixture(scope="module")
def system() -> Iterator[TreeringSystem]:
    system = TreeringSystem(HashEmbedder())
    yield system
    system.close()


def test_operations_name_the_turns_that_they_rest_on_and_what_is_over_is_no_longer_held(system: TreeringSystem) -> None:
    assert system.stats().changes is None
    system.reset("ada")
    system.ingest([turn(0, "I prefer driving to work."), turn(1, "What a day."), turn(2, "I have a dog.")])
    system.ingest([turn(3, "I've stopped driving to work.")])
    system.flush(is_over=True)
    told = system.stats()
    assert [(change.kind, change.says, change.turns) for change in told.changes or ()] == [
        ("ADD", "prefers driving to work", ("t0",)),
        ("ADD", "has a dog", ("t2",)),
        ("DELETE", "prefers driving to work", ("t3",)),
    ]
    assert [(claim.path, claim.says) for claim in told.held or ()] == [("home.pets", "has a dog")]
    assert told.disk_bytes is not None and told.disk_bytes > 0  # noqa: PT018


def test_another_person_begins_with_nothing(system: TreeringSystem) -> None:
    system.reset("bo")
    system.ingest([turn(4, "My sister lives in Ghent.")])
    system.flush(is_over=True)
    told = system.stats()
    assert told.changes is not None
    assert [change.turns for change in told.changes if "t4" not in change.turns] == []


def test_calls_of_a_chat_model_are_counted_for_the_person_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = UsageMetadata(input_tokens=100, output_tokens=7, total_tokens=107)
    model = ScriptedChatModel(lambda _: AIMessage('{"paths": [], "forget": false}', usage_metadata=usage))
    monkeypatch.setattr("treering.composition.load_chat_model", lambda _: model)
    monkeypatch.setenv("TREERING_MODEL", "test:scripted")
    system = TreeringSystem(HashEmbedder())
    try:
        for person in ("ada", "bo"):
            system.reset(person)
            before = len(model.calls)
            system.ingest([turn(5, "I have a dog.")])
            system.flush(is_over=True)
            told, calls = system.stats(), len(model.calls) - before
            assert calls > 0
            assert (told.model_calls, told.input_tokens, told.output_tokens) == (calls, 100 * calls, 7 * calls)
    finally:
        system.close()
