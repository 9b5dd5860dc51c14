"""A re-embedding that is killed again and again: each run goes on where the one before was."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from treering import Memory, Settings
from treering.memory import reindexing
from treering.memory.models.hashing import HashEmbedder
from treering.memory.ports import Vector
from treering.schemas.dialogue import Scope

PEOPLE = ("ana", "bo")
TURNS = 15

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


class Telling(HashEmbedder):
    """The new embedder; tells what it embeds."""

    def __init__(self, told: int) -> None:
        super().__init__(dimension=64)
        self._told = told

    def embed(self, texts: Sequence[str]) -> Vector:
        os.write(self._told, b"".join(f"{text}\n".encode() for text in texts))
        return super().embed(texts)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An empty store on each database."""
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return Settings(home=tmp_path / "home", database_url=url, embedder="hash", lease_s=0.1)


def opened(settings: Settings, embedder: HashEmbedder | None = None) -> Memory:
    return Memory(settings=settings, embedder=embedder, background=False)


def entries(memory: Memory) -> set[tuple[str, str]]:
    with memory._engine.store.begin(write=False) as unit:
        return {(user, name) for user in PEOPLE for name in unit.vectors.ids(Scope(user=user))}


def killed_run(settings: Settings, texts: int) -> tuple[list[str], bool]:
    """Re-embed in a process that is killed after so many texts; returns which it embedded, and whether it had ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with opened(settings, Telling(writing)) as memory:
                memory.reindex()
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as told:
        embedded = [text for text, _ in zip(told, range(texts), strict=False)]
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        embedded += told
    assert status in (0, signal.SIGKILL), "the run failed by itself"
    return [text.strip() for text in embedded], len(embedded) < texts or status == 0


def test_a_killed_run_is_taken_up_where_it_was(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in ("FIRST_STEP", "LONGEST_STEP"):
        monkeypatch.setattr(f"treering.memory.indexing.{step}", 1)
    monkeypatch.setattr(reindexing, "LEASE_S", 0.1)
    said = [f"I like dish number {number}." for number in range(TURNS)]
    with opened(settings) as memory:
        for user in PEOPLE:
            memory.remember(user, said)
        memory.flush()
    texts = random.Random(11)
    kills, embedded, has_ended = 0, list[str](), False
    while not has_ended:
        some, has_ended = killed_run(settings, texts.randint(2, 12))
        embedded += some
        kills += not has_ended
    assert kills > 3
    with opened(settings) as old, opened(settings, HashEmbedder(64)) as new:
        assert entries(new) == entries(old)
        new.flush()  # who is killed when all was embedded leaves a job, which somebody takes up
        assert new.doctor().is_sound
        assert new.reindex(drop_others=True).others == {}
        assert len(entries(new)) >= len(PEOPLE) * TURNS
        assert entries(old) == set()
    again = sum(embedded.count(text) for text in said) - len(PEOPLE) * TURNS
    assert 0 <= again <= kills * 2, "a kill costs the step at hand, and the one before it if it was not committed yet"
