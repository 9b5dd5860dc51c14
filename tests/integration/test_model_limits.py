"""Limits and outages of a chat model, over a real HTTP connection: nothing is lost or dies, all is learned later."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.messages.ai import UsageMetadata

from treering import Memory, Settings
from treering.errors import InvalidInput, ModelDeferred
from treering.memory.gating import FAILURES, FIRST_REST_S, Bucket, Fee, Order
from treering.memory.models.gated import BURST_S
from treering.memory.stores import SqlStore
from treering.schemas.trunks import load_trunk
from treering.testing import ManualClock, ScriptedChatModel
from treering.workers.patience import MAX_PATIENCE_S
from treering.workers.runner import MAX_ATTEMPTS, Runner

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
PEOPLE = [f"p{number}" for number in range(6)]
WORKERS = 4

PORTO = {"op": "ADD", "path": "home.city", "text": "lives in Porto", "message": "m1", "quote": "I live in Porto"}
SLOTS = '{"paths": ["home.city"], "forget": false}'
OPERATIONS = json.dumps({"operations": [PORTO]})
SUMMARY = '{"summary": "They live in Porto."}'
DOWN = {"status": 503, "body": ""}


class Provider:
    """What the server answers: what it is asked for, or while it is set, `instead`."""

    def __init__(self) -> None:
        self.instead: Mapping[str, Any] | None = None

    def popleft(self) -> Callable[[dict[str, Any]], Mapping[str, Any]]:
        return lambda asked: (
            self.instead or {"content": SUMMARY if "SummariseReply" in json.dumps(asked) else OPERATIONS}
        )


class Server(Protocol):
    url: str
    asked: list[dict[str, Any]]
    answers: Any


@pytest.fixture
def provider(model_server: Server) -> Iterator[Provider]:
    """The answers of the server, and as many as are wanted."""
    model_server.asked = []
    model_server.answers = Provider()
    yield model_server.answers
    model_server.answers = None


class World:
    """A memory with several workers, and a clock that we move."""

    def __init__(self, home: Path, model: BaseChatModel, **more: object) -> None:
        values = {"home": home, "embedder": "hash", "model_routing": "vectors", "cache_dir": home / "cache", **more}
        self.clock = ManualClock(NOW)
        settings = Settings.model_validate(values)
        self.memory = Memory(settings=settings, model=model, clock=self.clock, background=False)
        engine = self.memory._engine
        self.store = engine.store
        self.workers = [Runner(engine, lease_s=600) for _ in range(WORKERS)]

    def say(self, *people: str) -> None:
        for person in people:
            self.memory.remember(person, "I live in Porto, by the way.", session="s")
            self.memory.end_session(person, "s")

    def work(self) -> None:
        """All workers at once, until nothing is due."""
        with ThreadPoolExecutor(WORKERS) as threads:
            list(threads.map(lambda worker: worker.run_for(60), self.workers))

    def work_for(self, span: timedelta, step: timedelta = timedelta(seconds=MAX_PATIENCE_S)) -> None:
        end = self.clock.now() + span
        while self.clock.now() < end:
            self.clock.advance(step)
            self.work()

    def work_until(
        self, is_done: Callable[[], bool], within: timedelta, step: timedelta = timedelta(seconds=MAX_PATIENCE_S)
    ) -> None:
        end = self.clock.now() + within
        while not is_done() and self.clock.now() < end:
            self.clock.advance(step)
            self.work()

    @property
    def knows(self) -> list[str]:
        return [person for person in PEOPLE if [one.text for one in self.memory.tree(person).claims]]

    def is_idle(self) -> bool:
        return not self.memory.jobs(states=("queued", "running"))

    @property
    def dead(self) -> int:
        return len(self.memory.jobs(states=("dead",)))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Callable[..., World]]:
    opened: list[World] = []

    def make(model: BaseChatModel, **more: object) -> World:
        opened.append(World(tmp_path, model, **more))
        return opened[-1]

    yield make
    for one in opened:
        one.memory.close()


def test_a_provider_that_is_down_is_left_alone_and_all_is_learned_when_it_is_back(
    world: Callable[..., World], client: BaseChatModel, provider: Provider, model_server: Server
) -> None:
    here = world(client)
    provider.instead = DOWN
    here.say(*PEOPLE)
    here.work()
    here.work_for(timedelta(minutes=4))
    probes = 3  # after 30 s, 1 and 2 minutes more
    assert FAILURES <= len(model_server.asked) <= FAILURES + (WORKERS - 1) + probes
    [gate] = here.store.gates()
    assert gate.failures >= FAILURES
    assert gate.shut_until is not None
    assert (here.knows, here.dead) == ([], 0)
    assert "Porto" in here.memory.recall("p0", "Where do I live? Porto?").context, "it is recalled meanwhile"

    provider.instead = None
    here.work_until(here.is_idle, timedelta(minutes=20))
    assert (here.knows, here.dead) == (PEOPLE, 0)
    assert [(gate.failures, gate.shut_until) for gate in here.store.gates()] == [(0, None)]


def test_somebody_alone_outlives_an_outage_that_is_longer_than_all_attempts(
    world: Callable[..., World], client: BaseChatModel, provider: Provider, model_server: Server
) -> None:
    here = world(client)
    provider.instead = DOWN
    here.say("p0")
    here.work_for(timedelta(minutes=10), step=timedelta(seconds=20))
    assert len(model_server.asked) > MAX_ATTEMPTS
    assert here.dead == 0
    provider.instead = None
    here.work_until(here.is_idle, timedelta(minutes=20))
    assert (here.knows, here.dead) == (["p0"], 0)


def test_who_asks_to_be_left_alone_is_asked_once(
    world: Callable[..., World], client: BaseChatModel, provider: Provider, model_server: Server
) -> None:
    here = world(client)
    provider.instead = {"status": 429, "headers": {"retry-after": "77"}, "body": ""}
    here.say("p0")
    here.work_for(timedelta(seconds=77))
    assert len(model_server.asked) == 1
    assert {job.attempts for job in here.memory.jobs(states=("queued",))} == {0}
    provider.instead = None
    here.work_until(here.is_idle, timedelta(minutes=2))
    assert here.knows == ["p0"]


def test_a_prompt_that_is_always_refused_is_put_aside_and_stops_nobody(
    world: Callable[..., World], client: BaseChatModel, provider: Provider
) -> None:
    here = world(client)
    provider.instead = {
        "status": 400,
        "body": '{"error": {"message": "Too long", "type": "x", "code": null, "param": null}}',
    }
    here.say("p0")
    here.work_until(lambda: here.dead > 0, timedelta(minutes=10))
    assert here.dead == 1
    assert here.store.gates() == []
    provider.instead = None
    here.say("p1")
    here.work()
    assert here.knows == ["p1"]


def test_within_a_limit_all_is_learned_and_no_more_is_used(
    world: Callable[..., World], client: BaseChatModel, provider: Provider, model_server: Server
) -> None:
    used = 80  # tokens that the server says a call took
    here = world(client, model_tokens_a_minute=240)
    here.say(*PEOPLE)
    began = here.clock.now()
    here.work_until(here.is_idle, timedelta(hours=2))
    assert (here.knows, here.dead) == (PEOPLE, 0)
    calls = len(model_server.asked)
    assert calls == 2 * len(PEOPLE), "each window and each summary is asked for once"
    minutes = (here.clock.now() - began) / timedelta(minutes=1)
    assert used * (calls - 1) <= 240 * (minutes + BURST_S / 60), "all but the last, which may overfill the bucket"


def test_a_window_that_was_begun_is_heard_to_its_end_within_a_limit_that_holds_one_question(
    world: Callable[..., World],
) -> None:
    usage = UsageMetadata(input_tokens=3_000, output_tokens=100, total_tokens=3_100)
    script = [AIMessage(content=text, usage_metadata=usage) for text in (SLOTS, OPERATIONS, '{"summary": "Porto."}')]
    model = ScriptedChatModel(script)
    here = world(model, model_routing="model", model_tokens_a_minute=6_000)
    here.say("p0")
    here.work()
    assert here.knows == ["p0"]
    assert len(model.calls) == 2
    [job] = here.memory.jobs(states=("queued",))
    assert (job.kind, job.attempts) == ("summarise", 0)
    here.work_until(here.is_idle, timedelta(minutes=3))
    assert len(model.calls) == 3


def test_a_summary_waits_for_the_model_and_nothing_is_half_done(
    world: Callable[..., World], client: BaseChatModel, provider: Provider, model_server: Server
) -> None:
    here = world(client)
    here.say("p0")
    provider.instead = {"status": 429, "headers": {"retry-after": "100"}, "body": ""}
    here.work()
    provider.instead = None
    here.work_for(timedelta(seconds=90))
    with here.store.begin(write=False) as unit:
        [scope] = here.store.scopes()
        assert unit.passages.level(scope, 1) == []
    here.work_until(here.is_idle, timedelta(minutes=2))
    with here.store.begin(write=False) as unit:
        assert [one.text for one in unit.passages.level(scope, 1)] == ["They live in Porto."]
    assert here.memory.doctor().is_sound


def test_what_a_day_may_cost_is_spent_and_the_rest_waits_unheard(
    world: Callable[..., World], client: BaseChatModel, provider: Provider, model_server: Server
) -> None:
    price = (1_000.0, 1_000.0)  # 8 cents a call
    here = world(client, model_cost_a_day=3.0, model_price=price)
    here.say(*PEOPLE)
    here.work_for(timedelta(minutes=1))
    first = len(model_server.asked)
    assert 0 < first < 2 * len(PEOPLE)
    assert {gate.name: gate.level > 0 for gate in here.store.gates()} == {"cost": True, "model:m": False}
    here.work_until(here.is_idle, timedelta(days=4), step=timedelta(minutes=20))  # half as long as a call is saved for
    assert (here.knows, here.dead) == (PEOPLE, 0)


def test_recall_that_asks_a_model_pays_too_and_goes_on_by_rules_beyond_a_limit(world: Callable[..., World]) -> None:
    model = ScriptedChatModel(['{"enough": true, "searches": []}'])
    here = world(model, model_tokens_a_minute=600)
    here.memory.remember("p0", "My sister Marta moved to Porto.")
    found = here.memory.recall("p0", "Where does my sister live?", mode="agentic")
    assert (found.degraded, len(model.calls)) == ((), 1)
    assert here.store.gates()[0].level > 600 / 60 * BURST_S
    found = here.memory.recall("p0", "Where does my sister live?", mode="agentic")
    [lack] = found.degraded
    assert "600 tokens a minute" in lack
    assert "rules made the rewrites" in lack
    assert "Porto" in found.context
    assert len(model.calls) == 1


def test_while_a_model_rests_recall_asks_nobody(world: Callable[..., World]) -> None:
    model = ScriptedChatModel([RuntimeError("down")] * FAILURES)
    here = world(model)
    here.say(*PEOPLE)
    here.work_for(timedelta(seconds=FIRST_REST_S - 10))
    asked = len(model.calls)
    found = here.memory.recall("p0", "Where does my sister live?", mode="agentic")
    assert "it rests until" in found.degraded[0]
    assert len(model.calls) == asked


def test_a_limit_of_cost_needs_a_price(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"TREERING_MODEL_COST_A_DAY.*TREERING_MODEL_PRICE"):
        Memory(settings=Settings(home=tmp_path, model_cost_a_day=1.0))


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def test_processes_together_use_no_more_than_fits(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/memory.db" if database == "sqlite" else request.getfixturevalue("postgres_url")
    store = SqlStore(url, load_trunk("core"))
    assert store.gates() == []
    fee = Fee(gate="model:m", amount=10.0, bucket=Bucket(per_s=100.0, size=500.0, says="the tokens"))
    order = Order(model="m", gate="model:m", fees=(fee,), hold_s=60)

    def ask() -> int:
        got_in = 0
        for _ in range(40):
            try:
                entry = store.model_gate.enter(order, NOW)
            except ModelDeferred:
                continue
            got_in += 1
            if got_in % 2 == 0:  # every other call comes to half of what was reckoned
                store.model_gate.leave(entry, [5.0], NOW)
        return got_in

    counts = [_in_a_child(ask) for _ in range(4)]
    entered = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in counts]
    settled = sum(count // 2 for count in entered)
    [gate] = store.gates()
    assert gate.level == 10 * sum(entered) - 5 * settled, "no call and no settlement is lost"
    assert 490 < gate.level <= 500
    store.close()


def _in_a_child(count: Callable[[], int]) -> int:
    """The process id of a child that exits with the number that it counted."""
    child = os.fork()
    if child:
        return child
    status = 255
    try:
        status = count()
    finally:
        os._exit(status)
