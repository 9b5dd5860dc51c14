"""A pool of workers through kills, lost brokers, lost databases and pauses: it learns what one quiet process learns."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

from treering.bench.pool.faults import FAULTS
from treering.bench.pool.outcome import Learned, Outcome, undisturbed
from treering.bench.pool.running import Disturbed, Trial
from treering.schemas.dialogue import Scope
from treering.testing.servers import PostgresServer, RabbitServer, RedisServer, Server, ServerMissing

pytestmark = pytest.mark.services

Kind = TypeVar("Kind", bound=Server)

SHORT = Trial(seed=0, people=12, turns=160, faults=4, workers=2)
"""Two workers, of which one takes over what the other held; to start one costs more than all that is learned here."""

BROKERS: dict[str, type[RedisServer | RabbitServer]] = {"redis": RedisServer, "rabbitmq": RabbitServer}


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    """What is entered into it ends with the test."""
    with ExitStack() as stack:
        yield stack


def started(server: Kind, stack: ExitStack) -> Kind:
    """A server; without its program, the test is skipped at home and fails where services are required."""
    try:
        return stack.enter_context(server)
    except ServerMissing as error:
        if os.environ.get("TREERING_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def expectations(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Trial], Mapping[Scope, Learned]]:
    """What an undisturbed process learns of a trial's talk; made once for both brokers."""

    @cache
    def expected(trial: Trial) -> Mapping[Scope, Learned]:
        return undisturbed(trial.spoken, tmp_path_factory.mktemp("undisturbed"))

    return expected


Run = Callable[[str, Trial], Outcome]


@pytest.fixture
def run(
    expectations: Callable[[Trial], Mapping[Scope, Learned]],
    servers: ExitStack,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Carries out a trial on a broker, and prints how it went."""

    def run(broker: str, trial: Trial) -> Outcome:
        def tell(words: str) -> None:
            with capsys.disabled():
                print(f"  {words}", flush=True)  # noqa: T201 - a long run tells what it does

        tell(f"\n{broker}, TREERING_CRASH_SEED={trial.seed}")
        disturbed = Disturbed(
            trial,
            database=started(PostgresServer(syncs=False), servers),
            broker=started(BROKERS[broker](), servers),
            folder=tmp_path,
            tell=tell if trial.faults > SHORT.faults else lambda _: None,
        )
        outcome = disturbed.run(expectations(trial))
        tell(outcome.table().replace("\n", "\n  "))
        return outcome

    return run


@pytest.mark.slow
@pytest.mark.timeout(900)  # half a minute on a quiet machine
@pytest.mark.parametrize("broker", BROKERS)
def test_a_small_pool_learns_the_same_through_a_handful_of_faults(broker: str, run: Run, crash_seed: int) -> None:
    trial = replace(SHORT, seed=crash_seed)
    outcome = run(broker, trial)
    assert outcome.wrong == []
    assert sum(outcome.faults.values()) == trial.faults


@pytest.mark.crash_long
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("broker", BROKERS)
def test_a_pool_learns_the_same_through_thirty_faults(broker: str, run: Run, crash_seed: int) -> None:
    trial = Trial(seed=crash_seed)
    outcome = run(broker, trial)
    assert outcome.wrong == []
    assert sum(outcome.faults.values()) == trial.faults == 30
    assert set(outcome.faults) == set(FAULTS)
