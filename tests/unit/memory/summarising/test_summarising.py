"""What the summarise job makes of sessions, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from treering.errors import ModelReplyUnreadable, ModelUnavailable
from treering.memory.models.tokens import RegexTokenCounter
from treering.memory.summaries.building import ROOT, SESSION, THEME, TOKENS
from treering.memory.summaries.themes import FIRST
from treering.schemas.dialogue import Message, Scope

if TYPE_CHECKING:
    from tests.unit.memory.summarising.conftest import World

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
ANA = Scope(user="ana")


def test_sessions_that_ended_have_episodes_a_summary_a_theme_and_a_root(world: World) -> None:
    world.fill(FIRST + 1)
    assert len(world.level(SESSION)) == FIRST, "the last one goes on"
    world.end()
    assert world.is_whole()
    assert [one.session for one in world.level(SESSION)] == [f"s{number}" for number in range(FIRST + 1)]
    [garden, boats] = world.level(THEME)
    by_id = world.passages
    assert [by_id[part].session for part in garden.parts] == ["s0", "s2", "s4"]
    assert [by_id[part].session for part in boats.parts] == ["s1", "s3"]
    [root] = world.level(ROOT)
    assert root.parts == (garden.id, boats.id)
    assert (root.at, root.until) == (NOON, world.level(SESSION)[-1].until)


def test_a_summary_tells_what_was_said_by_whom_and_when(world: World) -> None:
    world.say("s", *world.garden, "Shall we?", "Wow, thanks!")
    world.end()
    [session] = world.level(SESSION)
    assert set(session.text.splitlines()) <= {f"Ana: {text}" for text in world.garden}
    assert len(session.text.splitlines()) > 1
    assert session.speakers == ("Ana",)
    [yesterday] = [date for date in session.dates if date.text == "yesterday"]
    assert (yesterday.begin, yesterday.end) == (NOON.replace(hour=0) - timedelta(days=1), NOON.replace(hour=0))
    [theme] = world.level(THEME)
    assert all(line.startswith("2024-03-01: Ana: ") for line in theme.text.splitlines())
    count = RegexTokenCounter().count
    assert all(count(passage.text) <= TOKENS[passage.level] + 8 for passage in world.passages.values())


def test_the_same_turns_give_the_same_tree_whenever_the_job_runs(new_world: Callable[..., World]) -> None:
    trees = []
    for drains in ([True] * 6, [False] * 6, [False, True, False, False, True, True]):
        world = new_world()
        for number, drain in enumerate(drains):
            world.say(f"s{number}", *(world.boats if number % 3 else world.garden), drain=drain)
        world.say("s1", "And one more thing about the sailing boat.", first=4, drain=drains[0])  # it had ended
        world.end()
        assert world.is_whole()
        trees.append((world.passages, world.entries))
    assert trees[0] == trees[1] == trees[2]


def test_doing_it_again_changes_nothing_and_embeds_nothing(world: World) -> None:
    world.fill()
    world.end()
    before = (world.passages, world.entries)
    world.embedder.asked.clear()
    with world.store.begin() as unit:
        unit.jobs.enqueue(ANA, "summarise", NOON)
    world.drain()
    assert (world.passages, world.entries) == before
    assert world.embedder.texts == []


def test_a_new_session_makes_anew_only_what_is_above_it(world: World) -> None:
    world.fill(6)
    world.end()
    before = world.passages
    world.say("s6", *world.boats, "The harbour was full.")
    world.end()
    after = world.passages
    gone = [before[name].level for name in before.keys() - after.keys()]
    new = [after[name].level for name in after.keys() - before.keys()]
    assert sorted(gone) == [THEME, ROOT]
    assert sorted(new) == [0, SESSION, THEME, ROOT]


def test_a_session_that_goes_on_is_told_anew_when_it_ends_again(world: World) -> None:
    world.fill(3)
    world.end()
    world.say("s1", "One more thing about the boat: it has a new anchor.", first=5)
    assert [one.session for one in world.level(SESSION)] == ["s0", "s2"]
    assert not any(one.session == "s1" for one in world.passages.values())
    world.end()
    assert world.is_whole()
    assert len(world.level(SESSION)[1].message_ids) == len(world.boats) + 2


def test_a_chat_model_writes_once_a_session(new_world: Callable[..., World]) -> None:
    world = new_world("Ana grows tomatoes. She planted basil.", "Ana sails.")
    world.say("s0", *world.garden)
    world.say("s1", *world.boats)
    world.end()
    assert [one.text for one in world.level(SESSION)] == ["Ana grows tomatoes.\nShe planted basil.", "Ana sails."]
    assert "2024-03-01: Ana grows tomatoes." in world.level(THEME)[0].text
    assert world.asked == [[f"s{session}-{place}" for place in range(4)] for session in range(2)]
    assert world.is_whole()


def test_what_a_model_writes_at_length_is_cut(new_world: Callable[..., World]) -> None:
    world = new_world("Tomatoes and basil " * 200)
    world.say("s0", *world.garden)
    world.end()
    [session] = world.level(SESSION)
    assert 0 < RegexTokenCounter().count(session.text) <= 2 * TOKENS[SESSION]


@pytest.mark.parametrize(
    ("error", "asked"),
    [(ModelReplyUnreadable("m", "Sorry!", "it holds no summary"), 2), (ModelUnavailable("m", "it is down"), 1)],
)
def test_a_model_that_fails_loses_nothing(
    new_world: Callable[..., World], error: Exception, asked: int, caplog: pytest.LogCaptureFixture
) -> None:
    world = new_world(error, "Ana sails.")
    world.say("s0", *world.garden, drain=False)
    world.say("s1", *world.boats, drain=False)
    world.end()
    assert world.is_whole()
    assert world.level(SESSION)[0].text.startswith("Ana: ")
    assert len(world.asked) == asked, "nobody waits again for a model that does not answer"
    assert "extract" in caplog.text
    assert "tomato" not in caplog.text
    assert "Sorry" not in caplog.text


def test_turns_of_tools_and_of_nobody_are_left_out(world: World) -> None:
    messages = [Message(content=text, role="tool") for text in world.garden]
    world.engine.remember(ANA, messages, "s0")
    world.end()
    assert world.passages == {}
