"""An application as a stranger would write it, fully typed: nothing here may be unknown to mypy or to pyright."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, assert_type

from langchain.agents import create_agent  # pyright: ignore[reportUnknownVariableType] - theirs
from langchain.agents.middleware import InputAgentState
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.tools import BaseTool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.runtime import Runtime
from langgraph.store.memory import InMemoryStore

from treering import (
    Add,
    AsyncMemory,
    Chat,
    Claim,
    Commit,
    Delete,
    Drained,
    ErasureReceipt,
    Export,
    Feedback,
    HealthReport,
    Held,
    Job,
    LedgerEntry,
    Memory,
    Message,
    NoOp,
    Policy,
    Recall,
    RecallLine,
    Receipt,
    RemoteMemory,
    Retraction,
    Reversal,
    SearchHit,
    Session,
    Settings,
    SubjectView,
    TreeringError,
    TreeView,
    Trunk,
    Turn,
    Update,
    load_trunk,
)
from treering.errors import InvalidInput, NotOverHttp, UnknownPath, VersionConflict
from treering.graph import ChatScope, ScopedGraph
from treering.graph.base_store import PersonaStore, persona_namespace
from treering.graph.middleware import MemoryMiddleware
from treering.graph.retriever import MemoryRetriever
from treering.memory.ports import Embedder
from treering.testing import HashEmbedder, ManualClock, ScriptedChatModel

SAID = {"role": "user", "content": "I am allergic to peanuts.", "id": "m2"}


def opened(home: str) -> Memory:
    """A memory with parts of its own."""
    clock = ManualClock(datetime(2026, 3, 2, 12, tzinfo=UTC))
    embedder: Embedder = HashEmbedder()
    settings = Settings.read({"TREERING_CONSENT": "ask"})
    memory = Memory(
        home, settings=settings, embedder=embedder, policy=Policy(), trunk="core", clock=clock, background=False
    )
    assert_type(memory.settings, Settings)
    return memory


def talked(memory: Memory) -> None:
    """What is written, and what comes back of it."""
    assert_type(memory.remember("ana", "I moved to Lisbon last week."), Receipt)
    receipt = memory.remember("ana", [SAID, Message(role="assistant", content="Noted.")], session="monday")
    assert_type(receipt.stored, tuple[str, ...])
    memory.end_session("ana", "monday")
    memory.flush()
    assert_type(memory.sessions("ana"), list[Session])
    assert_type(memory.turns("ana", last=2), list[Turn])


def asked(memory: Memory) -> str:
    """What recall gives."""
    recall = memory.recall("ana", "Where do I live?", mode="hybrid", where={"channel": ["web", "app"]}, explain=True)
    assert_type(recall, Recall)
    assert_type(recall.lines, tuple[RecallLine, ...])
    for line in recall.lines:
        assert_type(line.kind, Literal["claim", "turn", "summary"])
        assert_type(line.at, datetime)
        assert_type(line.path, str | None)
        assert_type([found.score for found in line.found_by], list[float])
    assert_type(recall.timings_ms, dict[str, float])
    since = datetime.now(UTC) - timedelta(days=30)
    assert_type(memory.search("ana", "peanuts", since=since), tuple[SearchHit, ...])
    return assert_type(memory.recall("ana", "Where do I live?").context, str)


def looked(memory: Memory) -> list[Claim]:
    """The tree, what became of it, and what waits."""
    tree = memory.tree("ana", as_of=datetime.now(UTC))
    assert_type(tree, TreeView)
    claims = [claim for slot in tree.slots for claim in slot.claims]
    assert_type(claims, list[Claim])
    for entry in memory.history("ana", limit=10):
        assert_type(entry, LedgerEntry)
        assert_type(entry.operation, Add | Update | Delete | NoOp)
        match entry.operation:
            case Add() | Update():
                assert_type(entry.operation.claim.valid_to, datetime | None)
            case Delete():
                assert_type(entry.operation.reason, Literal["ended", "retracted", "forgotten"])
            case NoOp():
                assert_type(entry.operation.why, str)
    assert_type(memory.subjects("ana"), list[SubjectView])
    assert_type(memory.versions("ana"), list[Commit])
    assert_type(memory.quarantine("ana"), list[Held])
    assert_type(memory.jobs(states=["dead"]), list[Job])
    assert_type(memory.people(search="a"), list[str])
    assert_type(load_trunk("core"), Trunk)
    return claims


def changed(memory: Memory, claim: Claim) -> None:
    """What a person may do about it, and the errors of it."""
    assert_type(memory.confirm("ana", claim.id), Feedback)
    try:
        assert_type(memory.undo("ana", expected_version=99), Reversal)
    except VersionConflict as error:
        assert_type(error.expected, int)
    try:
        memory.forget("ana", "no.such.slot", dry_run=True)
    except UnknownPath as error:
        assert_type(error.suggestions, tuple[str, ...])
    except InvalidInput as error:
        assert_type(error.why, str)
    assert_type(memory.amend("ana", "m2", "I am allergic to walnuts."), Retraction)
    assert_type(memory.export("ana"), Export)
    assert_type(memory.forget("ana", messages=["m2"]), ErasureReceipt)
    assert_type(memory.doctor(), HealthReport)
    assert_type(memory.drain(limit=5), Drained)


def chatted(memory: Memory) -> str:
    """Around a chat model."""
    chat = memory.wrap(ScriptedChatModel("How about soup?"), checkpointer=InMemorySaver(), instructions="You cook.")
    assert_type(chat, Chat)
    assert_type(chat.graph, ScopedGraph)
    answer = chat.invoke("Any dinner ideas?", user="ana", session="friday")
    assert_type(answer, AIMessage)
    for chunk in chat.stream("And tomorrow?", user="ana", session="friday"):
        assert_type(chunk, AIMessageChunk)
    assert_type(memory.tools("ana"), list[BaseTool])
    return str(answer.text)


@dataclass(frozen=True)
class Account:
    """What an application knows of who is signed in."""

    name: str


def signed_in(runtime: Runtime[Account]) -> ChatScope:
    """Who talks, as an application of its own says it."""
    return ChatScope(user=runtime.context.name, tenant="acme")


def served(memory: Memory) -> Sequence[Document]:
    """Pieces for agents, chains and graphs of LangChain and LangGraph."""
    middleware = MemoryMiddleware(memory, budget_tokens=500)
    assert_type(MemoryMiddleware(memory, scope=signed_in), MemoryMiddleware)
    agent = create_agent(ScriptedChatModel("Grilled fish!"), middleware=[middleware], context_schema=ChatScope)
    asked: InputAgentState = {"messages": [{"role": "user", "content": "Any ideas?"}]}
    agent.invoke(asked, context=ChatScope(user="ana", session="saturday"))  # pyright: ignore[reportUnknownMemberType]
    store = PersonaStore(memory, beside=InMemoryStore())
    assert_type(persona_namespace("ana", "health"), tuple[str, ...])
    store.search(persona_namespace("ana"), query="peanuts", limit=1)
    return MemoryRetriever(memory=memory, user="ana", k=1).invoke("What am I allergic to?")


async def awaited(memory: Memory) -> str:
    """The same in an event loop."""
    async with AsyncMemory(memory) as waiting:
        assert_type(waiting, AsyncMemory)
        assert_type(await waiting.remember("ben", "I run every morning."), Receipt)
        assert_type(await waiting.tree("ben"), TreeView)
        chat = waiting.wrap(ScriptedChatModel("Well done!"))
        assert_type(await chat.ainvoke("Ten miles today.", user="ben"), AIMessage)
        async for chunk in chat.astream("And now?", user="ben"):
            assert_type(chunk, AIMessageChunk)
        return (await waiting.recall("ben", "What do I do in the morning?")).context


def connected(url: str) -> RemoteMemory:
    """The same over HTTP: what can be asked of a memory here can be asked of one there."""
    memory = Memory.connect(url, "tr_0123456789ab_secret", timeout_s=1)
    assert_type(memory, RemoteMemory)
    assert_type(AsyncMemory.connect(url), AsyncMemory)
    try:
        memory.doctor(repair=True)
    except NotOverHttp:
        return memory
    except TreeringError as error:
        raise SystemExit(str(error)) from error
    return memory


def mistaken(memory: Memory) -> None:
    """What is wrong is told before it runs: each comment here is needed, or both checkers complain of it."""
    memory.remember("ana")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    memory.recall("ana", "Where?", mode="deep")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    memory.tree("ana", as_of="today")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    memory.tree("ana").slot = ()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    Message(contents="Hello.")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
