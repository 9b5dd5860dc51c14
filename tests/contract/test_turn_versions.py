"""The contract of TurnLog for turns that are retracted and amended, and for taking that back."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

import pytest

from treering.errors import MessageConflict, UndoConflict
from treering.memory.ports import Store
from treering.schemas.dialogue import Message, Receipt, Scope, Turn
from treering.schemas.operations import Add
from treering.schemas.retraction import FormerText

WHO = {"speaker": "Bo", "metadata": {"lang": "es"}}


class Log:
    """The turn log of one person, each call in a transaction of its own."""

    def __init__(self, store: Store, scope: Scope, now: datetime) -> None:
        self.store = store
        self.scope = scope
        self.now = now

    def say(self, content: str, *, message: str | None = "m", **fields: object) -> Receipt:
        told = Message.model_validate({"content": content, "id": message, **WHO, **fields})
        with self.store.begin() as unit:
            return unit.turns.append(self.scope, "s1", [told], self.now)

    def replace(self, content: str | None, version: int | None = None, *, message: str = "m") -> int:
        with self.store.begin() as unit:
            return unit.turns.replace(self.scope, message, content, version=version, now=self.now)

    def swap(self, version: int, by: int) -> list[str]:
        with self.store.begin() as unit:
            return unit.turns.swap(self.scope, version=version, by=by, now=self.now)

    def rewind(self, to: int, by: int) -> list[str]:
        with self.store.begin() as unit:
            return unit.turns.rewind(self.scope, to=to, by=by, now=self.now)

    def erase(self, *messages: str) -> int:
        with self.store.begin() as unit:
            return unit.turns.erase(self.scope, messages)

    def former(self, *messages: str) -> dict[str, list[FormerText]]:
        with self.store.begin(write=False) as unit:
            return unit.turns.former(self.scope, messages)

    def turn(self, message: str = "m") -> Turn:
        with self.store.begin(write=False) as unit:
            return unit.turns.get(self.scope, [message])[message]

    def text(self, message: str = "m") -> str:
        return self.turn(message).content


@pytest.fixture
def log(store: Store, ana: Scope, make: SimpleNamespace) -> Log:
    return Log(store, ana, make.moment(9))


@pytest.fixture
def other(store: Store, make: SimpleNamespace) -> Log:
    """The same of somebody else."""
    return Log(store, Scope(user="bo"), make.moment(9))


def test_a_retracted_turn_keeps_its_place_and_nothing_else(log: Log) -> None:
    log.say("one")
    log.say("two", message="n")
    assert log.replace(None, 3) == 1
    turn = log.turn()
    assert (turn.seq, turn.content, turn.speaker, turn.metadata) == (1, "", None, {})
    assert log.text("n") == "two"
    [kept] = log.former("m", "n", "unknown").pop("m")
    assert kept.model_dump() == {"number": 1, "version": 3, "content": "one", **WHO, "replaced_at": log.now}
    with log.store.begin(write=False) as unit:
        assert [session.turns for session in unit.turns.sessions(log.scope)] == [2]


def test_an_amended_turn_keeps_who_said_it(log: Log) -> None:
    log.say("one")
    assert [log.replace("two"), log.replace(None), log.replace("three")] == [1, 2, 3]
    turn = log.turn()
    assert (turn.content, turn.speaker, turn.metadata) == ("three", *WHO.values())
    assert [(change.number, change.content) for change in log.former("m")["m"]] == [(1, "one"), (2, "two"), (3, "")]


def test_a_turn_that_was_never_changed_has_no_former_text(log: Log, other: Log) -> None:
    log.say("one")
    assert log.former("m") == {}
    assert other.former("m") == {}


@pytest.mark.parametrize("now", [None, "three"])
def test_a_former_text_that_comes_again_is_known_and_revives_nothing(log: Log, now: str | None) -> None:
    log.say("one")
    log.replace("two")
    log.replace(now)
    for former in ("one", "two", now or "two"):
        assert log.say(former).known == ("m",)
        assert log.text() == (now or "")


@pytest.mark.parametrize("now", [None, "two"])
def test_a_text_that_a_changed_turn_never_said_is_a_conflict(log: Log, now: str | None) -> None:
    log.say("one")
    log.replace(now)
    with pytest.raises(MessageConflict):
        log.say("four")
    with pytest.raises(MessageConflict):
        log.say("one", role="assistant")


def test_an_id_that_follows_from_the_first_text_stays_known(log: Log) -> None:
    [message] = log.say("one", message=None, index=0).stored
    log.replace("two", message=message)
    assert log.say("one", message=None, index=0).known == (message,)
    assert log.text(message) == "two"


def test_a_swap_is_its_own_inverse(log: Log) -> None:
    log.say("one")
    log.replace(None, 3)
    seen = []
    for version in range(3, 8):
        assert log.swap(version, version + 1) == ["m"]
        seen.append(log.text())
    assert seen == ["one", "", "one", "", "one"]


def test_a_swap_exchanges_all_that_the_version_changed_and_nothing_else(log: Log) -> None:
    for message in ("a", "b", "c", "d"):
        log.say(f"old {message}", message=message)
    for message, version in (("a", 3), ("b", 3), ("c", 4), ("d", None)):
        log.replace(f"new {message}", version, message=message)
    assert log.swap(3, 5) == ["a", "b"]
    assert [log.text(message) for message in ("a", "b", "c", "d")] == ["old a", "old b", "new c", "new d"]
    assert log.swap(99, 6) == []


def test_a_swap_brings_back_who_said_it(log: Log) -> None:
    log.say("one")
    log.replace(None, 3)
    log.swap(3, 4)
    turn = log.turn()
    assert (turn.content, turn.speaker, turn.metadata) == ("one", *WHO.values())


@pytest.mark.parametrize("later", [4, None])
def test_a_version_in_the_middle_is_not_swapped_under_a_later_change(log: Log, later: int | None) -> None:
    log.say("one")
    log.replace("two", 3)
    log.replace(None, later)
    with pytest.raises(UndoConflict, match="message m was changed again") as caught:
        log.swap(3, 5)
    assert (caught.value.version, caught.value.claim_id) == (3, "m")
    assert log.text() == ""


def test_changes_are_swapped_newest_first_and_come_back_oldest_first(log: Log) -> None:
    log.say("one")
    log.replace("two", 3)
    log.replace(None, 4)
    seen = []
    for version, by in ((4, 5), (3, 6), (6, 7), (5, 8)):
        log.swap(version, by)
        seen.append(log.text())
    assert seen == ["two", "one", "two", ""]


@pytest.mark.parametrize(("to", "expected"), [(2, "one"), (3, "two"), (4, "three"), (5, "")])
def test_a_rewind_gives_the_text_of_that_version_and_can_be_swapped_back(log: Log, to: int, expected: str) -> None:
    log.say("one")
    for version, content in ((3, "two"), (4, "three"), (5, None)):
        log.replace(content, version)
    assert log.rewind(to, 6) == (["m"] if expected else [])
    assert log.text() == expected
    log.swap(6, 7)
    assert log.text() == ""


def test_a_rewind_goes_back_through_what_was_undone(log: Log) -> None:
    log.say("one")
    log.replace("two", 3)
    log.swap(3, 4)
    log.swap(4, 5)
    for to, expected in ((4, "one"), (3, "two"), (2, "one")):
        log.rewind(to, 10 - to)
        assert log.text() == expected


def test_erasing_takes_what_was_said_before_too(log: Log) -> None:
    for message in ("m", "n", "o"):
        log.say(f"one {message}", message=message)
    log.replace(None, 3)
    log.replace("two", 3, message="n")
    assert log.erase("m", "n") == 2
    assert log.former("m", "n", "o") == {}
    assert log.erase("m", "n") == 0
    assert log.swap(3, 4) == []
    assert [log.text(message) for message in ("m", "n", "o")] == ["", "", "one o"]


def test_people_are_apart(log: Log, other: Log) -> None:
    log.say("one")
    other.say("one")
    log.replace(None, 3)
    assert other.former("m") == {}
    assert other.swap(3, 4) == []
    assert other.erase("m") == 1
    assert log.former("m")["m"][0].content == "one"


def test_a_ledger_knows_the_batches_that_made_a_version(store: Store, ana: Scope, make: SimpleNamespace) -> None:
    with store.begin() as unit:
        assert not unit.ledger.knows(ana, "b0")
        unit.ledger.commit(ana, make.batch(name="b0"), expected_version=0)
        unit.ledger.commit(ana, make.batch(Add(claim=make.claim("soup")), name="b1"), expected_version=0)
        assert [unit.ledger.knows(ana, name) for name in ("b0", "b1")] == [False, True]
        assert not unit.ledger.knows(Scope(user="bo"), "b1")
