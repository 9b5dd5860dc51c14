"""Stories of three sessions, told to real workers and ended by beat: they end as with the thread of a memory."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from treering import Memory
from treering.schemas.dialogue import Scope
from treering.settings import Settings
from treering.testing.processes import environment_of
from treering.testing.starting import Program

pytestmark = pytest.mark.services

PROGRAM = Path(__file__).with_name("worker_program.py")
CELERY = Path(sys.executable).with_name("celery")
PATIENCE_S = 200.0
FIRST_DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)

NewBroker = Callable[[str], dict[str, str]]
"""Gives the settings of queues of one's own in a broker."""

#: By person: what was said in each session, in other weeks.
STORIES: Mapping[str, Sequence[str]] = {
    "repeats": (
        "I love hiking in the mountains.",
        "I really enjoy hiking in the mountains.",
        "Hiking in the mountains is what I love!",
    ),
    "refines": ("I love hiking.", "I love jazz.", "I love hiking in the mountains."),
    "wavers": ("I love jazz.", "I can't stand jazz.", "I am fond of jazz again."),
    "counts": ("I have two cats.", "I love rock.", "I have three cats."),
    "depends": ("I eat meat when I'm travelling.", "I love rock.", "On weekdays I don't eat meat."),
    "is patient": (
        "I queued an hour to look at a painting.",
        "I waited all day for the owl and did not mind.",
        "The sourdough takes three days, that's the fun of it.",
    ),
    "says so": ("I queued an hour to look at a painting.", "I am a patient person.", "I have two cats."),
    "climbs": (
        "I went climbing on Saturday.",
        "Went climbing with the usual crowd.",
        "My arms hurt, I went climbing again.",
    ),
}
RULES = {
    "repeats": "duplicate",
    "refines": "refinement",
    "wavers": "contradiction",
    "counts": "contradiction",
    "depends": "kept apart",
    "is patient": "trait",
    "says so": "trait",
    "climbs": "habit",
}


@pytest.fixture(params=["redis", "rabbitmq"])
def settings(request: pytest.FixtureRequest, new_broker: NewBroker, postgres_url: str, tmp_path: Path) -> Settings:
    """A new store, queues of its own in a broker that is there, and sessions that end at once."""
    return Settings(
        home=tmp_path / "home",
        database_url=postgres_url,
        **new_broker(request.param),
        embedder="hash",
        lease_s=5.0,
        idle_minutes=0.01,
    )


@pytest.fixture
def start(settings: Settings, tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Starts a program in a process group and a folder of its own; what lives at the end is killed."""
    environment = environment_of(settings)
    begun: list[Program] = []

    def start(script: Path, *words: str) -> Program:
        begun.append(Program([*words, "--loglevel", "warning"], environment, script=script, folder=tmp_path))
        return begun[-1]

    yield start
    for process in begun:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def tell(memory: Memory, number: int) -> None:
    """One session of each story."""
    at = FIRST_DAY + timedelta(weeks=number)
    for person, texts in STORIES.items():
        said = {"role": "user", "content": texts[number], "id": f"m{number}", "at": at}
        memory.remember(person, said, session=f"s{number}")


def wait_until_over(memory: Memory, people: Sequence[str]) -> None:
    """Until beat has ended every session, and nothing is left to do."""
    end = time.monotonic() + PATIENCE_S
    while any(not one.ended for person in people for one in memory.sessions(person)) or memory.jobs():
        assert time.monotonic() < end, memory.jobs()
        assert all(job.state != "dead" for job in memory.jobs()), memory.jobs()
        time.sleep(0.1)


def outcome(memory: Memory, person: str) -> dict[str, object]:
    """Tree, log and summaries, but for the moments at which they were made."""
    scope = Scope(user=person)
    with memory._engine.store.begin(write=False) as unit:
        passages = [passage for level in range(4) for passage in unit.passages.level(scope, level)]
        assert {f"summary:{one.id}" for one in passages} <= unit.vectors.ids(scope)
    tree = memory.tree(person)
    return {
        "digest": tree.digest,
        "version": tree.version,
        "log": [timeless(entry.model_dump(mode="json")) for entry in memory.history(person)],
        "passages": [timeless(passage.model_dump(mode="json")) for passage in passages],
        "waiting": [timeless(held.verdict.model_dump(mode="json")) for held in memory.quarantine(person)],
        "sessions": [one.model_dump(mode="json") for one in memory.sessions(person)],
    }


def timeless(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Without when it was recorded, when a claim was taken out to be exchanged, and the salted digest."""
    if isinstance(value, list):
        return [timeless(one) for one in value]
    if not isinstance(value, dict):
        return value
    is_exchange = value.get("kind") == "DELETE" and value.get("reason") == "retracted"
    left_out = {"recorded_at", "digest", *(("at",) if is_exchange else ())}
    return {name: timeless(one) for name, one in value.items() if name not in left_out}


@pytest.fixture
def expected(tmp_path: Path, story_module: ModuleType) -> dict[str, dict[str, object]]:
    """What a memory without workers makes of the same stories."""
    listener = story_module.Scripted(hears=story_module.HEARS)
    with Memory(tmp_path / "embedded", embedder="hash", listener=listener, background=False) as memory:
        for number in range(3):
            tell(memory, number)
            for person in STORIES:
                memory.end_session(person)
            memory.flush()
        return {person: outcome(memory, person) for person in STORIES}


@pytest.fixture
def story_module(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The listener of the consolidation tests, as the workers have it."""
    monkeypatch.syspath_prepend(str(PROGRAM.parent))
    import worker_program  # noqa: PLC0415 - it stands beside this file

    yield worker_program.load("test_consolidation")
    del sys.modules["worker_program"], sys.modules["test_consolidation"]


def test_stories_end_the_same_with_workers_and_beat(
    settings: Settings, start: Callable[..., Program], expected: dict[str, dict[str, object]]
) -> None:
    worker = start(PROGRAM, "stories", "worker", "--beat", "--concurrency", "2")
    with Memory(settings=settings) as memory:
        for number in range(3):
            tell(memory, number)
            wait_until_over(memory, [*STORIES])
        for person, rule in RULES.items():
            found = outcome(memory, person)
            assert any(str(entry["operation"].get("why")).startswith(rule) for entry in found["log"]), (person, rule)
            assert found == expected[person], person
        assert memory.doctor().findings == ()
    worker.terminate()
    assert worker.wait(PATIENCE_S) == 0


@pytest.mark.parametrize("settings", ["redis"], indirect=True)
def test_celery_starts_workers_and_beat_apart(
    settings: Settings, start: Callable[..., Program], tmp_path: Path
) -> None:
    def talk(memory: Memory) -> None:
        for number, text in enumerate(("I live in Porto.", "I am allergic to peanuts.", "I moved to Lisbon.")):
            said = {"role": "user", "content": text, "id": f"m{number}", "at": FIRST_DAY + timedelta(weeks=number)}
            memory.remember("ana", said, session=f"s{number}")

    worker = start(CELERY, "-A", "treering.workers.app", "worker", "--concurrency", "1")
    beat = start(CELERY, "-A", "treering.workers.app", "beat")
    with Memory(settings=settings) as memory, Memory(tmp_path / "own", embedder="hash", background=False) as own:
        talk(memory)
        talk(own)
        own.end_session("ana")
        own.flush()
        wait_until_over(memory, ["ana"])
        assert outcome(memory, "ana") == outcome(own, "ana")
        assert memory.doctor().findings == ()
    for process in (beat, worker):
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    assert list(tmp_path.glob("celerybeat*")) == [], "beat leaves no file behind"
