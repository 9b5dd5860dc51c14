"""The contract of Quarantine."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from treering.memory import ports
from treering.memory.ports import Store
from treering.schemas.dialogue import Message, Scope
from treering.schemas.listening import Draft, Held, Reply, Verdict
from treering.schemas.operations import Add, Delete, DeleteReason, Operation

REPLY = Reply(raw='ADD(name, "Ana")', model="m", prompt_version="p1", tokens_in=3, tokens_out=4)


def verdict(text: str, message: str = "m1", operation: Operation | None = None) -> Verdict:
    draft = Draft(kind="ADD", path="name", text=text, message_id=message, quote=text)
    return Verdict(ruling="quarantine", rule="some-rule", why="because", draft=draft, operation=operation)


@pytest.fixture
def hold(store: Store, ana: Scope, make: SimpleNamespace) -> Callable[..., list[Held]]:
    def run(*verdicts: Verdict, window: str = "1-2", scope: Scope = ana, now: float = 0) -> list[Held]:
        with store.begin() as unit:
            return unit.quarantine.hold(scope, window, verdicts, make.moment(now))

    return run


@pytest.fixture
def read(store: Store) -> Callable[..., Any]:
    def reading(question: Callable[[ports.Quarantine], Any]) -> Any:  # noqa: ANN401 - whatever is asked
        with store.begin(write=False) as unit:
            return question(unit.quarantine)

    return reading


def test_what_is_held_waits_as_it_was(
    hold: Callable[..., list[Held]], read: Callable[..., Any], ana: Scope, make: SimpleNamespace
) -> None:
    given = [verdict("Ana"), verdict("Anna", operation=Add(claim=make.claim("Anna")))]
    held = hold(*given, now=5)
    assert [one.verdict for one in held] == given
    assert read(lambda quarantine: quarantine.held(ana)) == held
    assert {(one.window_id, one.recorded_at) for one in held} == {("1-2", make.moment(5))}
    assert len({one.id for one in held}) == 2


def test_the_oldest_comes_first(hold: Callable[..., list[Held]], read: Callable[..., Any], ana: Scope) -> None:
    hold(verdict("later"), window="9-9", now=9)
    hold(verdict("latest"), window="1-1", now=10)
    assert [one.verdict.draft.text for one in read(lambda quarantine: quarantine.held(ana))] == ["later", "latest"]


def test_holding_the_same_again_changes_nothing(
    hold: Callable[..., list[Held]], read: Callable[..., Any], ana: Scope
) -> None:
    first = hold(verdict("Ana"), now=1)
    assert hold(verdict("Ana"), verdict("Ana"), now=9) == first
    assert read(lambda quarantine: quarantine.held(ana)) == first


def test_another_window_holds_its_own(hold: Callable[..., list[Held]], read: Callable[..., Any], ana: Scope) -> None:
    hold(verdict("Ana"))
    hold(verdict("Ana"), window="3-4")
    assert len(read(lambda quarantine: quarantine.held(ana))) == 2


def test_what_was_resolved_is_gone_and_does_not_come_again(
    hold: Callable[..., list[Held]], read: Callable[..., Any], store: Store, ana: Scope
) -> None:
    (one,) = hold(verdict("Ana"))
    with store.begin() as unit:
        assert unit.quarantine.resolve(ana, one.id) == one
        assert unit.quarantine.resolve(ana, one.id) is None
        assert unit.quarantine.resolve(ana, "nobody") is None
    assert hold(verdict("Ana")) == []
    assert read(lambda quarantine: quarantine.held(ana)) == []


@pytest.fixture
def asking(make: SimpleNamespace) -> Callable[..., Verdict]:
    def run(target: str, *, message: str = "m2", reason: DeleteReason = "forgotten") -> Verdict:
        """Somebody asks, in a message, to have a claim forgotten."""
        claim = make.claim(target, message=message)
        wanted = Delete(path="name", target=claim.id, reason=reason, at=make.moment(1), evidence=claim.evidence)
        return verdict(f"forget {target}", message, wanted)

    return run


def test_of_what_waits_requests_to_forget_are_known_by_themselves(
    hold: Callable[..., list[Held]], store: Store, ana: Scope, asking: Callable[..., Verdict], make: SimpleNamespace
) -> None:
    with store.begin(write=False) as unit:
        assert unit.quarantine.wishes(ana) == []
    other = [verdict("Ana"), verdict("Ann", operation=Add(claim=make.claim("Ann"))), asking("Anna", reason="ended")]
    _, _, _, *wishes = hold(*other, asking("Bo"), asking("Cy"))
    assert [one.verdict.forgets for one in wishes] == [make.claim("Bo").id, make.claim("Cy").id]
    with store.begin(write=False) as unit:
        assert unit.quarantine.wishes(ana) == wishes
        assert unit.ledger.head(ana).wishes == 2


def test_a_request_to_forget_that_was_decided_waits_no_longer(
    hold: Callable[..., list[Held]], store: Store, ana: Scope, asking: Callable[..., Verdict]
) -> None:
    dropped, retracted, left = hold(asking("Bo"), asking("Cy", message="m3"), asking("Di", message="m4"))
    with store.begin() as unit:
        unit.quarantine.resolve(ana, dropped.id)
        unit.quarantine.erase(ana, ["m3"])
        assert unit.quarantine.wishes(ana) == [left]
        assert unit.ledger.head(ana).wishes == 1
    hold(asking("Bo"), asking("Cy", message="m3"))
    with store.begin(write=False) as unit:
        assert unit.quarantine.wishes(ana) == [left] != [retracted]
        assert unit.ledger.head(ana).wishes == 1


def test_a_request_that_is_stored_anew_is_about_what_it_says_now(
    hold: Callable[..., list[Held]], store: Store, ana: Scope, asking: Callable[..., Verdict]
) -> None:
    [one] = hold(asking("Bo"))
    with store.begin() as unit:
        unit.quarantine.replace(ana, one.model_copy(update={"verdict": asking("Cy")}))
        assert [wish.verdict for wish in unit.quarantine.wishes(ana)] == [asking("Cy")]
        unit.quarantine.replace(ana, one.model_copy(update={"verdict": verdict("Cy")}))
        assert unit.quarantine.wishes(ana) == []
        assert unit.ledger.head(ana).wishes == 0


def test_a_reply_is_kept_word_for_word(store: Store, read: Callable[..., Any], ana: Scope) -> None:
    with store.begin() as unit:
        unit.quarantine.save_reply(ana, "1-2", "listener/1", REPLY)
    assert read(lambda quarantine: quarantine.reply(ana, "1-2", "listener/1")) == REPLY
    assert read(lambda quarantine: quarantine.reply(ana, "1-2", "listener/2")) is None
    assert read(lambda quarantine: quarantine.reply(ana, "3-4", "listener/1")) is None


def test_a_newer_reply_replaces_the_older(store: Store, read: Callable[..., Any], ana: Scope) -> None:
    newer = REPLY.model_copy(update={"raw": "NO_OP()"})
    with store.begin() as unit:
        unit.quarantine.save_reply(ana, "1-2", "listener/1", REPLY)
        unit.quarantine.save_reply(ana, "1-2", "listener/1", newer)
    assert read(lambda quarantine: quarantine.reply(ana, "1-2", "listener/1")) == newer


@pytest.fixture
def four_turns(store: Store, ana: Scope, make: SimpleNamespace) -> None:
    """Messages m1 to m4, seq 1 to 4."""
    with store.begin() as unit:
        unit.turns.append(ana, "s1", [Message(content=f"{n}", id=f"m{n}") for n in range(1, 5)], make.moment(0))


@pytest.mark.usefixtures("four_turns")
def test_erasing_drops_what_was_held_on_a_message(
    hold: Callable[..., list[Held]], read: Callable[..., Any], store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    by_operation = verdict("b", message="m4", operation=Add(claim=make.claim("b", message="m2")))
    hold(verdict("a", message="m2"), by_operation, verdict("c", message="m3"))
    with store.begin() as unit:
        assert unit.quarantine.erase(ana, ["m2", "nobody"]) == 2
        assert unit.quarantine.erase(ana, ["m2"]) == 0
    assert [one.verdict.draft.text for one in read(lambda quarantine: quarantine.held(ana))] == ["c"]


@pytest.mark.usefixtures("four_turns")
def test_erasing_drops_the_replies_that_may_repeat_a_message(
    read: Callable[..., Any], store: Store, ana: Scope
) -> None:
    with store.begin() as unit:
        for window in ("1-1", "2-3", "4-4", "odd"):
            unit.quarantine.save_reply(ana, window, "l", REPLY)
        assert unit.quarantine.erase(ana, ["m2"]) == 3
    kept = [window for window in ("1-1", "2-3", "4-4", "odd") if read(lambda q, w=window: q.reply(ana, w, "l"))]
    assert kept == ["1-1"]


@pytest.mark.usefixtures("four_turns")
def test_erasing_drops_the_replies_of_parked_jobs(store: Store, ana: Scope, make: SimpleNamespace) -> None:
    with store.begin() as unit:
        unit.jobs.enqueue(ana, "window", make.moment(0), state="dead", error="cannot read: secret", raw_reply="secret")
        assert unit.quarantine.erase(ana, ["m2"]) == 1
        (job,) = unit.jobs.jobs(scope=ana)
    assert (job.state, job.raw_reply, "secret" in job.error) == ("dead", None, False)


@pytest.mark.usefixtures("four_turns")
def test_a_job_that_runs_while_words_are_erased_does_not_bring_them_back(
    store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    with store.begin() as unit:
        unit.jobs.enqueue(ana, "window", make.moment(0), state="dead", error="cannot read: secret", raw_reply="secret")
        (parked,) = unit.jobs.jobs(scope=ana)
        unit.jobs.retry(parked.id, make.moment(0))
        job = unit.jobs.claim(make.moment(0), lease_s=10)
        assert job is not None
        assert job.raw_reply == "secret"
    with store.begin() as unit:
        unit.quarantine.erase(ana, ["m2"])
    with store.begin() as unit:
        unit.jobs.fail(job, "still: secret", make.moment(1), retry_at=make.moment(2))
        (failed,) = unit.jobs.jobs(scope=ana)
        assert "secret" not in failed.model_dump_json()
    with store.begin() as unit:
        again = unit.jobs.claim(make.moment(2), lease_s=10)
        assert again is not None
        unit.jobs.fail(again, "the next reason", make.moment(3), retry_at=None)
        assert [one.error for one in unit.jobs.jobs(scope=ana)] == ["the next reason"]


@pytest.mark.usefixtures("four_turns")
def test_erasing_drops_what_failed_jobs_say(store: Store, ana: Scope, make: SimpleNamespace) -> None:
    with store.begin() as unit:
        unit.jobs.enqueue(ana, "listen", make.moment(0), state="dead", error="ValueError: secret")
        unit.quarantine.erase(ana, ["m2"])
        (job,) = unit.jobs.jobs(scope=ana)
    assert "secret" not in (job.error or "")


def test_scopes_never_mix(
    hold: Callable[..., list[Held]],
    read: Callable[..., Any],
    store: Store,
    ana: Scope,
    asking: Callable[..., Verdict],
) -> None:
    bo = Scope(user="bo")
    one, _ = hold(verdict("Ana"), asking("Bo"))
    with store.begin() as unit:
        unit.quarantine.save_reply(ana, "1-2", "l", REPLY)
        assert unit.quarantine.resolve(bo, one.id) is None
        assert unit.quarantine.reply(bo, "1-2", "l") is None
        assert unit.quarantine.erase(bo, ["m1"]) == 0
        assert unit.ledger.head(bo).wishes == 0
    assert read(lambda quarantine: quarantine.held(bo)) == []
    assert read(lambda quarantine: quarantine.wishes(bo)) == []
    assert store.scopes() == [ana]
