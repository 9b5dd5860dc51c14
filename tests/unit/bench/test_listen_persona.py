"""Claims that rest on others' words are told, and claims that cannot both hold are found by a checked judge."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from treering.bench.listen_judge import contradict, views
from treering.bench.listen_persona import foreign_claims, judge_agreement, keep
from treering.bench.suites.personamem import read_personamem
from treering.errors import InvalidInput
from treering.schemas.claims import Claim, Evidence
from treering.schemas.operations import Add, LedgerEntry
from treering.testing import HashEmbedder

AT = datetime(2024, 1, 1, tzinfo=UTC)


def entry(text: str, message: str, subject: str = "self") -> LedgerEntry:
    claim = Claim(
        id="0" * 24,
        subject=subject,
        path="preferences.food",
        text=text,
        valid_from=AT,
        recorded_at=AT,
        evidence=(Evidence(message_id=message, quote="words", start=0),),
    )
    return LedgerEntry(
        seq=1, version=1, batch_id="b", author="test", recorded_at=AT, operation=Add(claim=claim), digest="d"
    )


def test_a_claim_from_another_turn_is_foreign_unless_the_person_assents_to_it(personamem: Path) -> None:
    [history] = read_personamem(personamem)
    assert [turn.message.role for turn in history.turns][:4] == ["system", "user", "assistant", "user"]
    ledger = [
        entry("loves baking", "mia:0"),
        entry("loves baking bread", "mia:1"),
        entry("is patient", "mia:2"),
        entry("likes cakes", "mia:4"),
        entry("is polite", "mia:4", "agent:assistant"),
    ]
    found = [(one.text, one.role, one.is_confirmed) for one in foreign_claims(history, ledger)]
    assert found == [
        ("loves baking", "system", False),
        ("is patient", "assistant", True),
        ("likes cakes", "assistant", False),
    ]


def test_what_was_kept_is_counted(personamem: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TREERING_CACHE_DIR", str(tmp_path))
    done: list[int] = []
    kept = keep(read_personamem(personamem), "local", HashEmbedder(), done.append)
    numbers = kept.numbers()
    assert (sum(done), kept.cost.turns) == (9, 9)
    assert numbers["from_system"] == numbers["from_assistant"] == 0
    assert numbers["claims"] >= 1
    assert numbers["add"] + numbers["update"] >= numbers["claims"]


def test_the_judge_agrees_with_people_on_nine_of_ten_pairs() -> None:
    agreement = judge_agreement()
    assert agreement.pairs == 100
    assert agreement.right >= 90
    assert agreement.right + len(agreement.unseen) + len(agreement.imagined) == 100


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("loves opera", "hates opera", True),
        ("loves opera", "does not hate opera", False),
        ("used to hate opera", "loves opera", False),
        ("prefers rice to pasta", "hates rice", True),
        ("prefers rice to pasta", "loves pasta", True),
        ("lives in Oslo", "lives in Oslo with a cat", False),
        ("has two cats", "has three cats", True),
        ("has two cats", "has three dogs", False),
        ("likes quiet cafes", "likes loud cafes", True),
        ("likes quiet cafes", "likes loud music", False),
        ("can\u2019t wait for the opera", "loves opera", False),
    ],
)
def test_the_judge_goes_by_polarity_opposites_numbers_and_frames(one: str, other: str, clash: bool) -> None:
    assert contradict(one, other) is contradict(other, one) is clash


def test_a_word_of_no_content_is_no_topic() -> None:
    assert views("really does not like it") == ()


def test_files_that_are_none_are_errors(tmp_path: Path, personamem: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no file"):
        read_personamem(tmp_path)
    (tmp_path / "shared_contexts_x.jsonl").write_text("no JSON\n")
    with pytest.raises(InvalidInput, match="is no PersonaMem file"):
        read_personamem(tmp_path)
    (tmp_path / "shared_contexts_x.jsonl").write_text('{"mia": [{"role": "cat", "content": "Purr."}]}\n')
    with pytest.raises(InvalidInput, match="line 1: is no PersonaMem history"):
        list(read_personamem(tmp_path))
    assert list(read_personamem(personamem, limit=1)) == list(read_personamem(personamem))
