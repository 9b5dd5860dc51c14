"""Drafts become operations: tied to words in a message, and to what the slot holds already."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.drafting import Unresolved, locate, resolve
from treering.memory.operations import plant
from treering.memory.tree import PersonaTree
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Draft, Window
from treering.schemas.operations import Add, Delete, NoOp, Operation, Update
from treering.schemas.trunk import Trunk

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def window(content: str, seq: int = 1, at: datetime = NOON) -> Window:
    turn = Turn(message_id=f"m{seq}", session="s", index=seq, seq=seq, role="user", content=content, at=at)
    return Window(session="s", turns=(turn,))


def put(kind: str, path: str, text: str, quote: str, seq: int = 1, **more: object) -> Draft:
    return Draft.model_validate(
        {"kind": kind, "path": path, "text": text, "quote": quote, "message_id": f"m{seq}", **more}
    )


class Person:
    """Grows a forest draft by draft."""

    def __init__(self, trunk: Trunk) -> None:
        self.trunk = trunk
        self.forest: dict[str, PersonaTree] = {}
        self.seq = 0

    def says(self, content: str, kind: str, path: str, text: str = "x", **more: object) -> Operation | Unresolved:
        self.seq += 1
        heard = window(content, self.seq, NOON + timedelta(days=self.seq))
        draft = put(kind, path, text, content, self.seq, **more)
        found = resolve(draft, trunk=self.trunk, forest=self.forest, window=heard, now=NOON)
        if not isinstance(found, Unresolved):
            self.forest = plant(self.trunk, (found,), self.forest)
        return found

    def knows(self, path: str) -> list[str]:
        return [claim.text for claim in self.forest["self"].current(path)]


@pytest.fixture
def person(small_trunk: Trunk) -> Person:
    return Person(small_trunk)


def test_a_first_statement_is_added_with_its_words(person: Person) -> None:
    found = person.says("I love ramen.", "ADD", "taste.food", "loves ramen")
    assert isinstance(found, Add)
    assert found.claim.evidence[0].quote == "I love ramen."
    assert found.claim.valid_from == NOON + timedelta(days=1)
    assert found.claim.order == 1


def test_a_second_statement_in_a_one_valued_slot_is_an_update(person: Person) -> None:
    person.says("I live in Porto.", "ADD", "home.city", "lives in Porto")
    found = person.says("I live in Lisbon.", "ADD", "home.city", "lives in Lisbon")
    assert isinstance(found, Update)
    assert person.knows("home.city") == ["lives in Lisbon"]


def test_what_is_known_already_is_a_no_op_that_keeps_the_words(person: Person) -> None:
    first = person.says("I love ramen.", "ADD", "taste.food", "loves ramen")
    found = person.says("I really do love ramen!", "ADD", "taste.food", "Loves ramen!")
    assert isinstance(found, NoOp)
    assert isinstance(first, Add)
    assert found.target == first.claim.id
    assert found.evidence[0].message_id == "m2"


def test_an_update_without_a_target_takes_the_only_claim_of_the_slot(person: Person) -> None:
    first = person.says("I love jazz.", "ADD", "taste.music", "loves jazz")
    found = person.says("Can't stand jazz now.", "UPDATE", "taste.music", "can't stand jazz")
    assert isinstance(first, Add)
    assert isinstance(found, Update)
    assert found.claim.supersedes == (first.claim.id,)


def test_an_update_among_several_claims_without_a_target_only_adds(person: Person) -> None:
    person.says("I love jazz.", "ADD", "taste.music", "loves jazz")
    person.says("I love fado.", "ADD", "taste.music", "loves fado")
    assert isinstance(person.says("Rock is fine.", "UPDATE", "taste.music", "finds rock fine"), Add)


def test_an_ending_takes_the_only_claim_and_the_moment_of_the_message(person: Person) -> None:
    person.says("I live in Porto.", "ADD", "home.city", "lives in Porto")
    found = person.says("I left Porto.", "DELETE", "home.city")
    assert isinstance(found, Delete)
    assert (found.reason, found.at) == ("ended", NOON + timedelta(days=2))
    assert person.knows("home.city") == []


@pytest.mark.parametrize(
    ("content", "draft", "rule"),
    [
        ("I love tea.", put("ADD", "taste.food", "loves tea", "I adore tea"), "span-not-in-message"),
        ("I love tea.", put("ADD", "taste.food", "loves tea", "I love tea", seq=9), "unknown-message"),
        ("I love tea.", put("ADD", "taste.food", "loves tea", ""), "no-evidence"),
        ("I love tea.", put("ADD", "taste.food", " ", "I love tea"), "bad-length"),
        ("I love tea.", put("ADD", "taste.food", "x" * 2_001, "I love tea"), "bad-length"),
        ("I quit.", put("DELETE", "taste.food", "", "I quit"), "nothing-to-end"),
        ("I quit.", put("DELETE", "taste.food", "", "I quit", target="0" * 24), "unknown-claim"),
        (
            "Until May.",
            put("ADD", "taste.food", "eats kale", "Until May", valid_to=NOON - timedelta(days=9)),
            "ends-before-it-begins",
        ),
    ],
)
def test_what_cannot_be_tied_says_why(small_trunk: Trunk, content: str, draft: Draft, rule: str) -> None:
    found = resolve(draft, trunk=small_trunk, forest={}, window=window(content), now=NOON)
    assert isinstance(found, Unresolved)
    assert found.rule == rule


def test_an_ending_among_several_claims_must_name_one(person: Person) -> None:
    person.says("I love jazz.", "ADD", "taste.music", "loves jazz")
    person.says("I love fado.", "ADD", "taste.music", "loves fado")
    found = person.says("Not any more.", "DELETE", "taste.music")
    assert isinstance(found, Unresolved)
    assert found.rule == "ambiguous-target"


def test_a_claim_ends_once(person: Person) -> None:
    first = person.says("I love jazz.", "ADD", "taste.music", "loves jazz")
    assert isinstance(first, Add)
    person.says("No more jazz.", "DELETE", "taste.music", target=first.claim.id)
    found = person.says("No more jazz!", "DELETE", "taste.music", target=first.claim.id)
    assert isinstance(found, Unresolved)
    assert found.rule == "already-ended"


def test_two_claims_from_one_span_have_two_ids_and_a_repetition_has_the_same(small_trunk: Trunk) -> None:
    heard = window("I love tea and ramen.")
    taken: set[str] = set()
    for text in ("loves tea", "loves ramen"):
        draft = put("ADD", "taste.food", text, "I love tea and ramen.")
        found = resolve(draft, trunk=small_trunk, forest={}, window=heard, now=NOON, taken=taken)
        assert isinstance(found, Add)
        again = resolve(draft, trunk=small_trunk, forest={}, window=heard, now=NOON + timedelta(1), taken=taken)
        assert isinstance(again, Add)
        assert again.claim.id == found.claim.id
        taken.add(found.claim.id)
    assert len(taken) == 2


def test_a_quote_is_found_but_for_case_and_spacing() -> None:
    assert locate("i  love\nTEA", "Well, I love tea.") == (6, 16)
    assert locate("love coffee", "Well, I love tea.") is None
    assert locate("   ", "Well, I love tea.") is None


@given(st.text(max_size=80), st.text(max_size=20), st.text(max_size=20))
def test_a_located_span_lies_in_the_content(quote: str, before: str, after: str) -> None:
    content = before + quote + after
    span = locate(quote, content)
    if quote:
        assert span is not None
        assert content[span[0] : span[1]] == quote
