"""A chat model that listens, with all that it may do wrong: nothing of what was said is lost, nothing gets stuck."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage
from langchain_core.messages.ai import UsageMetadata
from rich.console import Console

from treering import Memory, Message
from treering.cli.drawing import draw_versions
from treering.memory.hearing import Observer
from treering.memory.listeners.model import ModelListener
from treering.memory.listeners.model_meaning import MeaningRouter
from treering.memory.models.chat import LangChainChatModel
from treering.memory.models.price import Price
from treering.memory.retrieval.slots import slot_vectors, texts_of
from treering.schemas.listening import Heard
from treering.schemas.operations import NoOp
from treering.schemas.trunks import load_trunk
from treering.testing import Hang, HashEmbedder, ManualClock, ScriptedChatModel
from treering.testing.chat_model import Entry
from treering.workers.runner import MAX_ATTEMPTS, MAX_BACKOFF_S

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


def adds(text: str, quote: str, path: str = "home.city") -> str:
    return json.dumps({"operations": [{"op": "ADD", "path": path, "text": text, "message": "m1", "quote": quote}]})


PORTO = adds("lives in Porto", "I live in Porto")
CITY = '{"paths": ["home.city"], "forget": false}'


class World:
    """A memory whose listener follows a script, and whose clock we move."""

    def __init__(
        self,
        folder: Path,
        *script: Entry,
        timeout_s: float = 5.0,
        asks_for_slots: bool = True,
        observe: Observer | None = None,
    ) -> None:
        self.clock = ManualClock(NOW)
        self.model = ScriptedChatModel(list(script))
        trunk, embedder = load_trunk("core"), HashEmbedder()
        meaning = MeaningRouter(embedder, lambda: slot_vectors(trunk, embedder.embed(texts_of(trunk))))
        listener = ModelListener(
            LangChainChatModel(self.model, timeout_s=timeout_s),
            trunk,
            meaning=meaning,
            routes_by_meaning=not asks_for_slots,
            price=Price(1.0, 10.0),
        )
        self.memory = Memory(
            folder, embedder="hash", listener=listener, clock=self.clock, background=False, observe=observe
        )

    def hear(self, *texts: str, session: str = "s") -> None:
        for number, text in enumerate(texts):
            self.memory.remember("ana", Message(content=text, id=f"{session}-{number}"), session=session)
        self.memory.end_session("ana", session)
        self.memory.flush()

    def later(self) -> None:
        self.clock.advance(timedelta(seconds=2 * MAX_BACKOFF_S))
        self.memory.flush()

    @property
    def knows(self) -> list[str]:
        return [claim.text for claim in self.memory.tree("ana").claims]

    @property
    def dead(self) -> list[tuple[str, str | None]]:
        return [(job.error or "", job.raw_reply) for job in self.memory.jobs() if job.state == "dead"]


def test_structured_output_becomes_claims_with_the_model_in_the_ledger(tmp_path: Path) -> None:
    world = World(tmp_path, CITY, PORTO)
    world.hear("I live in Porto, by the way.")
    assert world.knows == ["lives in Porto"]
    [entry] = world.memory.history("ana")
    assert entry.author.startswith("model/")


def test_the_papers_text_grammar_is_read_too(tmp_path: Path) -> None:
    world = World(tmp_path, CITY, 'Sure!\n```\n1. ADD(home.city, "lives in Porto")\n```')
    world.hear("I live in Porto, by the way.")
    assert world.knows == ["lives in Porto"]


def test_what_of_a_reply_could_not_be_used_is_counted_in_history_without_its_words(tmp_path: Path) -> None:
    secret = {"op": "ADD", "path": "shoe_size", "text": "has a secret", "message": "m1", "quote": "I live in Porto"}
    both = json.dumps({"operations": [secret, *json.loads(PORTO)["operations"]]})
    world = World(tmp_path, CITY, both)
    world.hear("I live in Porto, by the way.")
    assert world.knows == ["lives in Porto"]
    said, lost = [entry.operation for entry in world.memory.history("ana")]
    assert said.kind == "ADD"
    assert lost == NoOp(why="1 part of the model's reply could not be used")


def test_an_answer_about_slots_that_cannot_be_read_is_told_to_observers(tmp_path: Path) -> None:
    told: list[Heard] = []
    world = World(tmp_path, "I'd rather not.", PORTO, observe=lambda _, heard: told.append(heard))
    world.hear("I live in Porto, by the way.")
    assert world.knows == ["lives in Porto"]
    [line] = [line for heard in told for line in heard.unreadable]
    assert line.text == "I'd rather not."
    assert line.why == "it names no slots; the slots were found by sentence vectors instead"


def test_model_prompt_tokens_and_cost_are_stored_with_the_batch(tmp_path: Path) -> None:
    usage = UsageMetadata(input_tokens=1_000, output_tokens=50, total_tokens=1_050)
    answers = [AIMessage(content=text, usage_metadata=usage) for text in (CITY, PORTO)]
    world = World(tmp_path, *answers)
    world.hear("I live in Porto, by the way.")
    [batch] = [batch for batch in world.memory.export("ana").batches if batch.model]
    assert (batch.model, batch.tokens_in, batch.tokens_out) == ("scripted", 2_000, 100)
    assert (batch.prompt_version or "").startswith("listen_v2-")
    assert batch.cost == pytest.approx(2_000 * 1e-6 + 100 * 10e-6)
    [commit] = world.memory.versions("ana")
    assert (commit.model, commit.tokens_in, commit.tokens_out, commit.cost) == ("scripted", 2_000, 100, batch.cost)
    console = Console(width=200, record=True, file=StringIO())
    console.print(draw_versions([commit]))
    assert "scripted: 2,000 + 100 tokens, $0.0030" in console.export_text()


@pytest.mark.parametrize("script", [(CITY, "I cannot."), (CITY, '{"operations": []}')])
def test_observers_are_told_what_a_window_cost_that_changed_nothing(tmp_path: Path, script: tuple[str, str]) -> None:
    told: list[Heard] = []
    usage = UsageMetadata(input_tokens=1_000, output_tokens=50, total_tokens=1_050)
    answers = [AIMessage(content=text, usage_metadata=usage) for text in script]
    World(tmp_path, *answers, observe=lambda _, heard: told.append(heard)).hear("I live in Porto, by the way.")
    assert [(one.tokens_in, one.tokens_out, one.cost) for one in told] == [(2_000, 100, pytest.approx(0.003))]


def test_garbage_is_repaired_once_where_no_call_went_to_find_slots(tmp_path: Path) -> None:
    world = World(tmp_path, "I am sorry, Dave.", PORTO, asks_for_slots=False)
    world.hear("I live in Porto, by the way.")
    assert world.knows == ["lives in Porto"]
    assert len(world.model.calls) == 2


def test_garbage_parks_the_window_with_the_raw_reply_and_the_subject_goes_on(tmp_path: Path) -> None:
    world = World(tmp_path, CITY, "I still am.", CITY, adds("lives in Lisbon", "I live in Lisbon"))
    world.hear("I live in Porto, by the way.", session="one")
    world.hear("I live in Lisbon now.", session="two")
    assert world.knows == ["lives in Lisbon"]
    [(error, raw)] = world.dead
    assert "cannot be read" in error
    assert raw is not None
    assert "I still am." in raw


def test_a_parked_window_is_heard_when_it_is_tried_again(tmp_path: Path) -> None:
    world = World(tmp_path, CITY, "I am sorry, Dave.", CITY, PORTO)
    world.hear("I live in Porto, by the way.")
    [job] = [job for job in world.memory.jobs() if job.state == "dead"]
    assert world.memory.retry(job.id)
    world.memory.flush()
    assert world.knows == ["lives in Porto"]
    assert world.memory.jobs() == []


def test_a_model_that_raises_is_asked_again_later(tmp_path: Path) -> None:
    world = World(tmp_path, RuntimeError("rate limit"), CITY, PORTO)
    world.hear("I live in Porto, by the way.")
    assert world.knows == []
    assert [job.state for job in world.memory.jobs()] == ["queued"]
    world.later()
    assert world.knows == ["lives in Porto"]


def test_a_model_that_hangs_is_given_up_in_time_and_asked_again(tmp_path: Path) -> None:
    world = World(tmp_path, CITY, Hang(5.0, PORTO), CITY, PORTO, timeout_s=2.0)
    world.hear("I live in Porto, by the way.")
    assert world.knows == []
    world.later()
    assert world.knows == ["lives in Porto"]


def test_a_model_that_never_answers_parks_the_window_after_its_attempts(tmp_path: Path) -> None:
    world = World(tmp_path, *[RuntimeError("down")] * MAX_ATTEMPTS)
    world.hear("I live in Porto, by the way.")
    for _ in range(MAX_ATTEMPTS):
        world.later()
    [(error, raw)] = world.dead
    assert "did not answer" in error
    assert raw is None
    assert len(world.model.calls) == MAX_ATTEMPTS
    assert "Porto" in world.memory.recall("ana", "In which city do I live? Porto?").context, "the turn is not lost"


def test_a_span_that_was_never_said_is_no_claim(tmp_path: Path) -> None:
    world = World(tmp_path, CITY, adds("lives in Oslo", "I live in Oslo"))
    world.hear("I live in Porto, by the way.")
    assert world.knows == []
    [(error, raw)] = world.dead
    assert "does not occur in the turn" in error
    assert raw is not None
    assert "Oslo" in raw


@pytest.mark.parametrize("reply", ['{"paths": [], "forget": false}', '{"operations": []}', "NO_OP()", "None."])
def test_nothing_to_learn_ends_after_one_call(tmp_path: Path, reply: str) -> None:
    world = World(tmp_path, reply)
    world.hear("Hello, how are you?")
    assert world.knows == []
    assert world.memory.jobs() == []
    assert len(world.model.calls) == 1


def test_a_reply_is_kept_before_it_is_applied_so_that_a_crash_does_not_ask_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, CITY, PORTO)
    listener = world.memory._engine._hearing._listener
    honest = listener.read

    def dies(*_: object) -> None:
        raise RuntimeError("killed between reply and commit")

    monkeypatch.setattr(listener, "read", dies)
    world.hear("I live in Porto, by the way.")
    monkeypatch.setattr(listener, "read", honest)
    world.later()
    assert world.knows == ["lives in Porto"]
    assert len(world.model.calls) == 2
