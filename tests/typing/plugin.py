"""A system of a stranger's own for `treering bench`, fully typed: the protocol and the entry hold it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import assert_type

from treering.bench.asking import ask
from treering.bench.choice.catalogue import SuiteFiles
from treering.bench.gold.choices import RightChoice
from treering.bench.samples import Conversation, Question, SaidTurn
from treering.bench.suites.source import Source
from treering.bench.systems.entry import Entry
from treering.bench.systems.port import Context, Ranker, Stats, System, filled
from treering.memory.models.tokens import RegexTokenCounter
from treering.memory.ports import Embedder


class Grep:
    """Finds the turns that share most words with the question."""

    mode = "shared words"
    embedder = ""

    def __init__(self) -> None:
        self._turns: dict[str, SaidTurn] = {}

    def reset(self, person: str) -> None:
        """Forget who was here before."""
        self._turns = {}

    def ingest(self, turns: Sequence[SaidTurn]) -> None:
        """Keep them."""
        self._turns |= {turn.id: turn for turn in turns}

    def flush(self, *, is_over: bool) -> None:
        """Nothing waits."""

    def search(self, question: Question, limit: int) -> tuple[str, ...]:
        """By the number of words that both have."""
        words = set(question.text.lower().split())
        shared = {name: len(words & set(turn.text.lower().split())) for name, turn in self._turns.items()}
        return tuple(sorted(shared, key=lambda name: -shared[name])[:limit])

    def recall(self, question: Question) -> Context:
        """As many of them as fit."""
        lines = {name: turn.line for name, turn in self._turns.items()}
        return filled(self.search(question, 100), lines, RegexTokenCounter().count)

    def stats(self) -> Stats:
        """Nothing on disk."""
        return Stats(disk_bytes=0)

    def close(self) -> None:
        """Nothing is open."""


def made(embedder: Embedder) -> System:
    """A new one; it has no use for the embedder of the run."""
    system: Ranker = Grep()
    return system


GREP = Entry(make=made, about="turns that share words with the question", embedder="none")


def read(folder: Path) -> list[Conversation]:
    """One life, with one question."""
    day = datetime(2026, 3, 1, tzinfo=UTC)
    said = SaidTurn(id="t0", session="s", role="user", speaker="Kim", text="I live in Porto.", at=day)
    return [Conversation(id="Kim", steps=(said, Question(id="q", text="Where do I live?", at=day)))]


def read_key(folder: Path) -> dict[tuple[str, str], RightChoice]:
    """What is right."""
    return {("Kim", "q"): RightChoice(option=0, type="fact", evidence=frozenset({"t0"}))}


SOURCE = Source(name="Notes", url="https://example.org/notes", licence="CC0-1.0", files=())
NOTES = SuiteFiles(source=SOURCE, read=read, read_key=read_key)


def measured(folder: Path) -> tuple[str, ...]:
    """What is found for the one question."""
    [answer] = ask(Grep(), read(folder), lambda steps: None).answers
    assert_type(answer.context.turns, frozenset[str])
    return answer.ranking
