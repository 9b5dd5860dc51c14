"""Message ids, the ledger's chain, and the cut between facts and words."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.digest import canonical, chain, commitment, message_id, reunite, separate, without_words
from treering.schemas.claims import FORGOTTEN, Claim, Evidence
from treering.schemas.operations import Add, Delete, NoOp, Operation, Update

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
HIDDEN = "she hides figs"

words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=30).filter(str.strip)
evidence = st.lists(
    st.builds(Evidence, message_id=st.just("m1"), quote=words, start=st.integers(0, 99)), min_size=1, max_size=3
).map(tuple)
ids = st.integers(0, 10**9).map("{:024x}".format)
moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - zoned by the strategy
claims = st.builds(
    Claim,
    id=ids,
    path=st.just("taste.food"),
    text=words,
    condition=st.none() | words,
    valid_from=moments,
    recorded_at=moments,
    evidence=evidence,
    order=st.integers(0, 9),
    confidence=st.floats(0, 1),
    supersedes=st.lists(ids, max_size=2).map(tuple),
)
operations = st.one_of(
    st.builds(Add, claim=claims),
    st.builds(Update, claim=claims),
    st.builds(
        Delete, path=st.just("taste.food"), target=ids, reason=st.sampled_from(["ended", "retracted"]), at=moments,
        evidence=evidence,
    ),
    st.builds(NoOp, why=words, target=st.none() | ids, evidence=evidence),
)  # fmt: skip


def claim(**fields: object) -> Claim:
    quote = Evidence(message_id="m1", quote=HIDDEN, start=3)
    values = {"id": "0" * 24, "path": "taste.food", "text": HIDDEN, "valid_from": NOON, "recorded_at": NOON}
    return Claim.model_validate({**values, "evidence": (quote,), **fields})


@given(operations)
def test_what_was_separated_comes_together_again(operation: Operation) -> None:
    body, spoken = separate(operation)
    recorded_at = operation.claim.recorded_at if isinstance(operation, Add | Update) else None
    assert reunite(body, spoken, recorded_at) == operation


@given(operations)
def test_a_body_and_words_are_canonical(operation: Operation) -> None:
    for part in separate(operation):
        assert part == canonical(json.loads(part))
        assert "\n" not in part


@pytest.mark.parametrize(
    "operation",
    [
        Add(claim=claim()),
        Add(claim=claim(condition=f"when {HIDDEN}"), why=f"promoted from {HIDDEN}"),
        Update(claim=claim(supersedes=("1" * 24,)), why=HIDDEN),
        Delete(path="taste.food", target="0" * 24, reason="ended", at=NOON, evidence=claim().evidence),
        NoOp(why=HIDDEN, target="0" * 24, evidence=claim().evidence),
    ],
    ids=lambda operation: operation.kind,
)
def test_no_word_stays_in_the_body_and_none_comes_back_once_erased(operation: Operation) -> None:
    body, spoken = separate(operation)
    assert HIDDEN not in body
    assert HIDDEN in spoken
    erased = reunite(body, None, NOON)
    assert HIDDEN not in erased.model_dump_json()
    assert FORGOTTEN in erased.model_dump_json()
    assert erased.kind == operation.kind


def test_what_came_later_is_left_out_where_it_says_nothing() -> None:
    """Entries of older stores keep their digests."""
    body, spoken = separate(Add(claim=claim()))
    assert "condition" not in body + spoken
    assert "why" not in body + spoken
    assert "condition" not in claim().model_dump()


def test_an_erased_entry_and_an_erased_claim_say_the_same() -> None:
    given = claim(confidence=0.5, order=4, condition=f"when {HIDDEN}")
    body, _ = separate(Add(claim=given))
    assert reunite(body, None, given.recorded_at) == Add(claim=without_words(given))


def test_the_time_of_recording_is_in_no_digest() -> None:
    later = claim(recorded_at=datetime(2030, 1, 1, tzinfo=UTC))
    assert separate(Add(claim=claim())) == separate(Add(claim=later))


def test_a_message_id_follows_from_place_and_words() -> None:
    given = message_id("s1", 0, "user", "Hello")
    assert given == message_id("s1", 0, "user", "Hello")
    others = {
        message_id("s2", 0, "user", "Hello"),
        message_id("s1", 1, "user", "Hello"),
        message_id("s1", 0, "assistant", "Hello"),
        message_id("s1", 0, "user", "hello"),
    }
    assert len({given} | others) == 5
    assert len(given) == 32


def test_parts_of_a_message_do_not_run_into_each_other() -> None:
    assert message_id("s", 1, "user", '","1') != message_id("s", 11, "user", "")
    assert message_id('s",1,"user', 1, "user", "x") != message_id("s", 1, "user", ',1,"user","x')


def test_every_part_of_an_entry_moves_its_digest() -> None:
    digests = {
        chain("a", "b", "c"),
        chain("x", "b", "c"),
        chain("a", "x", "c"),
        chain("a", "b", "x"),
        chain("ab", "", "c"),
    }
    assert len(digests) == 5
    assert all(len(digest) == 64 for digest in digests)


def test_a_commitment_needs_its_salt() -> None:
    assert commitment(b"1" * 16, "words") == commitment(b"1" * 16, "words")
    assert commitment(b"1" * 16, "words") != commitment(b"2" * 16, "words")


def test_canonical_text_is_the_same_for_equal_values() -> None:
    assert canonical({"b": 1, "a": ["é", None]}) == '{"a":["é",null],"b":1}'
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical(float("nan"))


def test_the_subject_stands_under_another_name_in_the_body_and_comes_back_under_its_own() -> None:
    names = {"person:Ana": "s7", "s7": "person:Ana"}
    for operation in (
        Add(claim=claim(subject="person:Ana"), why=HIDDEN),
        Delete(subject="person:Ana", path="taste.food", target="0" * 24, reason="ended", at=NOON),
    ):
        body, spoken = separate(operation, names.__getitem__)
        assert "Ana" not in body + spoken
        assert '"subject":"s7"' in body
        assert reunite(body, spoken, NOON, names.__getitem__) == operation


def test_every_quote_comes_back_to_its_place_and_an_erased_operation_says_why_only_where_it_had_to() -> None:
    quotes = tuple(Evidence(message_id="m1", quote=quote, start=3) for quote in ("figs", "dates"))
    operation = NoOp(why="known", evidence=quotes)
    body, spoken = separate(operation)
    assert json.loads(spoken) == {"quotes": ["figs", "dates"], "why": "known"}
    assert reunite(body, spoken, None) == operation
    assert reunite(body, None, None).why == FORGOTTEN
    assert reunite(separate(Add(claim=claim(), why="known"))[0], None, NOON).why is None


def test_digests_are_those_that_ledgers_were_written_with() -> None:
    def sha256(text: str) -> str:
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    assert message_id("s1", 0, "user", "é") == sha256('["s1",0,"user","é"]')[:32]
    assert chain("a", "b", "c") == sha256("a\nb\nc")
    assert commitment(b"salt", "é") == sha256("salté")


def test_the_condition_of_a_claim_is_of_its_words_and_comes_back_with_them() -> None:
    operation = Update(claim=claim(condition=f"when {HIDDEN}", supersedes=("1" * 24,)))
    body, spoken = separate(operation)
    assert reunite(body, spoken, NOON) == operation
