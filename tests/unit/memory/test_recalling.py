"""Recall: which lines a question gets, and which never."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from treering.memory.asking import Question
from treering.memory.indexing import Indexing
from treering.memory.models.hashing import HashEmbedder
from treering.memory.models.tokens import RegexTokenCounter
from treering.memory.ranking import MAX_READ, READ_FIRST
from treering.memory.reading import Reader
from treering.memory.recalling import Recalling
from treering.memory.retrieval.questions import SlotRouter, slot_router, texts_to_route
from treering.memory.stores import SqlStore
from treering.schemas.claims import Claim, Evidence
from treering.schemas.dialogue import Message, Scope
from treering.schemas.operations import Add, Batch
from treering.schemas.recall import Mode, Recall
from treering.schemas.trunk import Slot, Trunk
from treering.testing import ManualClock, NotingEmbedder

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
ANA = Scope(user="ana")
DINNER = "Where should they dine tonight?"
MUSIC = "Which songs does she hear?"
TRUNK = Trunk(
    name="t",
    version=1,
    description="For tests.",
    branches=(),
    slots=(
        Slot(path="name", description="Name.", cardinality="one", questions=("What is she called?",)),
        Slot(path="allergies", description="Allergies.", questions=(DINNER,)),
        Slot(path="music", description="Music.", questions=(MUSIC, "How did her music change?")),
        Slot(path="illness", description="Illness.", sensitivity="special", questions=("How did her health change?",)),
        Slot(path="never", description="Boundaries.", always=True, questions=("How did her taboos change?",)),
    ),
)


class Person:
    """What is known of Ana, and questions about it."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.embedder = NotingEmbedder()
        self.routers = 0
        self.known = 0
        self.recalling = Recalling(
            store=store,
            reader=Reader(index=None, embedder=self.embedder, router=cache(self._router)),
            embedder=self.embedder,
            trunk=TRUNK,
            counter=RegexTokenCounter(),
            clock=ManualClock(NOW),
        )

    def _router(self) -> SlotRouter:
        self.routers += 1
        return slot_router(TRUNK, HashEmbedder().embed(texts_to_route(TRUNK)))

    def knows(self, path: str, text: str, said: str | None = None, **fields: object) -> Claim:
        """Commit a claim, 30 days old unless told; with the turn in which it was said, if any."""
        self.known += 1
        name = f"m{self.known}"
        source = (Evidence(message_id=name, quote=said, start=0),) if said else ()
        defaults = {"id": f"{self.known:024x}", "valid_from": NOW - timedelta(days=30), "recorded_at": NOW}
        origin = "stated" if said else "manual"
        values = {**defaults, "path": path, "text": text, "evidence": source, "origin": origin, **fields}
        claim = Claim.model_validate(values)
        with self.store.begin() as unit:
            if said:
                message = Message(role="user", content=f"{said} And so on and so forth.", id=name, at=NOW)
                unit.turns.append(ANA, "s1", [message], NOW)
            batch = Batch(id=f"b{self.known}", operations=(Add(claim=claim),), recorded_at=NOW, author="manual")
            unit.ledger.commit(ANA, batch, expected_version=unit.ledger.head(ANA).version)
        return claim

    def are_indexed(self) -> None:
        """Do the index job."""
        with self.store.begin() as unit:
            unit.jobs.enqueue(ANA, "index", NOW)
            job = unit.jobs.claim(NOW + timedelta(seconds=1), lease_s=60, scope=ANA)
        assert job is not None
        Indexing(store=self.store, index=None, embedder=self.embedder, clock=ManualClock(NOW)).index(job)

    def asked(self, question: str, mode: Mode = "tree", scope: Scope = ANA) -> Recall:
        return self.recalling.recall(scope, Question(text=question, mode=mode, explain=True))

    def lines(self, question: str, mode: Mode = "tree") -> list[str]:
        return [line.text for line in self.asked(question, mode).lines]


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    store = SqlStore(f"sqlite:///{tmp_path}/memory.db", TRUNK)
    yield Person(store)
    store.close()


def test_a_slot_brings_a_claim_that_shares_no_word_with_the_question(person: Person) -> None:
    person.knows("allergies", "is allergic to peanuts")
    assert person.lines(DINNER) == ["[c1] is allergic to peanuts (allergies, 2024-01-31)"]
    (line,) = person.asked(DINNER).lines
    assert [found.source for found in line.found_by if found.score > 0.5] == ["tree"]


def test_what_no_question_of_its_slot_is_near_stays_out(person: Person) -> None:
    person.knows("allergies", "is allergic to peanuts")
    assert person.lines("What is 17 times 23?") == []
    assert person.lines(MUSIC) == []


def test_a_slot_that_matches_and_is_empty_brings_nothing_in_its_place(person: Person) -> None:
    person.knows("allergies", "is allergic to peanuts")
    assert person.lines("What is she called?") == []


def test_a_question_about_change_shows_what_was_so_with_its_end(person: Person) -> None:
    person.knows("music", "loves jazz", valid_to=NOW - timedelta(days=10))
    person.knows("music", "loves fado", valid_from=NOW - timedelta(days=10))
    assert person.lines("How did her music change?") == [
        "[c1] loves jazz (music, 2024-01-31 to 2024-02-20)",
        "[c2] loves fado (music, 2024-02-20)",
    ]


@pytest.mark.parametrize("mode", ["tree", "hybrid"])
def test_no_other_question_shows_what_is_no_longer_so(person: Person, mode: Mode) -> None:
    person.knows("music", "loves jazz", valid_to=NOW - timedelta(days=10))
    for question in (MUSIC, "Does she love jazz?", DINNER):
        assert person.lines(question, mode) == []


def test_what_is_no_longer_so_needs_a_slot_that_matches(person: Person) -> None:
    person.knows("allergies", "did change her music", valid_to=NOW - timedelta(days=10))
    person.are_indexed()
    assert person.lines("How did her music change?") == []


def test_a_boundary_always_stands_and_no_longer_once_it_is_lifted(person: Person) -> None:
    person.knows("never", "does not want Tom to be mentioned")
    person.knows("never", "does not want jokes", valid_to=NOW - timedelta(days=1))
    for question in ("What is 17 times 23?", "How did her music change?"):
        assert person.lines(question) == ["[c1] does not want Tom to be mentioned (never, 2024-01-31)"]


def test_a_lifted_boundary_counts_like_any_other_claim(person: Person) -> None:
    person.knows("never", "does not want jokes", valid_to=NOW - timedelta(days=1))
    (line,) = person.asked("How did her taboos change?").lines
    assert line.text.endswith("2024-01-31 to 2024-02-29)")
    assert "boundary" not in {found.source for found in line.found_by}


@pytest.mark.parametrize("ended", [None, NOW - timedelta(days=1)])
def test_the_turn_behind_a_special_claim_stays_out_with_it(person: Person, ended: datetime | None) -> None:
    person.knows("illness", "has the shingles", said="I caught shingles because of all the music.", valid_to=ended)
    person.knows("music", "loves fado", said="I love fado.")
    shown = " ".join(person.lines("How did her music change?", "hybrid"))
    assert "fado" in shown
    assert "shingles" not in shown


def test_a_special_claim_comes_when_it_is_asked_for(person: Person) -> None:
    person.knows("illness", "has the shingles")
    assert person.lines("How did her health change?") == ["[c1] has the shingles (illness, 2024-01-31)"]


def test_the_own_name_is_no_part_of_what_is_looked_for(person: Person) -> None:
    person.knows("name", "is called Bea")
    person.knows("allergies", "is allergic to peanuts")
    expected = person.lines("Where should they dine tonight?")
    assert len(expected) == 1
    for name in ("Ana", "Bea"):
        assert person.lines(f"Where should {name} dine tonight?") == expected
    assert person.lines("Where should Rui dine tonight?") != []
    assert not [text for text in person.embedder.texts if "Ana" in text or "Bea dine" in text]


def test_one_text_is_embedded_when_everything_else_is_known(person: Person) -> None:
    person.knows("allergies", "is allergic to peanuts")
    person.are_indexed()
    person.embedder.asked.clear()
    person.asked(DINNER)
    assert person.embedder.texts == [DINNER]


def test_of_somebody_unknown_nothing_is_said_and_no_slot_is_looked_at(person: Person) -> None:
    assert person.asked(DINNER, scope=Scope(user="nobody")).context == ""
    assert person.routers == 0


def test_the_same_question_gets_the_same_answer(person: Person) -> None:
    for number in range(5):
        person.knows("allergies", f"is allergic to nut {number}")
    assert person.asked(DINNER).context == person.asked(DINNER).context
    assert len(person.lines(DINNER)) == 5


def test_turns_are_not_even_looked_at_where_only_the_tree_is_asked(person: Person) -> None:
    person.knows("allergies", "is allergic to peanuts", said="I cannot dine on peanuts.")
    said = "I cannot dine on peanuts. And so on and so forth."
    assert [line.kind for line in person.asked(DINNER, "tree").lines] == ["claim"]
    assert said not in person.embedder.texts
    assert {line.kind for line in person.asked(DINNER, "hybrid").lines} == {"claim", "turn"}
    assert said in person.embedder.texts


def test_turns_are_read_no_further_than_the_budget_reaches(person: Person) -> None:
    with person.store.begin() as unit:
        for number in range(MAX_READ):
            unit.turns.append(ANA, f"s{number}", [Message(content=f"They dine on soup {number}.", at=NOW)], NOW)
        unit.ledger.commit(ANA, _heard(MAX_READ), expected_version=0)
    person.are_indexed()

    def reads(budget_tokens: int) -> tuple[int, int]:
        statements: list[str] = []

        def note(_: Connection, __: object, statement: str, *___: object) -> None:
            statements.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            recall = person.recalling.recall(ANA, Question(text=DINNER, mode="hybrid", budget_tokens=budget_tokens))
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return len(recall.lines), sum("turns.content" in statement for statement in statements)

    (many, portions), (few, portion) = reads(100_000), reads(100)
    assert 1 < few < READ_FIRST < many
    assert (portions, portion) == (2, 1)


def test_a_long_turn_is_cut_and_its_line_counts_what_is_left(person: Person) -> None:
    said = " ".join(f"They dine on soup number {number}." for number in range(100))
    with person.store.begin() as unit:
        unit.turns.append(ANA, "s1", [Message(content=said, at=NOW)], NOW)
    [line] = person.asked(DINNER, "hybrid").lines
    assert len(line.text) < len(said) / 2
    assert line.tokens == RegexTokenCounter().count(f"[c99] {line.text.removeprefix('[t1] ')}\n")


def _heard(seq: int) -> Batch:
    return Batch(id="heard", operations=(), recorded_at=NOW, author="tests/1", heard_through=seq)
