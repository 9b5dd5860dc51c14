"""Forgetting reaches the conversations that this process keeps, and no others."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from treering import Memory
from treering.graph import ChatScope
from treering.graph.chat import Chat
from treering.testing import ScriptedChatModel


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", background=False) as opened:
        yield opened


def messages(chat: Chat, user: str, session: str, tenant: str = "default") -> list[str]:
    thread = ChatScope(user=user, session=session, tenant=tenant).thread_id
    state = chat.graph.get_state({"configurable": {"thread_id": thread}})
    return [str(message.content) for message in state.values.get("messages", [])]


def erased(memory: Memory) -> dict[str, int]:
    return {proof.store: proof.erased for proof in memory.receipts("ana")[-1].stores}


@pytest.mark.parametrize("saver", [None, InMemorySaver()], ids=["its own", "a given one"])
def test_sessions_that_lose_words_lose_their_thread(memory: Memory, saver: InMemorySaver | None) -> None:
    chat = memory.wrap(ScriptedChatModel("I see."), checkpointer=saver)
    chat.invoke("My friend Zebulon is ill.", user="ana", session="s1")
    chat.invoke("Good morning!", user="ana", session="s2")
    chat.invoke("My friend Zebulon is ill.", user="bo", session="s1")
    memory.forget("ana", about="Zebulon")
    assert messages(chat, "ana", "s1") == []
    assert messages(chat, "ana", "s2") == ["Good morning!", "I see."]
    assert len(messages(chat, "bo", "s1")) == 2
    assert erased(memory)["conversations of this process"] == 1


def test_with_the_person_go_all_their_threads(memory: Memory) -> None:
    chats = [memory.wrap(ScriptedChatModel("I see.")) for _ in range(2)]
    for chat in chats:
        for user, session, tenant in [("ana", "s1", "default"), ("ana", "s/2", "default"), ("ana", "s1", "acme")]:
            chat.invoke("Good morning!", user=user, session=session, tenant=tenant)
        chat.invoke("Good morning!", user="ana/s1", session="x")
    memory.forget("ana")
    for chat in chats:
        assert messages(chat, "ana", "s1") == messages(chat, "ana", "s/2") == []
        assert len(messages(chat, "ana", "s1", "acme")) == 2
        assert len(messages(chat, "ana/s1", "x")) == 2
    assert erased(memory)["conversations of this process"] == 4


def test_a_chat_that_nobody_uses_any_more_is_not_kept(memory: Memory) -> None:
    memory.wrap(ScriptedChatModel("I see.")).invoke("Good morning!", user="ana", session="s1")
    gc.collect()
    memory.forget("ana")
    assert erased(memory)["conversations of this process"] == 0


def test_a_memory_without_a_chat_says_nothing_of_conversations(memory: Memory) -> None:
    memory.remember("ana", "Good morning!")
    memory.forget("ana")
    assert "conversations of this process" not in erased(memory)
