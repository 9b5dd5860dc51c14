"""Several searches for one question, over the real, embedded memory."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from langchain_core.messages import BaseMessage
from langgraph.checkpoint.memory import InMemorySaver

from treering import AsyncMemory, Memory, Settings
from treering.errors import InvalidInput, MissingScope
from treering.memory.engine import Engine
from treering.memory.models.choose import make_embedder
from treering.memory.ports import Embedder
from treering.schemas.recall import Mode
from treering.testing import Hang, ScriptedChatModel, forbid_network

SAID = (
    "My sister Marta moved to Porto.",
    "Marta's new job: nurse in the children's hospital.",
    "I was diagnosed with epilepsy in 2019.",
    "I bought a red bicycle.",
)
SISTER = "What work does my sister do?"


def advice(*searches: str, enough: bool = False) -> str:
    return json.dumps({"enough": enough, "searches": searches})


@cache
def minilm() -> Embedder:
    """One model for all memories of this file: to load it takes longer than what they do with it."""
    return make_embedder("minilm", Settings.read(os.environ).cache_dir)


@cache
def heard(embedder: str) -> Mapping[str, bytes]:
    """The files of a memory that was listened to by rule, by name."""
    with TemporaryDirectory() as home:
        with Memory(home, embedder=made(embedder), background=False) as memory:
            for place, text in enumerate(SAID):
                memory.remember("ana", {"content": text, "id": f"m{place}"}, session=f"s{place}")
            memory.flush()
        return {file.name: file.read_bytes() for file in Path(home).iterdir() if file.is_file()}


def made(embedder: str) -> Embedder | str:
    return minilm() if embedder == "minilm" else embedder


def filled(home: Path, *, model: ScriptedChatModel | None = None, embedder: str = "minilm") -> Memory:
    """A memory that was listened to by rule; the model is there for recall only."""
    home.mkdir(exist_ok=True)
    for name, content in heard(embedder).items():
        (home / name).write_bytes(content)
    return Memory(home, embedder=made(embedder), background=False, model=model)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with forbid_network(), filled(tmp_path) as memory:
        yield memory


def test_the_name_that_the_tree_knows_leads_to_what_was_said_of_her(memory: Memory) -> None:
    assert "nurse" not in memory.recall("ana", SISTER, mode="hybrid").context
    found = memory.recall("ana", SISTER, mode="agentic", explain=True)
    assert "nurse" in found.context
    [line] = [line for line in found.lines if "nurse" in line.text]
    assert {one.query for one in line.found_by} & {"What work does my sister Marta do?"}
    assert all(one.query for one in line.found_by)
    assert found.context == memory.recall("ana", SISTER, mode="agentic").context


def test_one_that_is_answered_at_once_is_a_hybrid_recall(memory: Memory) -> None:
    question = "red bicycle"
    agentic = memory.recall("ana", question, mode="agentic")
    hybrid = memory.recall("ana", question, mode="hybrid")
    assert (agentic.context, agentic.tokens, agentic.version) == (hybrid.context, hybrid.tokens, hybrid.version)
    assert agentic.steps is not None
    assert agentic.steps.stopped == "enough"
    assert hybrid.steps is None


@pytest.mark.parametrize("mode", ["auto", "tree", "hybrid", "agentic"])
def test_what_is_special_stays_out_in_every_mode(tmp_path: Path, mode: Mode) -> None:
    asked = "Do I have any mental health diagnosis?"
    nosy = ScriptedChatModel(lambda _: advice(asked, "was diagnosed with epilepsy", "Marta"))
    with filled(tmp_path, model=nosy) as memory:
        for question in ("Where does Marta live and what did I buy?", SISTER, "How many bicycles did I buy?"):
            found = memory.recall("ana", question, mode=mode)
            assert "epilepsy" not in found.context
            assert all(line.sensitivity != "special" for line in found.lines)
        assert "epilepsy" in memory.recall("ana", asked, mode=mode).context
    assert bool(nosy.calls) == (mode in {"auto", "agentic"})


@pytest.mark.parametrize(
    "question", ["What is 17 times 23?", "Can you write me a haiku about autumn and one about spring?", "Thanks!"]
)
def test_what_concerns_nobody_brings_nothing(memory: Memory, question: str) -> None:
    assert memory.recall("ana", question, mode="agentic").context == ""


@pytest.mark.parametrize("mode", ["tree", "hybrid", "agentic"])
@pytest.mark.parametrize("budget_tokens", [0, 5, 30, 60])
def test_the_budget_holds_in_every_mode(memory: Memory, mode: Mode, budget_tokens: int) -> None:
    assert memory.recall("ana", SISTER, mode=mode, budget_tokens=budget_tokens).tokens <= budget_tokens


def test_the_decision_is_made_before_anything_is_searched(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    decided: list[str] = []
    plain, decide = Engine.recall, memory.agentic.decision

    def note(question: object) -> object:
        decided.append("decided")
        return decide(question)  # type: ignore[arg-type]

    def search(*args: object) -> object:
        decided.append("searched")
        return plain(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(memory.agentic, "decision", note)
    monkeypatch.setattr(Engine, "recall", search)
    memory.recall("ana", SISTER, mode="agentic")
    assert decided[0] == "decided"
    assert decided.count("decided") == 1
    assert "searched" in decided


def test_the_decision_depends_on_the_question_alone(tmp_path: Path) -> None:
    question = "How many bicycles do I have?"
    for script in ([advice(enough=True)], ["garbage"], [ConnectionError("no")], [advice("Marta"), advice("Porto")]):
        home = tmp_path / str(len(list(tmp_path.iterdir())))
        with filled(home, model=ScriptedChatModel(script), embedder="hash") as memory:
            decision = memory.recall("ana", question).decision
            assert (decision.mode, decision.rule) == ("agentic", "counts-over-sessions")
    with Memory(tmp_path / "empty", embedder="hash", model=ScriptedChatModel([advice(enough=True)])) as empty:
        assert empty.recall("nobody", question).decision == decision
    with filled(tmp_path / "none", embedder="hash") as memory:
        assert memory.recall("ana", question).decision.mode == "hybrid"


def test_what_is_forgotten_while_the_model_thinks_is_not_read_out(tmp_path: Path) -> None:
    def forget(_: Sequence[BaseMessage]) -> str:
        ours.forget("ana", messages=["m1"])
        return advice("Marta the nurse")

    with filled(tmp_path, model=ScriptedChatModel([forget, advice(enough=True)])) as ours:
        found = ours.recall("ana", "Where does Marta work, and as what?", mode="agentic")
        assert "nurse in" not in found.context


def test_inside_a_chat_its_words_are_in_no_checkpoint_and_no_stream(tmp_path: Path) -> None:
    saver = InMemorySaver()
    own = ScriptedChatModel(lambda _: advice("Marta the nurse"))
    with filled(tmp_path, model=own) as memory:
        chat = memory.wrap(ScriptedChatModel("She is a nurse."), checkpointer=saver)
        pieces = [piece.text for piece in chat.stream("What is my sister's job like?", user="ana", session="now")]
    assert "".join(pieces) == "She is a nurse."
    assert own.calls
    kept = repr((list(saver.list(None)), dict(saver.storage), dict(saver.blobs), dict(saver.writes)))
    assert "children" not in kept
    assert "searches" not in kept


async def test_asynchronously_it_is_the_same(tmp_path: Path) -> None:
    async with AsyncMemory(filled(tmp_path)) as memory:
        found = await memory.recall("ana", SISTER, mode="agentic")
        there = memory.memory.recall("ana", SISTER, mode="agentic")
        assert (found.lines, found.steps, found.decision) == (there.lines, there.steps, there.decision)
        assert "nurse" in found.context
        with pytest.raises(MissingScope):
            await memory.recall("", SISTER, mode="agentic")
        with pytest.raises(InvalidInput):
            await memory.recall("ana", " ", mode="agentic")


async def test_a_cancelled_recall_ends_the_call_of_the_model(tmp_path: Path) -> None:
    is_asked = asyncio.Event()

    def hang(_: Sequence[BaseMessage]) -> Hang:
        is_asked.set()
        return Hang(3_600.0)

    async with AsyncMemory(filled(tmp_path, model=ScriptedChatModel(hang), embedder="hash")) as memory:
        recall = asyncio.create_task(memory.recall("ana", SISTER, mode="agentic"))
        await is_asked.wait()
        recall.cancel()
        with pytest.raises(asyncio.CancelledError):
            await recall


def test_an_unknown_person_has_an_empty_one(memory: Memory) -> None:
    found = memory.recall("nobody", SISTER, mode="agentic")
    assert (found.context, found.lines) == ("", ())


def test_langgraph_is_imported_only_when_this_mode_is_chosen(tmp_path: Path) -> None:
    code = (
        "import sys; from treering import Memory\n"
        f"memory = Memory({str(tmp_path)!r}, embedder='hash', background=False)\n"
        "memory.recall('ana', 'How many cats?'); print('langgraph' in sys.modules)\n"
        "memory.recall('ana', 'How many cats?', mode='agentic'); print('langgraph' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
