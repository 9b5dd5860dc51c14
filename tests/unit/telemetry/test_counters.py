"""What a memory tells of itself: numbers of recall, writing, listening and models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage
from langchain_core.messages.ai import UsageMetadata
from prometheus_client import CollectorRegistry

from treering import Memory
from treering.errors import InvalidTurn
from treering.memory.models.chat import LangChainChatModel
from treering.telemetry.happenings import Happenings, Remembered
from treering.testing import ScriptedChatModel

OUTCOMES = ("answered", "failed")


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def memory(tmp_path: Path, registry: CollectorRegistry) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", background=False, metrics=registry) as opened:
        yield opened


def test_a_recall_is_counted_with_its_stages_its_lines_and_what_found_them(
    memory: Memory, registry: CollectorRegistry
) -> None:
    def of(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"treering_{name}", labels)

    memory.remember("ana", "I am allergic to peanuts.")
    found = memory.recall("ana", "What is Ana allergic to, peanuts?", mode="hybrid")
    assert found.lines
    assert of("recall_seconds_count", mode="hybrid") == 1
    assert {stage: of("recall_stage_seconds_count", stage=stage) for stage in ("search", "embed", "rank", "fit")} == {
        "search": 1,
        "embed": 1,
        "rank": 1,
        "fit": 1,
    }
    assert of("recall_lines_total", kind="turn") == 1
    assert of("recall_tokens_sum") == found.tokens
    assert of("recall_hits_total", source="recent") == 1, "nobody had listened to it yet"
    assert of("recall_hits_total", source="sparse") == 1
    assert of("recalls_empty_total", mode="hybrid") is None
    memory.recall("nobody", "What is known?", mode="tree")
    assert of("recalls_empty_total", mode="tree") == 1


def test_an_explained_recall_names_the_lists_that_are_counted(memory: Memory, registry: CollectorRegistry) -> None:
    memory.remember("ana", ["I am allergic to peanuts.", "I live in Porto.", "My dog is called Biscuit."])
    memory.end_session("ana")
    memory.flush()
    found = memory.recall("ana", "Which peanuts is Ana allergic to in Porto?", mode="hybrid", explain=True)
    named = [one.source for line in found.lines for one in line.found_by]
    lists = {"tree", "dense", "sparse", "dense_context", "sparse_context"}
    counted = {source: registry.get_sample_value("treering_recall_hits_total", {"source": source}) for source in lists}
    assert {source: named.count(source) or None for source in lists} == counted
    assert {"dense", "sparse"} <= {source for source, count in counted.items() if count}


def test_several_searches_are_one_recall_with_parts(memory: Memory, registry: CollectorRegistry) -> None:
    memory.remember("ana", ["I live in Porto.", "My sister Ines is a potter."])
    memory.recall("ana", "Where does Ana live, and what does her sister do?", mode="agentic")
    of = registry.get_sample_value
    assert of("treering_recall_seconds_count", {"mode": "agentic"}) == 1
    assert (of("treering_recall_seconds_count", {"mode": "part"}) or 0) >= 1
    assert of("treering_recall_tokens_count") == 1


def test_to_warm_up_is_no_recall(memory: Memory, registry: CollectorRegistry) -> None:
    memory.warm_up()
    assert registry.get_sample_value("treering_recall_tokens_count") == 0


def test_what_is_stored_and_what_fails_is_counted(memory: Memory, registry: CollectorRegistry) -> None:
    of = registry.get_sample_value
    said = {"role": "user", "content": "I live in Porto.", "id": "m1"}
    memory.remember("ana", said)
    memory.remember("ana", said)
    assert of("treering_turns_stored_total") == 1
    assert of("treering_turns_known_total") == 1
    assert of("treering_remember_seconds_count") == 2
    with pytest.raises(InvalidTurn):
        memory.remember("ana", {**said, "id": "m2", "at": "2999-01-01T00:00:00+00:00"})
    assert of("treering_failures_total", {"call": "remember", "error": "InvalidTurn"}) == 1


def test_a_named_call_that_comes_again_is_counted(memory: Memory, registry: CollectorRegistry) -> None:
    for _ in range(2):
        memory.add_claim("ana", "home.city", "lives in Porto", once="k1")
    assert registry.get_sample_value("treering_replays_total", {"call": "add"}) == 1


def test_verdicts_and_stages_of_listening_are_counted(memory: Memory, registry: CollectorRegistry) -> None:
    memory.remember("ana", "I live in Porto. Please forget about my sister.")
    memory.flush()
    of = registry.get_sample_value
    assert of("treering_verdicts_total", {"ruling": "commit", "rule": "admitted"}) == 1
    for stage in ("ask listener", "admit", "commit"):
        assert of("treering_listen_stage_seconds_count", {"stage": stage}) == 1
    assert (of("treering_texts_embedded_total") or 0) > 0
    assert of("treering_embed_seconds_count")


def test_a_chat_model_is_counted_by_what_came_of_asking_it(tmp_path: Path, registry: CollectorRegistry) -> None:
    usage = UsageMetadata(input_tokens=40, output_tokens=2, total_tokens=42)
    model = ScriptedChatModel([AIMessage("NO_OP()", usage_metadata=usage), RuntimeError("away")])
    with Memory(tmp_path, embedder="hash", background=False, metrics=registry, model=model) as memory:
        memory.remember("ana", "I live in Porto.")
        memory.end_session("ana")
        memory.flush()  # it listens, and then it is to write a summary
        named = {"model": LangChainChatModel(model).name}
        asked = [registry.get_sample_value("treering_model_calls_total", {**named, "outcome": one}) for one in OUTCOMES]
        assert asked == [1, 1]
        assert registry.get_sample_value("treering_model_tokens_total", {**named, "direction": "in"}) == 40
        assert registry.get_sample_value("treering_model_seconds_count", named) == 2


def test_who_counts_wrongly_breaks_nothing() -> None:
    happenings, heard = Happenings(), []

    def broken(_: object) -> None:
        raise ValueError

    happenings.hear(broken)
    happenings.hear(heard.append)
    happenings.tell(Remembered(turns=1, known=0, seconds=0.1))
    assert len(heard) == 1
