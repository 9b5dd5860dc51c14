"""The crash suite's own parts: talk and faults by seed, and a comparison that can fail."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from treering.bench.pool.faults import FAULTS, schedule
from treering.bench.pool.outcome import Learned, differences, undisturbed
from treering.bench.pool.running import Trial
from treering.bench.pool.talk import people, talk
from treering.schemas.dialogue import Scope


def test_the_same_seed_is_the_same_talk_and_another_one_is_not() -> None:
    assert talk(people(5), 100, seed=1) == talk(people(5), 100, seed=1)
    assert talk(people(5), 100, seed=1) != talk(people(5), 100, seed=2)


def test_everybody_says_as_much_in_order_and_each_turn_has_an_id_of_its_own() -> None:
    spoken = talk(people(20), 400, seed=1)
    assert len({(one.scope, one.message.id) for one in spoken}) == 400
    assert set(Counter(one.scope for one in spoken).values()) == {20}
    assert len({one.scope.tenant for one in spoken}) == 5
    for scope in people(20):
        own = [one for one in spoken if one.scope == scope]
        assert [one.message.id for one in own] == [f"m{number}" for number in range(20)]
        assert [one.session for one in own] == sorted(one.session for one in own)


def test_a_session_never_comes_back_so_that_windows_are_the_same_whenever_somebody_listens() -> None:
    for scope in people(3):
        sessions = [one.session for one in talk(people(3), 90, seed=3) if one.scope == scope]
        assert list(dict.fromkeys(sessions)) == sorted(set(sessions))
        assert sum(a != b for a, b in pairwise(sessions)) == len(set(sessions)) - 1


def test_the_same_seed_is_the_same_schedule_with_all_kinds_and_spread_over_the_run() -> None:
    faults = schedule(seed=4, number=30, workers=4)
    assert faults == schedule(seed=4, number=30, workers=4) != schedule(seed=5, number=30, workers=4)
    assert {fault.kind for fault in faults} == set(FAULTS)
    assert [fault.after for fault in faults] == sorted(fault.after for fault in faults)
    assert 0 < faults[0].after < faults[-1].after < 1
    assert {fault.worker for fault in faults} == {0, 1, 2, 3}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[Scope, Learned]:
    trial = Trial(seed=2, people=1, turns=45)
    return undisturbed(trial.spoken, tmp_path_factory.mktemp("undisturbed"))


def test_the_talk_makes_replaces_and_ends_claims_and_is_consolidated(expected: dict[Scope, Learned]) -> None:
    heard = " ".join(told for one in expected.values() for _, told in one.heard)
    assert {"ADD", "UPDATE", "DELETE", "NO_OP"} <= {
        kind for kind in ("ADD", "UPDATE", "DELETE", "NO_OP") if kind in heard
    }
    assert any(one.consolidated for one in expected.values())


def test_two_quiet_runs_are_equal(expected: dict[Scope, Learned], tmp_path: Path) -> None:
    assert differences(undisturbed(Trial(seed=2, people=1, turns=45).spoken, tmp_path), expected) == []


def test_what_is_missing_doubled_or_in_another_order_is_found(expected: dict[Scope, Learned]) -> None:
    scope, one = next((scope, one) for scope, one in expected.items() if one.consolidated)
    for heard in (one.heard[1:], (*one.heard, one.heard[-1]), one.heard[::-1]):
        assert differences({**expected, scope: replace(one, heard=heard)}, expected)
    assert differences({**expected, scope: replace(one, consolidated=one.consolidated[1:])}, expected)
    assert differences({**expected, scope: replace(one, tree="another")}, expected)
