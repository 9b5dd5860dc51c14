"""The contract of Watch: work that stands in no job is found, and what has a job or was given up is not."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from treering.memory.ports import Store
from treering.schemas.dialogue import Message, Scope
from treering.schemas.jobs import JobKind
from treering.schemas.operations import Add
from treering.schemas.recall import Passage

BO, CY = Scope(user="bo"), Scope(user="cy", tenant="other")
ROLES = frozenset({"user", "assistant"})


@pytest.fixture
def world(store: Store, ana: Scope, make: SimpleNamespace) -> SimpleNamespace:
    """One thing in a transaction of its own each; `wanted` says which jobs are missing."""

    def say(text: str, *, scope: Scope = ana, session: str = "s1", name: str = "m1", role: str = "user") -> None:
        message = Message.model_validate({"content": text, "id": name, "role": role})
        with store.begin() as unit:
            unit.turns.append(scope, session, [message], make.moment(0))

    def end(scope: Scope = ana) -> None:
        with store.begin() as unit:
            unit.turns.end_session(scope)

    def hear(seq: int, *claims: str, scope: Scope = ana) -> None:
        batch = make.batch(*(Add(claim=make.claim(text)) for text in claims), name=f"b{seq}", heard_through=seq)
        with store.begin() as unit:
            unit.ledger.commit(scope, batch, expected_version=unit.ledger.head(scope).version)

    def index(seq: int, version: int = 0, scope: Scope = ana) -> None:
        with store.begin() as unit:
            unit.ledger.mark_indexed(scope, version=version, seq=seq)

    def tell(*messages: str, session: str = "s1", scope: Scope = ana) -> None:
        values = {"id": f"p{session}", "message_ids": messages, "text": "t", "at": make.moment(0), "seq": 1}
        with store.begin() as unit:
            unit.passages.put(scope, [Passage.model_validate({**values, "level": 1, "session": session})])

    def job(kind: JobKind, state: str, scope: Scope = ana) -> None:
        with store.begin() as unit:
            unit.jobs.enqueue(scope, kind, make.moment(0), state="dead" if state == "dead" else "queued")
            if state in ("running", "done"):
                leased = unit.jobs.claim(make.moment(0), lease_s=10, scope=scope)
                assert leased is not None
                if state == "done":
                    unit.jobs.finish(leased)

    def wanted(scope: Scope = ana, turn: int = 0, people: int = 10) -> list[JobKind]:
        return [kind for whose, kind in store.neglected(turn, people=people, roles=ROLES) if whose == scope]

    return SimpleNamespace(say=say, end=end, hear=hear, index=index, tell=tell, job=job, wanted=wanted)


def test_a_new_store_wants_nothing(store: Store) -> None:
    assert store.neglected(0, people=10, roles=ROLES) == []
    assert store.neglected(7, people=10, roles=ROLES) == []


def test_a_session_that_has_ended_is_heard_to_its_end(world: SimpleNamespace) -> None:
    world.say("Hi.")
    assert world.wanted() == ["index"], "while it goes on, what was said may wait for a whole window"
    world.end()
    assert world.wanted() == ["listen", "index", "summarise"]
    world.hear(1)
    assert world.wanted() == ["index", "summarise"]


def test_an_open_session_does_not_hide_one_before_it(world: SimpleNamespace) -> None:
    world.say("Hi.")
    world.say("Hi again.", session="s2", name="m2")  # ends the first
    assert "listen" in world.wanted()
    world.hear(1)
    assert "listen" not in world.wanted()


def test_turns_and_versions_get_vectors(world: SimpleNamespace) -> None:
    world.say("Hi.")
    world.hear(1, "likes figs")
    world.index(seq=1)
    assert world.wanted() == ["index"]
    world.index(seq=1, version=1)
    assert world.wanted() == []
    world.say("Bye.", name="m2")
    assert world.wanted() == ["index"]


def test_vectors_of_another_embedder_are_not_touched(
    world: SimpleNamespace, open_store: Callable[..., Store], ana: Scope
) -> None:
    world.say("Hi.")
    world.index(seq=0)
    assert world.wanted() == ["index"]
    assert open_store(fingerprint="other").neglected(0, people=10, roles=ROLES) == []


def test_each_session_that_has_ended_is_summarised(world: SimpleNamespace, store: Store, ana: Scope) -> None:
    world.say("Hi.")
    world.say("Ping.", session="s2", name="m2", role="tool")  # says nothing that a summary could tell
    world.say("Bye.", session="s3", name="m3")
    world.end()
    world.hear(3)
    world.index(seq=3)
    assert world.wanted() == ["summarise"]
    world.tell("m1")
    assert world.wanted() == ["summarise"]
    world.tell("m3", session="s3")
    assert world.wanted() == []


@pytest.mark.parametrize("how", ["erased", "retracted"])
def test_what_says_nothing_any_more_wants_no_summary(
    world: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace, how: str
) -> None:
    world.say("Hi.")
    world.end()
    world.hear(1)
    world.index(seq=1)
    assert world.wanted() == ["summarise"]
    with store.begin() as unit:
        if how == "erased":
            unit.turns.erase(ana, ["m1"])
        else:
            unit.turns.replace(ana, "m1", None, version=None, now=make.moment(1))
    assert world.wanted() == []


def test_claims_are_compared_when_the_sessions_are_over(world: SimpleNamespace, store: Store, ana: Scope) -> None:
    world.say("I like figs.")
    world.hear(1, "likes figs")
    world.index(seq=1, version=1)
    assert world.wanted() == []
    world.end()
    world.tell("m1")
    assert world.wanted() == ["consolidate"]
    with store.begin() as unit:
        unit.ledger.mark_consolidated(ana, version=1)
    assert world.wanted() == []


@pytest.mark.parametrize("state", ["queued", "running", "dead"])
@pytest.mark.parametrize("kind", ["listen", "index", "summarise", "consolidate"])
def test_what_has_a_job_or_was_given_up_is_left_alone(world: SimpleNamespace, kind: JobKind, state: str) -> None:
    everything = ["listen", "index", "summarise", "consolidate"]
    world.say("I like figs.")
    world.say("I like olives.", name="m2")
    world.hear(1, "likes figs")
    world.end()
    assert world.wanted() == ["listen", "index", "summarise", "consolidate"]
    world.job(kind, state, scope=BO)
    assert world.wanted() == everything, "somebody else's"
    world.job(kind, "done")
    assert world.wanted() == everything, "it was done, and did not do it"
    world.job(kind, state)
    leads_to = {"listen": {"listen", "index", "consolidate"}, "summarise": {"summarise", "index"}}
    covered = {kind} if state == "dead" else leads_to.get(kind, {kind})
    assert world.wanted() == [one for one in everything if one not in covered]


def test_people_are_looked_at_page_by_page(world: SimpleNamespace, store: Store, ana: Scope) -> None:
    for scope in (ana, BO, CY):
        world.say("Hi.", scope=scope)

    def found(turn: int, people: int) -> list[Scope]:
        return [scope for scope, _ in store.neglected(turn, people=people, roles=ROLES)]

    assert [found(turn, people=1) for turn in range(4)] == [[ana], [BO], [CY], [ana]]
    assert [found(turn, people=2) for turn in (4, 5)] == [[ana, BO], [CY]]
    assert found(99, people=3) == [ana, BO, CY]


def test_deaths_are_counted_in_their_time(store: Store, ana: Scope, make: SimpleNamespace) -> None:
    with store.begin() as unit:
        unit.jobs.enqueue(ana, "window", make.moment(5), state="dead", error="unreadable")
        unit.jobs.enqueue(BO, "window", make.moment(9), state="dead")
        unit.jobs.enqueue(BO, "index", make.moment(0))
        leased = unit.jobs.claim(make.moment(1), lease_s=10, scope=BO)
        assert leased is not None
        unit.jobs.fail(leased, "it broke", make.moment(7), retry_at=None)
    assert dict(store.died(make.moment(0), make.moment(10))) == {"window": 2, "index": 1}
    assert dict(store.died(make.moment(5), make.moment(7))) == {"window": 1}
    [first, *_] = [job.id for job in _dead(store)]
    with store.begin() as unit:
        unit.jobs.retry(first, make.moment(6))
    assert dict(store.died(make.moment(0), make.moment(8))) == {"index": 1}


def _dead(store: Store) -> list[SimpleNamespace]:
    with store.begin(write=False) as unit:
        return [SimpleNamespace(id=job.id) for job in unit.jobs.jobs(states=("dead",))]
