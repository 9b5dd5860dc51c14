"""A tenant whose jobs wait for too long is told to come back later; nothing of what it said is half stored."""

from __future__ import annotations

from datetime import timedelta

import pytest

from treering.errors import QueueOverdue
from treering.memory.remembering import Remembering
from treering.schemas.dialogue import Message, Scope
from treering.schemas.trunk import Trunk
from treering.testing import ManualClock, MemoryStore

ANA = Scope(tenant="acme", user="ana")
BO = Scope(tenant="acme", user="bo")
EVE = Scope(tenant="other", user="eve")
BOUND = timedelta(minutes=10)


class World:
    def __init__(self, trunk: Trunk, queue_age: timedelta | None = BOUND) -> None:
        self.clock = ManualClock()
        self.store = MemoryStore(trunk)
        self.remembering = Remembering(store=self.store, clock=self.clock, queue_age=queue_age)

    def say(self, scope: Scope, text: str = "I live in Porto.") -> int:
        receipt = self.remembering.remember(scope, [Message(content=text, id=text)], "s")
        return len(receipt.stored)

    def hear(self) -> None:
        """Somebody does what is due."""
        with self.store.begin() as unit:
            while (job := unit.jobs.claim(self.clock.now(), lease_s=10)) is not None:
                unit.jobs.finish(job)

    def turns(self, scope: Scope) -> int:
        with self.store.begin(write=False) as unit:
            return len(unit.turns.turns(scope))


@pytest.fixture
def world(small_trunk: Trunk) -> World:
    return World(small_trunk)


def test_a_tenant_whose_first_job_waits_too_long_is_refused_and_nothing_is_stored(world: World) -> None:
    world.say(ANA)
    world.clock.advance(BOUND)
    assert world.say(BO) == 1, "up to the bound it is taken in"
    world.clock.advance(1)
    with pytest.raises(QueueOverdue, match=r"TREERING_QUEUE_AGE_S") as overdue:
        world.say(BO, "And I have a cat.")
    assert (overdue.value.tenant, overdue.value.age_s, overdue.value.bound_s) == ("acme", 601, 600)
    assert world.turns(BO) == 1


def test_another_tenant_is_not_affected(world: World) -> None:
    world.say(ANA)
    world.clock.advance(2 * BOUND)
    assert world.say(EVE) == 1
    with pytest.raises(QueueOverdue):
        world.say(ANA, "More.")


def test_what_is_known_is_acknowledged_and_the_same_call_succeeds_later(world: World) -> None:
    world.say(ANA)
    world.clock.advance(2 * BOUND)
    assert world.say(ANA) == 0
    with pytest.raises(QueueOverdue):
        world.say(ANA, "More.")
    world.hear()
    assert world.say(ANA, "More.") == 1


def test_what_was_imported_keeps_no_talk_out(world: World) -> None:
    with world.store.begin() as unit:
        unit.jobs.enqueue(ANA, "listen", world.clock.now(), priority=4)
    world.clock.advance(2 * BOUND)
    assert world.say(BO) == 1


def test_without_a_bound_everything_is_taken_in(small_trunk: Trunk) -> None:
    world = World(small_trunk, None)
    world.say(ANA)
    world.clock.advance(timedelta(days=400))
    assert world.say(ANA, "More.") == 1
