"""The contract of Quarantine."""

from __future__ import annotations

import pytest

from treering.schemas.dialogue import Message, Scope
from treering.schemas.listening import Draft, Reply, Verdict
from treering.schemas.operations import Add

REPLY = Reply(raw='ADD(name, "Ana")', model="m", prompt_version="p1", tokens_in=3, tokens_out=4)


def verdict(text, message="m1", operation=None):
    draft = Draft(kind="ADD", path="name", text=text, message_id=message, quote=text)
    return Verdict(ruling="quarantine", rule="some-rule", why="because", draft=draft, operation=operation)


@pytest.fixture
def hold(store, ana, moment):
    def run(*verdicts, window="1-2", scope=ana, now=0.0):
        with store.begin() as unit:
            return unit.quarantine.hold(scope, window, verdicts, moment(now))

    return run


@pytest.fixture
def read(store):
    def reading(question):
        with store.begin(write=False) as unit:
            return question(unit.quarantine)

    return reading


def test_what_is_held_waits_as_it_was(hold, read, ana, moment, claim_of):
    given = [verdict("Ana"), verdict("Anna", operation=Add(claim=claim_of("Anna")))]
    held = hold(*given, now=5)
    assert [one.verdict for one in held] == given
    assert read(lambda quarantine: quarantine.held(ana)) == held
    assert {(one.window_id, one.recorded_at) for one in held} == {("1-2", moment(5))}
    assert len({one.id for one in held}) == 2


def test_the_oldest_comes_first(hold, read, ana):
    hold(verdict("later"), window="9-9", now=9)
    hold(verdict("latest"), window="1-1", now=10)
    assert [one.verdict.draft.text for one in read(lambda quarantine: quarantine.held(ana))] == ["later", "latest"]


def test_holding_the_same_again_changes_nothing(hold, read, ana):
    first = hold(verdict("Ana"), now=1)
    assert hold(verdict("Ana"), verdict("Ana"), now=9) == first
    assert read(lambda quarantine: quarantine.held(ana)) == first


def test_another_window_holds_its_own(hold, read, ana):
    hold(verdict("Ana"))
    hold(verdict("Ana"), window="3-4")
    assert len(read(lambda quarantine: quarantine.held(ana))) == 2


def test_what_was_resolved_is_gone_and_does_not_come_again(hold, read, store, ana):
    (one,) = hold(verdict("Ana"))
    with store.begin() as unit:
        assert unit.quarantine.resolve(ana, one.id) == one
        assert unit.quarantine.resolve(ana, one.id) is None
        assert unit.quarantine.resolve(ana, "nobody") is None
    assert hold(verdict("Ana")) == []
    assert read(lambda quarantine: quarantine.held(ana)) == []


def test_a_reply_is_kept_word_for_word(store, read, ana):
    with store.begin() as unit:
        unit.quarantine.save_reply(ana, "1-2", "listener/1", REPLY)
    assert read(lambda quarantine: quarantine.reply(ana, "1-2", "listener/1")) == REPLY
    assert read(lambda quarantine: quarantine.reply(ana, "1-2", "listener/2")) is None
    assert read(lambda quarantine: quarantine.reply(ana, "3-4", "listener/1")) is None


def test_a_newer_reply_replaces_the_older(store, read, ana):
    newer = REPLY.model_copy(update={"raw": "NO_OP()"})
    with store.begin() as unit:
        unit.quarantine.save_reply(ana, "1-2", "listener/1", REPLY)
        unit.quarantine.save_reply(ana, "1-2", "listener/1", newer)
    assert read(lambda quarantine: quarantine.reply(ana, "1-2", "listener/1")) == newer


@pytest.fixture
def four_turns(store, ana, moment):
    """Messages m1 to m4, seq 1 to 4."""
    with store.begin() as unit:
        unit.turns.append(ana, "s1", [Message(content=f"{n}", id=f"m{n}") for n in range(1, 5)], moment(0))


@pytest.mark.usefixtures("four_turns")
def test_erasing_drops_what_was_held_on_a_message(hold, read, store, ana, claim_of):
    by_operation = verdict("b", message="m4", operation=Add(claim=claim_of("b", message="m2")))
    hold(verdict("a", message="m2"), by_operation, verdict("c", message="m3"))
    with store.begin() as unit:
        assert unit.quarantine.erase(ana, ["m2", "nobody"]) == 2
        assert unit.quarantine.erase(ana, ["m2"]) == 0
    assert [one.verdict.draft.text for one in read(lambda quarantine: quarantine.held(ana))] == ["c"]


@pytest.mark.usefixtures("four_turns")
def test_erasing_drops_the_replies_that_may_repeat_a_message(read, store, ana):
    with store.begin() as unit:
        for window in ("1-1", "2-3", "4-4", "odd"):
            unit.quarantine.save_reply(ana, window, "l", REPLY)
        assert unit.quarantine.erase(ana, ["m2"]) == 3
    kept = [window for window in ("1-1", "2-3", "4-4", "odd") if read(lambda q, w=window: q.reply(ana, w, "l"))]
    assert kept == ["1-1"]


@pytest.mark.usefixtures("four_turns")
def test_erasing_drops_the_replies_of_parked_jobs(store, ana, moment):
    with store.begin() as unit:
        unit.jobs.enqueue(ana, "window", moment(0), state="dead", error="cannot read: secret", raw_reply="secret")
        assert unit.quarantine.erase(ana, ["m2"]) == 1
        (job,) = unit.jobs.jobs(scope=ana)
    assert (job.state, job.raw_reply, "secret" in job.error) == ("dead", None, False)


def test_scopes_never_mix(hold, read, store, ana):
    bo = Scope(user="bo")
    (one,) = hold(verdict("Ana"))
    with store.begin() as unit:
        unit.quarantine.save_reply(ana, "1-2", "l", REPLY)
        assert unit.quarantine.resolve(bo, one.id) is None
        assert unit.quarantine.reply(bo, "1-2", "l") is None
        assert unit.quarantine.erase(bo, ["m1"]) == 0
    assert read(lambda quarantine: quarantine.held(bo)) == []
    assert store.scopes() == [ana]
