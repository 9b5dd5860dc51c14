"""The gates before chat models: shared limits, and a model that fails is left alone until one call finds it well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from treering.errors import ModelDeferred
from treering.memory.gating import (
    FAILURES,
    FIRST_REST_S,
    LOOK_AGAIN_S,
    MAX_ASKED_S,
    MAX_REST_S,
    Bucket,
    Entry,
    Fee,
    Order,
)
from treering.memory.ports import ModelGate, Store
from treering.schemas.gates import Gate

GATE = "model:m"
TOKENS = Bucket(per_s=10.0, size=100.0, says="600 tokens a minute")
DOLLARS = Bucket(per_s=0.01, size=5.0, says="5 dollars")
FREE = Order(model="m", gate=GATE, hold_s=60)


def order(tokens: float, **more: object) -> Order:
    return replace(FREE, fees=(Fee(gate=GATE, amount=tokens, bucket=TOKENS),), **more)  # type: ignore[arg-type]


class Asking:
    """Calls at a gate, with times as seconds."""

    def __init__(self, gate: ModelGate, moment: Callable[[float], datetime]) -> None:
        self.gate = gate
        self.moment = moment

    def enter(self, what: Order = FREE, now: float = 0) -> Entry:
        return self.gate.enter(what, self.moment(now))

    def leave(self, entry: Entry, *paid: float, now: float = 0) -> None:
        self.gate.leave(entry, paid, self.moment(now))

    def fail(self, entry: Entry, now: float = 0, retry_after_s: float | None = None) -> float:
        return self.gate.fail(entry, self.moment(now), retry_after_s=retry_after_s)

    def fail_often(self, times: int = FAILURES, now: float = 0) -> None:
        for entry in [self.enter(now=now) for _ in range(times)]:
            self.fail(entry, now)

    @contextmanager
    def waits(self, seconds: float) -> Iterator[None]:
        with pytest.raises(ModelDeferred) as deferred:
            yield
        assert deferred.value.retry_after_s == pytest.approx(seconds, abs=0.002)

    @property
    def row(self) -> Gate:
        [found] = [gate for gate in self.gate.gates() if gate.name == GATE]
        return found


@pytest.fixture
def asking(store: Store, make: SimpleNamespace) -> Asking:
    return Asking(store.model_gate, make.moment)


def test_without_limits_and_failures_nothing_is_written(asking: Asking, store: Store) -> None:
    asking.leave(asking.enter())
    assert store.gates() == []


def test_a_call_waits_until_it_fits(asking: Asking) -> None:
    asking.enter(order(70))
    with asking.waits(4):
        asking.enter(order(70))
    with asking.waits(0.5):
        asking.enter(order(70), now=3.5)
    asking.enter(order(70), now=4)
    assert (asking.row.level, asking.row.at) == (100, asking.moment(4))


def test_what_has_waited_as_long_as_it_was_told_fits(asking: Asking) -> None:
    asking.enter(order(33.3))
    asking.enter(order(66.6))
    with pytest.raises(ModelDeferred) as deferred:
        asking.enter(order(77.7))
    asking.enter(order(77.7), now=deferred.value.retry_after_s or 0)


def test_a_call_larger_than_the_bucket_gets_through_once_it_is_empty(asking: Asking) -> None:
    asking.enter(order(1))
    with asking.waits(0.1):
        asking.enter(order(1_000))
    asking.enter(order(1_000), now=0.1)
    with asking.waits(91):
        asking.enter(order(10), now=0.1)


def test_an_answer_settles_what_was_laid_down(asking: Asking) -> None:
    cheap, dear = asking.enter(order(50)), asking.enter(order(50))
    asking.leave(cheap, 20)
    assert asking.row.level == 70
    asking.leave(dear, 150)
    assert asking.row.level == 170
    asking.leave(asking.enter(order(100), now=100), 0, now=200)
    assert asking.row.level == 0


def test_what_goes_on_is_charged_and_does_not_wait(asking: Asking) -> None:
    asking.enter(order(100))
    asking.enter(order(60, goes_on=True))
    assert asking.row.level == 160


def test_all_limits_hold_at_once_and_none_is_charged_alone(asking: Asking, store: Store) -> None:
    both = (Fee(gate=GATE, amount=60, bucket=TOKENS), Fee(gate="cost", amount=3.0, bucket=DOLLARS))
    entry = asking.enter(replace(FREE, fees=both))
    with asking.waits(100):
        asking.enter(replace(FREE, fees=both), now=0)
    assert {gate.name: gate.level for gate in store.gates()} == {GATE: 60, "cost": 3}
    asking.leave(entry, 50, 0.5)
    assert {gate.name: gate.level for gate in store.gates()} == {GATE: 50, "cost": 0.5}


def test_openings_of_one_store_share_the_gates(open_store: Callable[[], Store], make: SimpleNamespace) -> None:
    here, there = (Asking(open_store().model_gate, make.moment) for _ in range(2))
    here.enter(order(90))
    with there.waits(1):
        there.enter(order(20))
    here.fail_often()
    with there.waits(LOOK_AGAIN_S):
        there.enter()


def test_of_many_at_once_no_more_get_in_than_fit(asking: Asking) -> None:
    def try_it(_: int) -> bool:
        try:
            asking.enter(order(10))
        except ModelDeferred:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(try_it, range(40))) == 10
    assert asking.row.level == 100


def test_a_model_that_fails_often_in_a_row_rests(asking: Asking) -> None:
    asking.fail_often(FAILURES - 1)
    last = asking.enter()
    assert asking.fail(last, 1) == FIRST_REST_S
    with asking.waits(LOOK_AGAIN_S):
        asking.enter(now=2)
    with asking.waits(1):
        asking.enter(now=FIRST_REST_S)
    assert asking.enter(now=FIRST_REST_S + 1).probe is not None


def test_an_answer_between_failures_counts_them_anew(asking: Asking) -> None:
    asking.fail_often(FAILURES - 1)
    asking.leave(asking.enter())
    assert asking.row.failures == 0
    asking.fail_often(FAILURES - 1)
    asking.enter()


def test_one_probe_goes_and_its_answer_opens_the_gate_for_all(asking: Asking) -> None:
    asking.fail_often()
    probe = asking.enter(now=FIRST_REST_S)
    with asking.waits(LOOK_AGAIN_S):
        asking.enter(now=FIRST_REST_S + 1)
    asking.leave(probe, now=FIRST_REST_S + 2)
    assert (asking.row.failures, asking.row.shut_until) == (0, None)
    asking.enter(now=FIRST_REST_S + 2)
    asking.enter(now=FIRST_REST_S + 2)


def test_each_probe_that_fails_doubles_the_rest_up_to_a_bound(asking: Asking) -> None:
    asking.fail_often()
    now, rests = FIRST_REST_S, []
    for _ in range(7):
        rests.append(asking.fail(asking.enter(now=now), now))
        now += rests[-1]
    assert rests == [60, 120, 240, 480, MAX_REST_S, MAX_REST_S, MAX_REST_S]


def test_of_many_who_find_a_rest_over_one_tries(asking: Asking) -> None:
    asking.fail_often()

    def try_it(_: int) -> bool:
        try:
            asking.enter(now=FIRST_REST_S)
        except ModelDeferred:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(try_it, range(16))) == 1


def test_a_probe_that_died_is_followed_by_another(asking: Asking) -> None:
    asking.fail_often()
    asking.enter(now=FIRST_REST_S)
    asking.enter(now=FIRST_REST_S + 60)


def test_failures_of_calls_from_before_do_not_prolong_a_rest(asking: Asking) -> None:
    entries = [asking.enter() for _ in range(3 * FAILURES)]
    rests = [asking.fail(entry, now=1) for entry in entries]
    assert rests == [0] * (FAILURES - 1) + [FIRST_REST_S] * (2 * FAILURES + 1)
    assert asking.row.failures == FAILURES
    asking.fail(asking.enter(now=40), now=40)
    assert asking.row.failures == FAILURES + 1


def test_an_answer_to_a_call_from_before_opens_nothing(asking: Asking) -> None:
    early = asking.enter()
    asking.fail(asking.enter(), retry_after_s=20)
    asking.leave(early, now=1)
    with asking.waits(5):
        asking.enter(now=15)


def test_a_provider_is_left_alone_for_as_long_as_it_asks(asking: Asking) -> None:
    assert asking.fail(asking.enter(), retry_after_s=77) == 77
    with asking.waits(1):
        asking.enter(now=76)
    probe = asking.enter(now=77)
    assert asking.fail(probe, now=78) == 0, "two failures in a row are not yet a reason to rest"
    asking.enter(now=78)


def test_no_provider_shuts_a_gate_for_ever(asking: Asking) -> None:
    assert asking.fail(asking.enter(), retry_after_s=1e12) == MAX_ASKED_S


def test_a_call_that_is_waited_for_neither_tries_nor_tells(asking: Asking) -> None:
    hasty = replace(FREE, is_waited_for=True)
    for _ in range(2 * FAILURES):
        asking.fail(asking.enter(hasty))
    asking.fail_often()
    with asking.waits(0):
        asking.enter(hasty, now=FIRST_REST_S + 5)
    assert asking.enter(now=FIRST_REST_S + 5).probe is not None


def test_a_limit_that_is_reached_uses_up_no_probe(asking: Asking) -> None:
    asking.fail_often()
    asking.enter(order(1_000, goes_on=True), now=FIRST_REST_S)
    asking.leave(asking.enter(now=FIRST_REST_S + 60), now=FIRST_REST_S + 60)
    asking.fail_often(now=FIRST_REST_S + 61)
    with pytest.raises(ModelDeferred, match="600 tokens a minute"):
        asking.enter(order(900), now=FIRST_REST_S + 92)
    assert asking.enter(now=FIRST_REST_S + 92).probe is not None


def test_a_clock_that_was_far_ahead_binds_nobody(asking: Asking) -> None:
    year = timedelta(days=365).total_seconds()
    asking.enter(order(100), now=year)
    asking.fail_often(now=year)
    assert asking.enter(order(100), now=0).probe is not None
    assert (asking.row.level, asking.row.at) == (100, asking.moment(0))


def test_a_clock_that_is_a_little_behind_lets_nothing_leak(asking: Asking) -> None:
    asking.enter(order(60), now=5)
    asking.enter(order(40), now=0)
    with asking.waits(5):
        asking.enter(order(50), now=5)
