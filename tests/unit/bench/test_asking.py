"""A system hears what came before a question, and nothing else, before it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from treering.bench.asking import ask
from treering.bench.samples import Question, SaidTurn
from treering.bench.suites.locomo import read_locomo
from treering.bench.suites.realmem import read_realmem
from treering.bench.systems.port import Context, Stats


class Notebook:
    """Writes down what is done to it, and finds what came last."""

    mode = "notes"
    embedder = ""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.heard: list[SaidTurn] = []

    def reset(self, person: str) -> None:
        self.notes.append(f"reset {person}")
        self.heard = []

    def ingest(self, turns: Sequence[SaidTurn]) -> None:
        assert len({turn.session for turn in turns}) == 1
        self.notes.append(f"hear {turns[0].id} to {turns[-1].id}")
        self.heard += turns

    def flush(self, *, is_over: bool) -> None:
        self.notes.append("flush, session over" if is_over else "flush")

    def search(self, question: Question, limit: int) -> tuple[str, ...]:
        assert all(turn.at < question.at for turn in self.heard)
        self.notes.append(f"ask {question.id}")
        return tuple(turn.id for turn in reversed(self.heard))[:limit]

    def recall(self, question: Question) -> Context:
        return Context(tokens=len(self.heard), turns=frozenset())

    def stats(self) -> Stats:
        return Stats()

    def close(self) -> None:
        pass


def test_questions_in_the_middle_are_asked_there(realmem: Path) -> None:
    book, steps = Notebook(), [0]
    answers = ask(book, read_realmem(realmem), steps.append)
    assert book.notes == [
        "reset Mia_Berg",
        "hear s1:0 to s1:3",
        "flush, session over",
        "ask s2:0",
        "hear s2:0 to s2:1",
        "flush",
        "ask s2:2",
        "hear s2:2 to s2:3",
        "flush",
        "ask s2:4",
        "hear s2:4 to s2:5",
        "flush, session over",
    ]
    assert (len(answers.ingest_seconds), len(answers.flush_seconds)) == (4, 4)
    assert answers.answers[0].ranking == ("s1:3", "s1:2", "s1:1", "s1:0")
    assert (answers.turns, sum(steps)) == (10, 13)


def test_questions_at_the_end_are_asked_when_all_sessions_are_over(locomo: Path) -> None:
    book = Notebook()
    ask(book, read_locomo(locomo), lambda _: None)
    assert book.notes[:6] == [
        "reset pair-1",
        "hear D1:1 to D1:3",
        "hear D2:1 to D2:2",
        "hear D10:1 to D10:2",
        "flush, session over",
        "ask q0",
    ]
    assert book.notes[-4:] == ["reset pair-2", "hear D1:1 to D1:2", "flush, session over", "ask q0"]
