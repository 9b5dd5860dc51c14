"""Drafts become operations: tied to words in a message, and to what the slot holds already."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.drafting import Unresolved, claim_id, locate, resolve, same_words
from treering.memory.operations import plant
from treering.memory.tree import PersonaTree
from treering.schemas.claims import MAX_CONDITION_CHARS, Claim, Evidence
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Draft, Window
from treering.schemas.operations import Add, Delete, NoOp, Operation, Update
from treering.schemas.trunk import Trunk

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def window(content: str, seq: int = 1, at: datetime = NOON) -> Window:
    turn = Turn(message_id=f"m{seq}", session="s", index=seq, seq=seq, role="user", content=content, at=at)
    return Window(session="s", turns=(turn,))


def put(kind: str, path: str, text: str | None, quote: str, seq: int = 1, **more: object) -> Draft:
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
    assert found.claim.condition is None


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
    ("content", "draft", "rule", "why"),
    [
        (
            "I love tea.",
            put("ADD", "taste.food", "loves tea", "I adore tea"),
            "span-not-in-message",
            "the quoted words do not occur in the message",
        ),
        (
            "I love tea.",
            put("ADD", "taste.food", "loves tea", "I love tea", seq=9),
            "unknown-message",
            "'m9' is not in the window",
        ),
        ("I love tea.", put("ADD", "taste.food", "loves tea", ""), "no-evidence", "the draft cites no message"),
        (
            "I love tea.",
            put("ADD", "taste.food", "loves tea", "I love tea", message_id=None),
            "no-evidence",
            "the draft cites no message",
        ),
        *(
            (
                "I love tea.",
                put("ADD", "taste.food", text, "I love tea"),
                "bad-length",
                "a claim has 1 to 2000 characters, this 0",
            )
            for text in (" ", None)
        ),
        (
            "I love tea.",
            put("ADD", "taste.food", "x" * 2_001, "I love tea"),
            "bad-length",
            "a claim has 1 to 2000 characters, this 2001",
        ),
        (
            "I quit.",
            put("DELETE", "taste.food", "", "I quit"),
            "nothing-to-end",
            "taste.food holds no current claim",
        ),
        (
            "I quit.",
            put("DELETE", "taste.food", "", "I quit", target="0" * 24),
            "unknown-claim",
            f"{'0' * 24} is not a live claim",
        ),
        (
            "Until May.",
            put("ADD", "taste.food", "eats kale", "Until May", valid_to=NOON - timedelta(days=9)),
            "ends-before-it-begins",
            "the draft's dates are the wrong way round",
        ),
    ],
)
def test_what_cannot_be_tied_says_why(small_trunk: Trunk, content: str, draft: Draft, rule: str, why: str) -> None:
    found = resolve(draft, trunk=small_trunk, forest={}, window=window(content), now=NOON)
    assert found == Unresolved(rule=rule, why=why)


def test_a_claim_has_all_that_the_draft_says_and_the_words_it_rests_on(small_trunk: Trunk) -> None:
    draft = put(
        "ADD",
        "taste.food",
        " loves \n green  tea ",
        "i  love GREEN tea",
        seq=4,
        subject="person:Bo",
        origin="inferred",
        confidence=0.5,
        condition=" in \n winter ",
        valid_to=NOON,
    )
    heard = window("Well, I love green tea.", seq=4)
    found = resolve(draft, trunk=small_trunk, forest={}, window=heard, now=NOON + timedelta(9))
    assert found == Add(
        claim=Claim(
            id=claim_id("m4", "6:I love green tea", "person:Bo", "taste.food"),
            subject="person:Bo",
            path="taste.food",
            text="loves green tea",
            valid_from=NOON,
            valid_to=NOON,
            recorded_at=NOON + timedelta(9),
            order=4,
            evidence=(Evidence(message_id="m4", quote="I love green tea", start=6),),
            origin="inferred",
            confidence=0.5,
            condition="in winter",
        )
    )


def test_the_longest_claim_and_the_longest_condition_are_taken(small_trunk: Trunk) -> None:
    draft = put("ADD", "taste.food", "x" * 2_000, "Tea", condition="if " + "y" * 900)
    found = resolve(draft, trunk=small_trunk, forest={}, window=window("Tea"), now=NOON)
    assert isinstance(found, Add)
    assert found.claim.text == "x" * 2_000
    assert found.claim.condition == ("if " + "y" * 900)[:MAX_CONDITION_CHARS]


def test_dates_of_a_draft_come_before_that_of_the_message(person: Person) -> None:
    early, late = NOON - timedelta(days=30), NOON - timedelta(days=20)
    found = person.says("I love jazz.", "ADD", "taste.music", "loves jazz", valid_from=early)
    assert isinstance(found, Add)
    assert found.claim.valid_from == early
    ended = person.says("No more jazz.", "DELETE", "taste.music", valid_from=early, valid_to=late)
    assert isinstance(ended, Delete)
    assert ended.at == late
    person.says("I love fado.", "ADD", "taste.music", "loves fado", valid_from=early)
    begun = person.says("No more fado.", "DELETE", "taste.music", valid_from=late)
    assert isinstance(begun, Delete)
    assert begun.at == late


def test_what_is_ended_is_the_claim_that_is_named_with_its_own_slot_and_the_words(person: Person) -> None:
    first = person.says("I love jazz.", "ADD", "taste.music", "loves jazz")
    assert isinstance(first, Add)
    found = person.says("Drop it.", "DELETE", "taste.food", target=first.claim.id, reason="retracted")
    assert found == Delete(
        subject="self",
        path="taste.music",
        target=first.claim.id,
        reason="retracted",
        at=NOON + timedelta(days=2),
        evidence=(Evidence(message_id="m2", quote="Drop it.", start=0),),
    )


def test_an_update_of_a_named_claim_goes_into_its_slot(person: Person) -> None:
    first = person.says("I love jazz.", "ADD", "taste.music", "loves jazz")
    assert isinstance(first, Add)
    person.says("I love fado.", "ADD", "taste.music", "loves fado")
    found = person.says("I adore jazz.", "UPDATE", "taste.food", "adores jazz", target=first.claim.id)
    assert isinstance(found, Update)
    assert (found.claim.path, found.claim.supersedes) == ("taste.music", (first.claim.id,))


def test_what_changes_nothing_says_why_and_what_it_repeats(person: Person) -> None:
    first = person.says("I love jazz.", "ADD", "taste.music", "loves jazz")
    assert isinstance(first, Add)
    words = (Evidence(message_id="m2", quote="As I said.", start=0),)
    known = person.says("As I said.", "NO_OP", "taste.music", "said before", target=first.claim.id)
    assert known == NoOp(why="said before", target=first.claim.id, evidence=words)
    idle = person.says("Hello.", "NO_OP", "taste.music", "")
    assert isinstance(idle, NoOp)
    assert (idle.why, idle.target) == ("nothing to learn", None)
    again = person.says("I love jazz!", "ADD", "taste.music", "loves JAZZ")
    assert isinstance(again, NoOp)
    assert again.why == "known already"


def test_a_draft_looks_at_its_own_slot_alone(person: Person) -> None:
    person.says("I live in Porto.", "ADD", "home.city", "lives in Porto")
    jazz = person.says("I love jazz.", "ADD", "taste.music", "loves jazz")
    assert isinstance(jazz, Add)
    food = person.says("I love jazz, it is my food.", "ADD", "taste.food", "loves jazz")
    assert isinstance(food, Add)
    city = person.says("I live in Lisbon.", "ADD", "home.city", "lives in Lisbon")
    assert isinstance(city, Update)
    assert len(city.claim.supersedes) == 1
    better = person.says("I adore jazz.", "UPDATE", "taste.music", "adores jazz")
    assert isinstance(better, Update)
    assert better.claim.supersedes == (jazz.claim.id,)
    ended = person.says("No more.", "DELETE", "taste.food")
    assert isinstance(ended, Delete)
    assert ended.target == food.claim.id


def test_what_ends_of_another_is_theirs(person: Person) -> None:
    person.says("Bo loves jazz.", "ADD", "taste.music", "loves jazz", subject="person:Bo")
    found = person.says("Bo loves it no more.", "DELETE", "taste.music", subject="person:Bo")
    assert isinstance(found, Delete)
    assert found.subject == "person:Bo"


def test_claims_of_one_span_are_told_apart_by_their_number(small_trunk: Trunk) -> None:
    taken: list[str] = []
    for text in ("loves tea", "loves ramen", "loves cake"):
        draft = put("ADD", "taste.food", text, "I love all.")
        found = resolve(draft, trunk=small_trunk, forest={}, window=window("I love all."), now=NOON, taken=taken)
        assert isinstance(found, Add)
        taken.append(found.claim.id)
    assert taken == [claim_id("m1", "0:I love all.", "self", "taste.food", n) for n in range(3)]


def test_ids_are_those_that_stores_hold_already() -> None:
    assert claim_id("m1", "0:I love tea.", "self", "taste.food") == "3a9b3637ba6d95d522e003f5"
    assert claim_id("m1", "0:I love tea.", "self", "taste.food", 2) == "47cfbd7069a3075bd16f9bf6"


def test_words_are_the_same_but_for_case_spacing_and_punctuation() -> None:
    assert same_words("Loves  TEA!", "loves tea")
    assert not same_words("loves tea", "lovestea")


def test_an_ending_among_several_claims_must_name_one(person: Person) -> None:
    person.says("I love jazz.", "ADD", "taste.music", "loves jazz")
    person.says("I love fado.", "ADD", "taste.music", "loves fado")
    found = person.says("Not any more.", "DELETE", "taste.music")
    assert isinstance(found, Unresolved)
    assert found == Unresolved(rule="ambiguous-target", why="taste.music holds 2 claims; name one")


def test_a_claim_ends_once(person: Person) -> None:
    first = person.says("I love jazz.", "ADD", "taste.music", "loves jazz")
    assert isinstance(first, Add)
    person.says("No more jazz.", "DELETE", "taste.music", target=first.claim.id)
    found = person.says("No more jazz!", "DELETE", "taste.music", target=first.claim.id)
    assert isinstance(found, Unresolved)
    assert found == Unresolved(rule="already-ended", why=f"claim {first.claim.id} has ended already")
    again = person.says("Forget jazz!", "DELETE", "taste.music", target=first.claim.id, reason="forgotten")
    assert isinstance(again, Delete)


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
