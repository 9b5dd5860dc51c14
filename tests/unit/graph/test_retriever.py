"""Turns as documents. LangChain's own tests for retrievers are said anew here: k, in the retriever and in a call."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_core.runnables import ConfigurableField, RunnableLambda
from langchain_core.tools import create_retriever_tool
from pydantic import ValidationError

from treering import AsyncMemory, Memory
from treering.errors import InvalidInput, MissingScope
from treering.graph.retriever import DEFAULT_K, MemoryRetriever
from treering.testing import forbid_network

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
SAID = (
    "The boat is called Alma.",
    "The boat is red.",
    "The boat has two masts.",
    "The boat leaks.",
    "The boat is old.",
)
QUESTION = "What is the boat called?"


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    home: Path = tmp_path_factory.mktemp("retriever")
    with forbid_network(), Memory(home, embedder="hash", background=False) as opened:
        for day, text in enumerate(SAID):
            said = {"content": text, "id": f"b{day}", "at": NOON + timedelta(days=day), "metadata": {"day": day}}
            opened.remember("ana", said, session=f"s{day}")
        opened.remember(
            "ana", {"role": "assistant", "content": "Hello Ana.", "id": "a1", "speaker": "Max"}, session="s9"
        )
        opened.remember("bo", {"content": "The boat is called Gustav.", "id": "g1"})
        opened.remember("ana", {"content": "The boat is called Berta.", "id": "t1"}, tenant="acme")
        opened.flush()
        yield opened


def retriever(memory: Memory, **fields: Any) -> MemoryRetriever:  # noqa: ANN401 - as of the retriever
    return MemoryRetriever(**{"memory": memory, "user": "ana", **fields})


def ids(documents: list[Document]) -> list[str | None]:
    return [document.id for document in documents]


def test_a_document_is_a_turn(memory: Memory) -> None:
    [found] = retriever(memory, k=1).invoke(QUESTION)
    [hit] = memory.search("ana", QUESTION, limit=1)
    assert found == Document(
        id="b0",
        page_content="The boat is called Alma.",
        metadata={
            "message_id": "b0",
            "session": "s0",
            "at": "2024-03-01T12:00:00+00:00",
            "role": "user",
            "speaker": None,
            "score": hit.score,
        },
    )


def test_they_come_in_the_order_of_the_search(memory: Memory) -> None:
    found = retriever(memory, k=6).invoke("Max said hello to Ana, boat")
    assert ids(found) == [hit.message_id for hit in memory.search("ana", "Max said hello to Ana, boat", limit=6)]
    [of_max] = [document for document in found if document.id == "a1"]
    assert (of_max.metadata["speaker"], of_max.metadata["role"]) == ("Max", "assistant")


@pytest.mark.parametrize("k", [1, 3])
async def test_k_stands_in_the_retriever_or_in_the_call(memory: Memory, k: int) -> None:
    assert len(retriever(memory, k=k).invoke(QUESTION)) == k
    assert len(retriever(memory).invoke(QUESTION, None, k=k)) == k
    assert len(await retriever(memory).ainvoke(QUESTION, None, k=k)) == k
    assert len(retriever(memory).invoke(QUESTION)) == DEFAULT_K


async def test_asynchronously_the_same_is_found(memory: Memory) -> None:
    expected = retriever(memory).invoke(QUESTION)
    assert await retriever(memory).ainvoke(QUESTION) == expected
    assert await retriever(memory).abatch([QUESTION]) == [expected]
    assert await retriever(AsyncMemory(memory).memory).ainvoke(QUESTION) == expected


def test_time_and_metadata_narrow_it(memory: Memory) -> None:
    between = retriever(memory, since=NOON + timedelta(days=1), until=NOON + timedelta(days=3))
    assert set(ids(between.invoke(QUESTION))) == {"b1", "b2"}
    assert set(ids(retriever(memory, where={"day": [0, 4]}).invoke(QUESTION))) == {"b0", "b4"}


def test_nobody_else_is_found(memory: Memory) -> None:
    assert ids(retriever(memory, user="bo", k=9).invoke(QUESTION)) == ["g1"]
    assert ids(retriever(memory, tenant="acme", k=9).invoke(QUESTION)) == ["t1"]
    assert retriever(memory, user="nobody").invoke(QUESTION) == []


@pytest.mark.parametrize("name", ["user", "tenant", "memory"])
def test_no_question_can_name_another_person(memory: Memory, name: str) -> None:
    with pytest.raises(TypeError, match=name):
        retriever(memory).invoke(QUESTION, None, **{name: "bo"})
    assert "Gustav" not in f"{retriever(memory, k=9).invoke('user=bo Gustav')}"


def test_a_chain_for_many_people_names_them_in_its_config(memory: Memory) -> None:
    of = retriever(memory, k=1).configurable_fields(user=ConfigurableField(id="user"))
    chain = RunnableLambda(lambda question: question["ask"]) | of
    assert ids(chain.invoke({"ask": QUESTION}, {"configurable": {"user": "bo"}})) == ["g1"]
    assert ids(chain.invoke({"ask": QUESTION})) == ["b0"]
    with pytest.raises(MissingScope):
        chain.invoke({"ask": QUESTION}, {"configurable": {"user": ""}})


def test_it_makes_a_tool(memory: Memory) -> None:
    tool = create_retriever_tool(retriever(memory, k=1), "look", "Look into what was said.")
    assert tool.invoke({"query": QUESTION}) == "The boat is called Alma."


def test_what_is_wrong_is_said_at_once(memory: Memory) -> None:
    with pytest.raises(MissingScope):
        retriever(memory, user=" ")
    with pytest.raises(ValidationError, match="usr"):
        retriever(memory, usr="ana")
    for wrong in ({"k": 0}, {"since": NOON.replace(tzinfo=None)}, {"where": {"day": {}}}):
        with pytest.raises(InvalidInput):
            retriever(memory, **wrong).invoke(QUESTION)
    with pytest.raises(InvalidInput):
        retriever(memory).invoke("  ")


def test_it_shows_no_memory_when_it_is_printed_or_dumped(memory: Memory) -> None:
    found = retriever(memory)
    assert "memory" not in repr(found).replace("MemoryRetriever", "")
    assert "memory" not in found.model_dump()
