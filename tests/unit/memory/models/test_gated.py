"""A chat model behind its gates: what is asked is reckoned before and settled after, and who has to wait is told."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import pytest
from pydantic import BaseModel

from treering.errors import ModelDeferred, ModelUnavailable, StoreBusy
from treering.memory.gating import FAILURES, FIRST_REST_S, LOOK_AGAIN_S, Entry, Order
from treering.memory.models.gated import ANSWER_TOKENS, BURST_S, GatedChatModel, Limits, gate_name
from treering.memory.models.price import Price
from treering.memory.ports import ChatMessage, ModelAnswer, ModelGate
from treering.schemas.trunk import Trunk
from treering.schemas.value import MAX_IDENTIFIER_CHARS
from treering.testing import ManualClock, MemoryStore

SAID: tuple[ChatMessage, ...] = (("system", "x" * 60), ("user", "y" * 40))
DOWN = ModelUnavailable("scripted", "status 503")


class Scripted:
    """Answers, or raises, in order; without a script it answers for ever, with no tokens counted."""

    name = "scripted"

    def __init__(self, *script: ModelAnswer | Exception) -> None:
        self.script = [*script]
        self.asked = 0

    def answer(self, messages: Sequence[ChatMessage], *, schema: type[BaseModel] | None = None) -> ModelAnswer:
        self.asked += 1
        entry = self.script.pop(0) if self.script else ModelAnswer(text="ok")
        if isinstance(entry, Exception):
            raise entry
        return entry

    async def aanswer(self, messages: Sequence[ChatMessage], *, schema: type[BaseModel] | None = None) -> ModelAnswer:
        return self.answer(messages, schema=schema)


class World:
    """A model behind gates in memory; a letter is a token."""

    def __init__(self, trunk: Trunk) -> None:
        self.clock = ManualClock()
        self.store = MemoryStore(trunk)

    def model(
        self,
        *script: ModelAnswer | Exception,
        gate: ModelGate | None = None,
        is_waited_for: bool = False,
        **limits: object,
    ) -> GatedChatModel[Scripted]:
        return GatedChatModel(
            Scripted(*script),
            gate or self.store.model_gate,
            clock=self.clock,
            count=len,
            limits=Limits(**limits),  # type: ignore[arg-type]
            timeout_s=60,
            is_waited_for=is_waited_for,
        )

    @property
    def levels(self) -> dict[str, float]:
        return {gate.name: gate.level for gate in self.store.gates()}


@pytest.fixture
def world(small_trunk: Trunk) -> World:
    return World(small_trunk)


def test_without_limits_a_model_that_answers_leaves_no_trace(world: World) -> None:
    assert world.model(ModelAnswer(text="hello", tokens_in=5, tokens_out=1)).answer(SAID).text == "hello"
    assert world.levels == {}


def test_what_the_provider_counts_is_what_was_used(world: World) -> None:
    world.model(ModelAnswer(text="ok", tokens_in=90, tokens_out=30), tokens_a_minute=60_000).answer(SAID)
    assert world.levels == {"model:scripted": 120}


def test_where_the_provider_counts_nothing_we_count(world: World) -> None:
    world.model(ModelAnswer(text="four"), tokens_a_minute=60_000).answer(SAID)
    assert world.levels == {"model:scripted": 104}


def test_the_shape_that_is_asked_for_is_sent_too(world: World) -> None:
    class Shape(BaseModel):
        word: str

    world.model(ModelAnswer(text="four"), tokens_a_minute=60_000).answer(SAID, schema=Shape)
    assert world.levels["model:scripted"] > 104 + len('{"properties": {"word": {}}}')


def test_a_call_that_does_not_fit_is_not_made(world: World) -> None:
    model = world.model(tokens_a_minute=6_000)
    first = 2 * (100 + ANSWER_TOKENS)
    world.model(ModelAnswer(text="", tokens_in=first), tokens_a_minute=6_000).answer(SAID)
    with pytest.raises(ModelDeferred, match=r"6,000 tokens a minute \(TREERING_MODEL_TOKENS_A_MINUTE\)") as deferred:
        model.answer(SAID)
    size = 6_000 / 60 * BURST_S
    assert deferred.value.retry_after_s == (first + 100 + ANSWER_TOKENS - size) / 100
    assert model._model.asked == 0
    world.clock.advance(deferred.value.retry_after_s or 0)
    model.answer(SAID)
    assert model._model.asked == 1


def test_what_is_spent_in_a_day_is_bounded_over_all_models(world: World) -> None:
    limits = {"cost_a_day": 2.0, "price": Price(1.0, 10.0)}
    model = world.model(ModelAnswer(text="", tokens_in=1_000_000, tokens_out=100_000), **limits)
    model.answer(SAID)
    assert world.levels == {"cost": 2.0}
    with pytest.raises(ModelDeferred, match=r"2 US dollars a day \(TREERING_MODEL_COST_A_DAY\)") as deferred:
        model.answer(SAID)
    reckoned = (100 + 10 * ANSWER_TOKENS) / 1_000_000
    assert deferred.value.retry_after_s == pytest.approx(reckoned / 2.0 * 86_400, abs=0.001)
    world.clock.advance(86_400 / 2)
    model.answer(SAID)
    assert world.levels["cost"] == pytest.approx(1.0 + (100 + 10 * 2) / 1_000_000)


def test_a_further_question_of_work_that_was_let_in_waits_for_no_limit(world: World) -> None:
    model = world.model(tokens_a_minute=600)
    model.answer(SAID)
    with pytest.raises(ModelDeferred):
        model.answer(SAID)
    model.going_on.answer(SAID)
    assert world.levels == {"model:scripted": 2 * 102}


def test_a_failure_that_shuts_the_gate_is_told_as_a_wait(world: World) -> None:
    model = world.model(*[DOWN] * FAILURES)
    for _ in range(FAILURES - 1):
        with pytest.raises(ModelUnavailable) as raised:
            model.answer(SAID)
        assert not isinstance(raised.value, ModelDeferred)
    with pytest.raises(ModelDeferred, match=r"status 503; it is asked again in 30 s") as deferred:
        model.answer(SAID)
    assert deferred.value.retry_after_s == LOOK_AGAIN_S
    with pytest.raises(ModelDeferred, match="failures in a row: 5"):
        model.answer(SAID)
    assert model._model.asked == FAILURES
    world.clock.advance(FIRST_REST_S)
    assert model.answer(SAID).text == "ok"
    assert model.answer(SAID).text == "ok"


def test_a_provider_that_asks_to_be_left_alone_is(world: World) -> None:
    model = world.model(ModelUnavailable("scripted", "status 429", retry_after_s=7.0))
    with pytest.raises(ModelDeferred, match="status 429") as deferred:
        model.answer(SAID)
    assert deferred.value.retry_after_s == 7
    world.clock.advance(6.9)
    with pytest.raises(ModelDeferred):
        model.answer(SAID)
    assert model._model.asked == 1
    world.clock.advance(0.1)
    model.answer(SAID)


def test_a_prompt_that_is_refused_says_nothing_against_the_model(world: World) -> None:
    refused = ModelUnavailable("scripted", "status 400", is_about_prompt=True)
    model = world.model(*[DOWN] * (FAILURES - 1), *[refused] * FAILURES)
    for _ in range(2 * FAILURES - 1):
        with pytest.raises(ModelUnavailable) as raised:
            model.answer(SAID)
        assert not isinstance(raised.value, ModelDeferred), "its attempts count"
    model.answer(SAID)


def test_whoever_has_no_time_does_not_judge_the_model(world: World) -> None:
    model = world.model(*[DOWN] * (2 * FAILURES), is_waited_for=True)
    for _ in range(2 * FAILURES):
        with pytest.raises(ModelUnavailable) as raised:
            model.answer(SAID)
        assert not isinstance(raised.value, ModelDeferred)


def test_in_an_event_loop_it_is_the_same(world: World) -> None:
    async def ask() -> None:
        model = world.model(
            ModelAnswer(text="", tokens_in=90, tokens_out=30), *[DOWN] * FAILURES, tokens_a_minute=60_000
        )
        await model.aanswer(SAID)
        assert world.levels == {"model:scripted": 120}
        for _ in range(FAILURES):
            with pytest.raises(ModelUnavailable):
                await model.aanswer(SAID)
        with pytest.raises(ModelDeferred):
            await model.aanswer(SAID)
        assert model._model.asked == 1 + FAILURES

    anyio.run(ask)


class Broken:
    """A gate whose store is busy, from the second step on if it is said so."""

    def __init__(self, gate: ModelGate | None = None) -> None:
        self.gate = gate

    def enter(self, order: Order, now: object) -> Entry:
        if self.gate is None:
            raise StoreBusy("here", 1.0)
        return self.gate.enter(order, now)  # type: ignore[arg-type]

    def leave(self, *args: object, **named: object) -> None:
        raise StoreBusy("here", 1.0)

    def fail(self, *args: object, **named: object) -> float:
        raise StoreBusy("here", 1.0)

    def gates(self) -> list[object]:
        return []


def test_where_the_limits_cannot_be_looked_up_nobody_is_asked(world: World) -> None:
    model = world.model(gate=Broken())  # type: ignore[arg-type]
    with pytest.raises(ModelDeferred, match="StoreBusy"):
        model.answer(SAID)
    assert model._model.asked == 0


def test_an_answer_that_cannot_be_noted_is_of_use_nevertheless(world: World, caplog: pytest.LogCaptureFixture) -> None:
    model = world.model(ModelAnswer(text="paid"), DOWN, gate=Broken(world.store.model_gate))  # type: ignore[arg-type]
    assert model.answer(SAID).text == "paid"
    with pytest.raises(ModelUnavailable, match="status 503"):
        model.answer(SAID)
    assert caplog.text.count("could not be noted") == 2


def test_the_name_of_a_gate_fits_into_the_table() -> None:
    assert len(gate_name("x" * 1_000)) == MAX_IDENTIFIER_CHARS
    assert gate_name("a\nb") == "model:a?b"
