"""Summaries follow what is said: what was taken back or forgotten is in none of them, whatever interrupts the job."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treering.errors import FenceLost, StoreBusy
from treering.memory import rewording
from treering.memory.forgetting import Wish
from treering.memory.summaries.building import SESSION, THEME
from treering.schemas.dialogue import Scope
from treering.workers.runner import Runner

if TYPE_CHECKING:
    from tests.unit.memory.summarising.conftest import Failing, World

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
ANA = Scope(user="ana")


@pytest.mark.parametrize("change", ["retract", "amend", "forget"])
def test_what_is_no_longer_said_is_in_no_summary(world: World, change: str) -> None:
    world.fill()
    world.end()
    before = world.passages
    assert any("s1-1" in passage.message_ids for passage in before.values())
    match change:
        case "retract":
            world.engine.retracting.retract(ANA, "s1-1")
        case "amend":
            world.engine.retracting.amend(ANA, "s1-1", "We rowed a little boat on the lake instead.")
        case _:
            world.forget("s1-1")
    assert not any("s1-1" in passage.message_ids for passage in world.passages.values())
    assert {one.level for one in world.passages.values()} == {0, SESSION, THEME}, "a theme stays, the root goes"
    assert world.entries.keys() == world.passages.keys()
    world.drain()
    assert world.is_whole()
    lost = {"s1", "s3"} if change == "forget" else {"s1"}  # the same was said in another session, and is forgotten too
    kept = {name for name, one in before.items() if one.session not in (None, *lost)}
    assert kept <= world.passages.keys()
    assert (change == "amend") == any("s1-1" in passage.message_ids for passage in world.passages.values())


def test_a_text_that_comes_back_comes_into_the_summaries(world: World) -> None:
    world.fill()
    world.end()
    before = (world.passages, world.entries)
    with world.store.begin() as unit:
        unit.turns.replace(ANA, "s1-1", None, version=1, now=NOON)
        rewording.swap(unit, ANA, version=1, by=2, now=NOON)
    assert not any("s1-1" in passage.message_ids for passage in world.passages.values())
    world.drain()
    assert (world.passages, world.entries) == before


def test_a_person_who_is_forgotten_leaves_no_summary(world: World) -> None:
    world.fill()
    world.end()
    world.engine.forgetting.forget(ANA, Wish())
    assert world.passages == {}
    assert world.entries == {}
    world.end()
    assert world.passages == {}


def test_vectors_that_are_lost_are_made_again_without_a_new_summary(world: World) -> None:
    world.fill()
    world.end()
    before = (world.passages, world.entries)
    with world.store.begin() as unit:
        (world.shelf or unit.vectors).clear(ANA)
        unit.jobs.enqueue(ANA, "summarise", NOON)
    world.drain()
    assert (world.passages, world.entries) == before


WORDS = ["quartz", "lantern", "violin", "harbour", "mustard", "comet", "tomato", "anchor", "saddle", "pebble"]
talks = st.lists(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=3, max_size=6), min_size=1, max_size=6), min_size=1, max_size=5
)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(talk=talks, data=st.data())
def test_after_forgetting_a_message_no_passage_holds_its_words(
    new_world: Callable[..., World], talk: list[list[list[str]]], data: st.DataObject
) -> None:
    world = new_world()
    for number, texts in enumerate(talk):
        said = [f"It is {' and '.join(words)} number{number}x{place}." for place, words in enumerate(texts)]
        world.say(f"s{number}", *said, drain=False)
    world.end()
    assert world.is_whole()
    session = data.draw(st.integers(0, len(talk) - 1))
    place = data.draw(st.integers(0, len(talk[session]) - 1))
    assert f"s{session}-{place}" in world.text
    world.forget(f"s{session}-{place}")
    for _ in range(2):
        assert f"number{session}x{place}" not in world.text
        assert f"s{session}-{place}" not in world.text
        assert world.entries.keys() == world.passages.keys()
        world.drain()
    assert world.is_whole()


@pytest.mark.parametrize("has_server", [False, True], ids=["rows", "server"])
def test_a_process_that_dies_at_any_write_leaves_what_the_next_one_finishes(
    new_world: Callable[..., World], dying: Callable[..., Failing], has_server: bool
) -> None:
    def run(dies_at: int) -> tuple[object, bool]:
        world = new_world(has_server=has_server)
        world.fill(2, drain=False)
        world.engine.end_session(ANA)
        store = dying(world.store, dies_at)
        with suppress(StoreBusy):
            Runner(world.open(store), lease_s=0.01).drain()
        world.clock.advance(timedelta(minutes=10))
        world.drain()
        assert world.is_whole()
        return (world.passages, world.entries), store.left <= 0

    whole, _ = run(-1)
    dies_at, has_died = 0, True
    while has_died:
        dies_at += 1
        state, has_died = run(dies_at)
        assert state == whole, dies_at
    assert dies_at > 10, "jobs that are leased and done, turns that are indexed, two sessions, and what is above them"


def test_whoever_was_overtaken_by_an_erasure_stores_nothing(world: World) -> None:
    world.fill(2, drain=False)
    world.engine.end_session(ANA)
    job = world.leased()
    world.embedder.meanwhile = lambda: world.forget("s0-1")
    with pytest.raises(FenceLost):
        world.engine.run(job, last_try=False)
    assert world.passages == {}
    assert world.entries == {}
    world.clock.advance(timedelta(minutes=10))
    world.drain()
    assert world.is_whole()
    assert "planted basil" not in world.text


def test_turns_that_change_while_they_are_summarised_are_read_again(world: World) -> None:
    world.fill(2, drain=False)
    world.engine.end_session(ANA)
    job = world.leased()
    world.embedder.meanwhile = lambda: world.engine.retracting.retract(ANA, "s0-1")
    world.engine.run(job, last_try=False)
    assert world.is_whole()
    assert "planted basil" not in world.text


def test_a_process_that_is_to_end_leaves_the_rest_to_another(world: World) -> None:
    world.fill(3, drain=False)
    world.engine.end_session(ANA)
    job = world.leased()
    world.engine.run(job, last_try=False, is_stopping=lambda: True)
    assert {passage.session for passage in world.passages.values()} == {"s0"}, "each attempt gets one session further"
    with world.store.begin() as unit:
        unit.jobs.finish(job)
    world.drain()
    assert world.is_whole()
