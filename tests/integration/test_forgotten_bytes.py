"""After forgetting, with jobs of the person in the middle of their work, no byte of it is left, and none comes back."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import psycopg
import pytest

from treering import Memory, Message, Scope, Settings
from treering.memory.retrieval.vector import Vector
from treering.memory.tree import PersonaTree
from treering.schemas.forgetting import ErasureReceipt
from treering.schemas.listening import Draft, Proposal, Reply, Window
from treering.testing.embedder import HashEmbedder

SECRET = "quzzleberry"  # noqa: S105 - the word that is looked for
SAID = f"My doctor says that a {SECRET} nearly killed me."
WAIT_S = 30


class Gate:
    """Lets one caller wait in the middle of its work."""

    def __init__(self) -> None:
        self.is_armed = False
        self.entered = threading.Event()
        self.opened = threading.Event()

    def pass_through(self) -> bool:
        """True for the one that had to wait."""
        if not self.is_armed:
            return False
        self.is_armed = False
        self.entered.set()
        assert self.opened.wait(WAIT_S)
        return True


class Parrot:
    """Takes each turn for a statement; while it waits at the gate, it makes up its mind to repeat all it was shown."""

    name = "parrot/1"
    window_turns = 1
    context_turns = 4

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        shown = [turn.content for turn in (*window.context, *window.turns)]
        shown += [claim.text for tree in trees.values() for claim in tree.claims.values()]
        is_late = self.gate.pass_through()
        return Reply(raw=" / ".join(shown) if is_late else "nothing", model="m", prompt_version="p")

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        [turn] = window.turns
        assert reply is not None
        text = f"heard that {turn.content}" if reply.raw == "nothing" else reply.raw
        cited = {"message_id": turn.message_id, "quote": turn.content}
        return Proposal(drafts=(Draft(kind="ADD", path="experiences.events", text=text, **cited),))


class Pausing(HashEmbedder):
    """An embedder that can be held up."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.gate = gate

    def embed(self, texts: Sequence[str]) -> Vector:
        self.gate.pass_through()
        return super().embed(texts)


class World:
    """A store, a listener and an indexer that can be held up, and everything that the store has written."""

    def __init__(self, folder: Path, postgres_url: str | None) -> None:
        self.folder, self.url = folder, postgres_url
        self.listening, self.indexing = Gate(), Gate()
        self.memory = Memory(
            settings=Settings(home=folder, database_url=postgres_url),
            listener=Parrot(self.listening),
            embedder=Pausing(self.indexing),
            background=False,
        )

    def say(self, text: str, name: str, *, user: str = "ana", flush: bool = True, tenant: str = "default") -> None:
        said = Message(content=text, id=name, metadata={"note": f"about {text}"})
        self.memory.remember(user, said, session=f"session of {user}", tenant=tenant)
        if flush:
            self.memory.flush()

    def bytes(self) -> bytes:
        if self.url is None:
            return b"".join(file.read_bytes() for file in sorted(self.folder.iterdir()))
        return dump(self.url)

    def texts(self, user: str = "ana") -> list[str]:
        return [claim.text for claim in self.memory.tree(user).claims]


def dump(url: str) -> bytes:
    """Every row of every table, as `COPY` writes it."""
    rows = b""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
        for (table,) in tables:
            with connection.cursor().copy(f'COPY "{table}" TO STDOUT') as copied:
                rows += b"".join(bytes(block) for block in copied)
    return rows


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    made = World(tmp_path / "home", url)
    yield made
    for gate in (made.listening, made.indexing):
        gate.opened.set()
    made.memory.close()


@pytest.mark.services
@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="pg_dump is not installed")
def test_a_backup_has_the_rows_that_are_looked_through_here(tmp_path: Path, postgres_url: str) -> None:
    world = World(tmp_path / "home", postgres_url)
    world.say(SAID, "m1")
    world.memory.close()
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        [schema] = connection.execute("SELECT current_schema()").fetchone() or ("",)
    asked = ["pg_dump", "--data-only", f"--schema={schema}", postgres_url.replace("+psycopg", "").partition("?")[0]]
    lines = iter(subprocess.run(asked, capture_output=True, check=True).stdout.splitlines())
    rows = [row for line in lines if line.startswith(b"COPY ") for row in iter(lines.__next__, rb"\.")]
    assert any(SECRET.encode() in row for row in rows)
    assert sorted(rows) == sorted(world.bytes().splitlines())


Forget = Callable[[Memory], ErasureReceipt]

WAYS: dict[str, Forget] = {
    "claims": lambda memory: memory.forget("ana", claims=[memory.tree("ana").claims[0].id]),
    "path": lambda memory: memory.forget("ana", "experiences"),
    "messages": lambda memory: memory.forget("ana", messages=["m1"]),
    "about": lambda memory: memory.forget("ana", about=f"{SECRET} doctor"),
    "person": lambda memory: memory.forget("ana"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("busy", ["listening", "indexing"])
def test_nothing_is_left_and_nothing_comes_back_when_running_jobs_end(world: World, way: str, busy: str) -> None:
    gate = world.listening if busy == "listening" else world.indexing
    gate.is_armed = busy == "indexing"  # its first job is that of the secret itself
    world.say(SAID, "m1", flush=busy == "listening")
    if busy == "listening":
        world.say("I like plain bread.", "m2", flush=False)
        gate.is_armed = True
    working = threading.Thread(target=world.memory.flush, daemon=True)
    working.start()
    assert gate.entered.wait(WAIT_S)
    assert SECRET.encode() in world.bytes()

    receipt = WAYS[way](world.memory)
    assert receipt.messages
    assert SECRET.encode() not in world.bytes()
    again = threading.Thread(target=world.memory.flush, daemon=True)
    again.start()  # nobody waits for the one that is held up: what is left is done at once
    again.join(WAIT_S)
    assert not again.is_alive()
    gate.opened.set()
    working.join(WAIT_S)
    assert not working.is_alive()

    assert SECRET.encode() not in world.bytes()
    assert not any(SECRET in text for text in world.texts())
    if busy == "listening" and way in ("claims", "messages", "about"):
        assert world.texts() == ["heard that I like plain bread."], "what is left was heard all the same"
    assert world.memory.jobs("ana") == []
    assert SECRET not in world.memory.recall("ana", f"Who knows of a {SECRET}?", mode="hybrid").context
    with world.memory._engine.store.begin(write=False) as unit:
        assert unit.ledger.first_broken(Scope(user="ana")) is None
        assert way != "person" or unit.vectors.count(Scope(user="ana")) == 0


@pytest.mark.parametrize("way", WAYS)
def test_the_receipt_proves_it_without_a_word(world: World, way: str) -> None:
    world.say(SAID, "m1")
    world.say("I like plain bread.", "m2")
    receipt = WAYS[way](world.memory)
    assert SECRET not in receipt.model_dump_json()
    assert receipt.claims
    assert receipt.tombstones
    assert {proof.left for proof in receipt.stores} == {0}
    assert {"turns", "ledger", "claims", "vectors", "jobs", "model replies"} <= {one.store for one in receipt.stores}
    assert world.memory.receipts("ana") == [receipt]
    assert receipt.digest_before != receipt.digest_after == world.memory.history("ana")[-1].digest
    assert receipt.final_at == receipt.at


def test_another_tenant_and_another_person_keep_the_same_words(world: World) -> None:
    world.say(SAID, "m1")
    world.say(SAID, "m1", user="bo")
    world.say(SAID, "m1", tenant="other")
    world.memory.forget("ana")
    assert world.texts("bo") == [f"heard that {SAID}"]
    assert [claim.text for claim in world.memory.tree("ana", tenant="other").claims] == [f"heard that {SAID}"]
    assert world.texts() == []


def test_what_was_forgotten_does_not_come_back_when_it_is_sent_again(world: World) -> None:
    world.say(SAID, "m1")
    world.memory.forget("ana", messages=["m1"])
    receipt = world.memory.remember("ana", Message(content=SAID.upper(), id="m9"))
    assert (receipt.stored, receipt.known, receipt.forgotten) == ((), (), ("m9",))
    world.memory.flush()
    assert world.texts() == []
    assert SECRET.encode() not in world.bytes().lower()
    assert world.memory.remember("ana", Message(content=SAID, id="m1")).known == ("m1",)

    assert world.memory.allow_again("ana", SAID) == 1
    world.say(SAID, "m10")
    assert world.texts() == [], "the statement is still forgotten"
    assert world.memory.allow_again("ana") > 0
    world.say(f"{SAID} Really.", "m11")
    assert world.texts() == [f"heard that {SAID} Really."]
