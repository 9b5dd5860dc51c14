"""Feedback that was given a name is known by it when it comes again, whatever was said in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering import Memory
from treering.errors import InvalidInput, KeyReused
from treering.testing import ManualClock

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
CITY = "home.city"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def memory(tmp_path: Path, clock: ManualClock, sdk: Callable[[Memory], Memory]) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", clock=clock, background=False) as opened:
        yield sdk(opened)


def texts(memory: Memory) -> list[str]:
    return [claim.text for claim in memory.tree("ana").claims]


def test_a_claim_that_was_added_and_replaced_since_is_not_added_again(memory: Memory, clock: ManualClock) -> None:
    first = memory.add_claim("ana", CITY, "lives in Porto", once="k1")
    memory.add_claim("ana", CITY, "lives in Braga", once="k2")
    assert memory.add_claim("ana", CITY, "lives in Porto", once="k1") == first
    assert texts(memory) == ["lives in Braga"]
    clock.advance(1)
    assert memory.add_claim("ana", CITY, "lives in Porto").changed, "without a name it is a new call"
    assert texts(memory) == ["lives in Porto"]


def test_every_kind_of_feedback_answers_as_it_did_first(memory: Memory) -> None:
    memory.remember("ana", "I live in Porto.")
    memory.flush()
    [claim] = memory.tree("ana").claims
    confirmed = memory.confirm("ana", claim.id, once="k1")
    corrected = memory.correct("ana", claim.id, "lives in Faro", why="a slip", once="k2")
    assert corrected.after is not None
    rejected = memory.reject("ana", corrected.after.id, once="k3")
    memory.undo("ana", 3)
    version = memory.versions("ana")[0].version
    assert memory.confirm("ana", claim.id, once="k1") == confirmed
    assert memory.correct("ana", claim.id, "lives in Faro", why="a slip", once="k2") == corrected
    assert memory.reject("ana", corrected.after.id, once="k3") == rejected
    assert memory.versions("ana")[0].version == version
    assert (confirmed.changed, corrected.changed, rejected.changed) == (True, True, True)
    assert (rejected.before, rejected.after) == (corrected.after, None)


@pytest.mark.parametrize(
    "other", [{"text": "lives in Faro"}, {"path": "work.job"}, {"why": "so"}, {"condition": "in summer"}]
)
def test_a_name_stands_for_one_call(memory: Memory, other: dict[str, str]) -> None:
    call = {"path": CITY, "text": "lives in Porto"}
    memory.add_claim("ana", **call, once="k1")  # type: ignore[arg-type]
    with pytest.raises(KeyReused):
        memory.add_claim("ana", **{**call, **other}, once="k1")  # type: ignore[arg-type]
    [claim] = memory.tree("ana").claims
    with pytest.raises(KeyReused):
        memory.reject("ana", claim.id, once="k1")
    assert texts(memory) == ["lives in Porto"]
    assert memory.add_claim("bo", **{**call, **other}, once="k1").changed, "another person's calls are others"  # type: ignore[arg-type]


def test_a_name_is_known_for_a_day_and_after_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    with Memory(tmp_path, embedder="hash", clock=clock, background=False) as memory:
        first = memory.add_claim("ana", CITY, "lives in Porto", once="k1")
        memory.add_claim("ana", CITY, "lives in Braga")
    with Memory(tmp_path, embedder="hash", clock=clock, background=False) as memory:
        clock.advance(timedelta(hours=23).total_seconds())
        assert memory.add_claim("ana", CITY, "lives in Porto", once="k1") == first
        clock.advance(timedelta(hours=2).total_seconds())
        assert memory.add_claim("ana", CITY, "lives in Porto", once="k1").changed


def test_what_was_forgotten_since_is_not_in_the_answer(memory: Memory) -> None:
    first = memory.add_claim("ana", CITY, "lives in Porto", once="k1")
    memory.forget("ana", CITY)
    again = memory.add_claim("ana", CITY, "lives in Porto", once="k1")
    assert again.after is not None
    assert again.after.id == (first.after.id if first.after else "")
    assert "Porto" not in again.model_dump_json()
    assert texts(memory) == []


def test_the_name_itself_is_nowhere_in_the_store(memory: Memory, tmp_path: Path) -> None:
    memory.add_claim("ana", CITY, "lives in Porto", once="anas-own-name")
    memory.close()
    assert not any(b"anas-own-name" in file.read_bytes() for file in tmp_path.iterdir() if file.is_file())


@pytest.mark.parametrize("once", ["", " ", "x" * 257])
def test_a_name_has_to_be_one(memory: Memory, once: str) -> None:
    with pytest.raises(InvalidInput, match="once"):
        memory.add_claim("ana", CITY, "lives in Porto", once=once)
