"""A mark tells the same words again, and nobody without the key can test a guess."""

from __future__ import annotations

from datetime import UTC, datetime

from treering.memory.tombstones import NO_TOMBSTONES, Tombstones, claim_mark, turn_mark
from treering.schemas.claims import Claim, Evidence

NOW = datetime(2024, 6, 1, tzinfo=UTC)
KEY = b"k" * 32


def claim(**fields: object) -> Claim:
    cited = (Evidence(message_id="m1", quote="q", start=0),)
    values = {"id": "0" * 24, "path": "work.job", "text": "Works as a nurse", "valid_from": NOW, "recorded_at": NOW}
    return Claim.model_validate({**values, "evidence": cited, **fields})


def test_case_spacing_and_punctuation_make_no_other_mark() -> None:
    assert turn_mark(KEY, "I'm vegan!") == turn_mark(KEY, " i'm  VEGAN")
    assert len(turn_mark(KEY, "")) == 64


def test_every_part_counts() -> None:
    marks = [
        turn_mark(KEY, "a b c"),
        turn_mark(b"another key", "a b c"),
        turn_mark(KEY, "a b d"),
        claim_mark(KEY, "self", "work.job", "a b c"),
        claim_mark(KEY, "person:Bo", "work.job", "a b c"),
        claim_mark(KEY, "self", "work.hours", "a b c"),
        claim_mark(KEY, "self", "work", "job a b c"),
    ]
    assert len(set(marks)) == len(marks)


def test_a_claim_is_covered_by_what_it_says_about_whom_and_where() -> None:
    tombstones = Tombstones(key=KEY, marks=frozenset([claim_mark(KEY, "self", "work.job", "works as a NURSE.")]))
    assert tombstones.cover(claim())
    assert not tombstones.cover(claim(text="Works as a night nurse"))
    assert not tombstones.cover(claim(subject="person:Bo"))
    assert not tombstones.cover(claim(path="work.hours"))
    assert not NO_TOMBSTONES.cover(claim())
