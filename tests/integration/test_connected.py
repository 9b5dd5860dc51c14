"""A memory that is connected to a real server: keys, lost answers, pages, and what is done by other programs' parts."""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from langchain.agents import create_agent
from langgraph.checkpoint.memory import InMemorySaver

from treering import AsyncMemory, AuditEntry, Memory
from treering.client.remote import connection
from treering.client.remote.connection import Connection
from treering.client.remote.memory import RemoteMemory
from treering.errors import (
    Forbidden,
    InvalidInput,
    MessageConflict,
    MissingExtra,
    NotOverHttp,
    ServerError,
    ServerUnavailable,
    Unauthenticated,
)
from treering.graph import ChatScope
from treering.graph.base_store import PersonaStore, persona_namespace
from treering.graph.middleware import MemoryMiddleware
from treering.graph.retriever import MemoryRetriever
from treering.sidecar.access import OpenHouse
from treering.sidecar.auth import KeyGate
from treering.testing import ScriptedChatModel

PEANUTS, FRIEND = "I'm allergic to peanuts.", "I have a friend named Zebulon."
ENTRY = AuditEntry(
    at=datetime(2024, 3, 1, 12, tzinfo=UTC),
    tenant="default",
    credential="k1",
    action="GET /v1/tree",
    status=200,
    request_id="r1",
)
SAID = ("I live in Porto.", PEANUTS, "I love ramen.", FRIEND, "I play chess.")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Memory]:
    """What is served."""
    with Memory(tmp_path / "home", embedder="hash", background=False) as memory:
        yield memory


@pytest.fixture
def url(store: Memory, sdk_server: Any) -> Iterator[str]:  # noqa: ANN401 - a class of the conftest
    """Where it is served, to everybody."""
    sdk_server.app.state.memory = store
    yield sdk_server.url
    sdk_server.app.state.gatekeeper = OpenHouse()


@pytest.fixture
def memory(url: str) -> Iterator[RemoteMemory]:
    with Memory.connect(url) as memory:
        yield memory


@pytest.fixture
def lived(store: Memory) -> Memory:
    """Five sessions of Ana, of each a claim; and two other people."""
    return live(store)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """The same, to be read only."""
    with Memory(tmp_path_factory.mktemp("library"), embedder="hash", background=False) as memory:
        live(memory)
        for status in (200, 403, 404):
            memory.add_audit(ENTRY.model_copy(update={"status": status}))
        yield memory


def live(store: Memory) -> Memory:
    for number, text in enumerate(SAID):
        store.remember("ana", {"content": text, "id": f"m{number}"}, session=f"s{number}")
        store.flush()
    for other in ("bo", "cy"):
        store.remember(other, "Please forget that I love jazz.")
    return store


# -- keys


def test_the_key_says_whose_memory_it_is_and_how_far_it_goes(store: Memory, url: str, sdk_server: Any) -> None:  # noqa: ANN401
    sdk_server.app.state.gatekeeper = KeyGate(store)
    keys = {right: store.create_key(right, tenant="acme").secret for right in ("read", "write", "admin")}
    other = store.create_key("admin").secret
    with Memory.connect(url, keys["write"]) as writer, Memory.connect(url, other) as stranger:
        writer.remember("ana", "I live in Tashkent.")
        writer.flush("ana")
        assert stranger.tree("ana").claims == ()
        assert stranger.people() == []
        with pytest.raises(Forbidden, match="admin"):
            writer.jobs()
    assert [claim.text for claim in store.tree("ana", tenant="acme").claims] == ["lives in Tashkent"]
    with Memory.connect(url, keys["read"]) as reader, pytest.raises(Forbidden, match="write"):
        reader.remember("ana", "I live in Porto.")
    with Memory.connect(url, keys["admin"]) as admin:
        assert admin.people() == ["ana"]
    for key in (None, "tr_0123456789ab_" + "0" * 64):
        with Memory.connect(url, key) as nobody, pytest.raises(Unauthenticated):
            nobody.tree("ana")


def test_neither_the_key_nor_the_person_comes_into_a_log(
    store: Memory,
    url: str,
    sdk_server: Any,  # noqa: ANN401
    caplog: pytest.LogCaptureFixture,
) -> None:
    sdk_server.app.state.gatekeeper = KeyGate(store)
    caplog.set_level(logging.DEBUG)
    key = store.create_key().secret
    with Memory.connect(url, key) as memory:
        memory.remember("Zebulon", "I live in Tashkent.")
        memory.turns("Zebulon")
        with pytest.raises(Forbidden):
            memory.people()
    # uvicorn's log of addresses is off, which is no matter to pytest
    told = [record.getMessage() for record in caplog.records if record.name != "uvicorn.access"]
    assert any("send_request_headers" in line for line in told), "or there is nothing to look at"
    for hidden in (key, key.rpartition("_")[2], "Zebulon", "Tashkent"):
        assert [line for line in told if hidden in line] == []


# -- what gets lost on its way


class Losing(httpx2.BaseTransport):
    """Carries each request to the server, and loses the first answer."""

    def __init__(self) -> None:
        self._real = httpx2.HTTPTransport()
        self.lost = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self._real.handle_request(request)
        answer.read()
        if not self.lost and answer.is_success:
            self.lost += 1
            raise httpx2.ReadError("connection reset")
        return answer

    def close(self) -> None:
        self._real.close()


@pytest.fixture
def losing(url: str) -> Iterator[Callable[[], RemoteMemory]]:
    made: list[RemoteMemory] = []

    def make() -> RemoteMemory:
        opened = Connection(url, timeout_s=20, retries=2, transport=Losing(), sleep=lambda _: None)
        made.append(RemoteMemory(opened))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_message_whose_receipt_was_lost_is_stored_once(losing: Callable[[], RemoteMemory], store: Memory) -> None:
    receipt = losing().remember("ana", ["I live in Porto.", "I love ramen."])
    assert len(receipt.known) == 2
    assert [turn.content for turn in store.turns("ana")] == ["I live in Porto.", "I love ramen."]


def test_feedback_whose_answer_was_lost_is_given_once(losing: Callable[[], RemoteMemory], lived: Memory) -> None:
    added = losing().add_claim("ana", "home.city", "lives in Faro")
    assert added.changed
    assert added.after is not None
    before = lived.tree("ana").version
    confirmed = losing().correct("ana", added.after.id, "lives in Braga")
    assert confirmed.changed
    assert lived.tree("ana").version == before + 1


def test_an_undo_whose_answer_was_lost_is_not_done_twice(losing: Callable[[], RemoteMemory], lived: Memory) -> None:
    before = lived.tree("ana").version
    with pytest.raises(ServerUnavailable):
        losing().undo("ana")
    assert lived.tree("ana").version == before + 1


@pytest.mark.parametrize("cut", [0, 1, 400, -40])
def test_an_export_that_is_cut_off_leaves_no_file(library: Memory, tmp_path: Path, cut: int) -> None:
    document = library.export("ana").model_dump_json().encode()[:cut]
    answers = httpx2.MockTransport(lambda _: httpx2.Response(200, content=document))
    memory = RemoteMemory(Connection("http://memory.test", timeout_s=5, retries=0, transport=answers))
    (tmp_path / "ana.json").write_text("the one before")
    with pytest.raises(ServerError, match="export"):
        memory.export_to("ana", tmp_path / "ana.json")
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["ana.json"]
    assert (tmp_path / "ana.json").read_text() == "the one before"


def test_an_export_that_was_changed_on_its_way_leaves_no_file(library: Memory, tmp_path: Path) -> None:
    document = library.export("ana").model_dump_json().replace("Porto", "Lagos").encode()
    answers = httpx2.MockTransport(lambda _: httpx2.Response(200, content=document))
    memory = RemoteMemory(Connection("http://memory.test", timeout_s=5, retries=0, transport=answers))
    with pytest.raises(ServerError, match="checksum"):
        memory.export_to("ana", tmp_path / "ana.json")
    assert not (tmp_path / "ana.json").exists()


def test_a_server_that_went_away_is_unavailable(store: Memory) -> None:
    with Memory.connect("http://127.0.0.1:1", retries=0) as memory:
        with pytest.raises(ServerUnavailable, match="ConnectError"):
            memory.warm_up()
        with pytest.raises(ServerUnavailable):
            memory.export_to("ana", sys.stdout)


# -- lists


LISTS: dict[str, Callable[[Any], object]] = {
    "all people": lambda memory: memory.people(),
    "some people": lambda memory: memory.people(limit=2, after="ana"),
    "a part of their name": lambda memory: memory.people(search="Y"),
    "the last turns": lambda memory: memory.turns("ana", last=3),
    "more turns than there are": lambda memory: memory.turns("ana", last=1_000),
    "turns from one on": lambda memory: memory.turns("ana", after=1, last=3),
    "turns from the first on": lambda memory: memory.turns("ana", after=0, last=3),
    "turns around one": lambda memory: memory.turns("ana", around="m2", last=3),
    "turns of a session": lambda memory: memory.turns("ana", session="s3"),
    "sessions": lambda memory: memory.sessions("ana"),
    "subjects": lambda memory: memory.subjects("ana"),
    "history": lambda memory: memory.history("ana"),
    "history from a place on": lambda memory: memory.history("ana", after=1, limit=3),
    "history of a branch": lambda memory: memory.history("ana", "health"),
    "history of no claims": lambda memory: memory.history("ana", claims=[]),
    "versions": lambda memory: memory.versions("ana"),
    "some versions": lambda memory: memory.versions("ana", 3, before=5),
    "jobs": lambda memory: memory.jobs(),
    "jobs from one on": lambda memory: memory.jobs(states=("done", "queued"), after=2, limit=3),
    "jobs of a person and kind": lambda memory: memory.jobs("bo", kinds=["listen"]),
    "jobs in whatever state": lambda memory: memory.jobs(states=()),
    "jobs of no kind": lambda memory: memory.jobs(kinds=()),
    "no job": lambda memory: memory.job(10**9),
    "the quarantine": lambda memory: memory.quarantine("bo"),
    "receipts": lambda memory: memory.receipts("ana"),
    "a trunk": lambda memory: memory.trunk("core/1"),
    "the audit log": lambda memory: memory.audit(),
    "a part of the audit log": lambda memory: memory.audit(before=3, limit=1),
}


@pytest.mark.parametrize("ask", LISTS.values(), ids=LISTS)
def test_a_list_is_what_it_is_beside_the_store_however_small_its_pages(
    memory: RemoteMemory,
    library: Memory,
    sdk_server: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[Any], object],
) -> None:
    sdk_server.app.state.memory = library
    monkeypatch.setattr(connection, "MAX_PAGE", 2)
    assert ask(memory) == ask(library)


def test_a_job_is_shown_cancelled_and_left_alone(memory: RemoteMemory, lived: Memory) -> None:
    [job, *_] = memory.jobs("bo")
    assert memory.job(job.id) == lived.job(job.id) == job
    assert (memory.retry(job.id), memory.cancel(job.id), memory.cancel(job.id)) == (False, True, False)
    assert (memory.retry(10**9), memory.cancel(10**9)) == (False, False)
    assert lived.jobs("bo") == []
    assert memory.queue_stats().kinds == lived.queue_stats().kinds


def test_everybodys_work_is_waited_for(memory: RemoteMemory, lived: Memory) -> None:
    assert lived.jobs()
    memory.flush()
    assert memory.jobs() == lived.jobs() == []


# -- what is not done over HTTP

ELSEWHERE: dict[str, Callable[[RemoteMemory], object]] = {
    "doctor": lambda memory: memory.doctor(),
    "reindex": lambda memory: memory.reindex(),
    "migrate": lambda memory: memory.migrate("m.yaml"),
    "rollback": lambda memory: memory.rollback("m.yaml"),
    "trunks": lambda memory: memory.trunks(),
    "drain": lambda memory: memory.drain(),
    "model_gates": lambda memory: memory.model_gates(),
    "create_key": lambda memory: memory.create_key(),
    "api_keys": lambda memory: memory.api_keys(),
    "revoke_key": lambda memory: memory.revoke_key("0123456789ab"),
    "rotate_key": lambda memory: memory.rotate_key("0123456789ab"),
    "check_key": lambda memory: memory.check_key("tr_0123456789ab_guess"),
    "add_audit": lambda memory: memory.add_audit(),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_is_only_done_where_the_store_is_says_so(name: str) -> None:
    memory = Memory.connect("http://memory.test")
    with pytest.raises(NotOverHttp, match=f"`{name}`") as raised:
        ELSEWHERE[name](memory)
    assert raised.value.method == name


def test_the_page_lists_what_is_not_done_over_http() -> None:
    page = (Path(__file__).parents[2] / "docs/client.md").read_text("utf-8")
    section = page.partition("## What is not done over HTTP")[2].partition("\n## ")[0]
    assert [name for name in ELSEWHERE if f"`{name}`" not in section] == []


TENANTED = [
    name
    for name, method in inspect.getmembers(RemoteMemory, inspect.isfunction)
    if "tenant" in inspect.signature(method).parameters and not name.startswith("_") and name not in ELSEWHERE
]


@pytest.mark.parametrize("name", TENANTED)
def test_no_call_names_a_tenant(name: str) -> None:
    """What the server would not look at is refused, and not ignored."""
    memory = Memory.connect("http://memory.test")  # nothing is sent
    needed = {"user": "ana", "claim_id": "abcdef", "held_id": "abcdef", "message_id": "m1", "job_id": 1, "v1": 0}
    needed |= {"path": "home.city", "text": "lives in Faro", "query": "Who?", "messages": "Hi.", "version": 1}
    needed |= {"data": [], "source": b"{}", "file": sys.stdout}
    method = getattr(memory, name)
    given = {key: needed[key] for key, one in inspect.signature(method).parameters.items() if one.default is one.empty}
    for tenant in ("acme", "") if name not in ("jobs", "job", "retry", "cancel", "queue_stats") else ("acme", None):
        with pytest.raises(InvalidInput, match="tenant"):
            method(**given, tenant=tenant)


def test_there_are_methods_that_could_name_a_tenant() -> None:
    assert {"remember", "recall", "tree", "forget", "jobs", "audit", "tools"} <= set(TENANTED)


def test_without_the_extra_the_message_has_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "treering.client.remote.connection")
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with pytest.raises(MissingExtra, match=r"treering\[client\]"):
        Memory.connect("http://memory.test")


# -- parts of other programs


async def test_event_loops_can_connect_too(url: str) -> None:
    async with AsyncMemory.connect(url) as memory:
        await memory.remember("ana", "I have a friend named Zebulon.")
        await memory.flush("ana")
        assert "Zebulon" in (await memory.recall("ana", "Who is Zebulon?")).context
        [claim] = (await memory.tree("ana")).claims
        assert (await memory.forget("ana", claims=[claim.id])).claims == (claim.id,)


def test_a_chat_model_gets_the_memory_of_a_server(memory: RemoteMemory, lived: Memory) -> None:
    model = ScriptedChatModel(["Grilled fish!", "Soup?"])
    chat = memory.wrap(model)
    assert chat.invoke("What am I allergic to?", user="ana", session="friday").text == "Grilled fish!"
    assert any("peanuts" in str(message.content) for message in model.calls[0].messages)
    said = ["What am I allergic to?", "Grilled fish!"]
    assert [turn.content for turn in lived.turns("ana", session="friday")] == said


async def test_an_agent_gets_the_memory_of_a_server(memory: RemoteMemory, lived: Memory) -> None:
    agent = create_agent(ScriptedChatModel("Grilled fish!"), middleware=[MemoryMiddleware(memory)])
    said: Any = {"messages": [("user", "Any dinner ideas?")]}
    found = await agent.ainvoke(said, config={"configurable": {"user": "ana", "session": "friday"}})
    assert found["messages"][-1].text == "Grilled fish!"
    assert len(lived.turns("ana", session="friday")) == 2


def test_tools_retriever_and_store_read_the_memory_of_a_server(memory: RemoteMemory, lived: Memory) -> None:
    recall, persona, history = memory.tools("ana", session="s9")
    assert "peanuts" in recall.invoke({"question": "What am I allergic to?"})
    assert "lives in Porto" in persona.invoke({})
    assert "ramen" in history.invoke({"query": "ramen"})
    [found] = MemoryRetriever(memory=memory, user="ana", k=1).invoke("Who is Zebulon?")
    assert found.id == "m3"
    [told, *_], [kept, *_] = (PersonaStore(one).search(persona_namespace("ana")) for one in (memory, lived))
    assert told.value == kept.value


def test_what_is_forgotten_leaves_the_conversations_of_this_process(memory: RemoteMemory, lived: Memory) -> None:
    saver = InMemorySaver()
    chat = memory.wrap(ScriptedChatModel("I see."), checkpointer=saver)
    chat.invoke("My friend Zebulon is ill.", user="ana", session="friday")
    chat.invoke("I like tea.", user="bo", session="friday")
    memory.forget("ana", about="Zebulon", dry_run=True)
    assert len(saver.storage) == 2
    memory.forget("ana", about="Zebulon")
    assert list(saver.storage) == [ChatScope(user="bo", session="friday").thread_id]


def test_what_conflicts_arrives_with_its_data_and_the_request(memory: RemoteMemory) -> None:
    memory.remember("ana", {"content": "I live in Porto.", "id": "m1"})
    with pytest.raises(MessageConflict) as raised:
        memory.remember("ana", {"content": "I live in Lisbon.", "id": "m1"})
    assert raised.value.message_id == "m1"
    assert "request" in raised.value.__notes__[0]
