"""Fills a store for `treering serve --demo`: the demo's story in its own time, and something for each view."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING

from treering.cli.play import BETWEEN_TURNS
from treering.cli.story import load_more, load_story
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from treering.cli.story import Story, StorySession
    from treering.client.memory import Memory
    from treering.testing import ManualClock

CONSENT = "finances.income=ask"
"""What the demo's server keeps only after a person was asked, so that something waits for a yes."""

_VOUCHED_FOR = "health.allergies"


def is_seeded(memory: Memory) -> bool:
    """Whether the people of the demo are there already.

    Raises:
        InvalidInput: Others are: the demo's people have no business among them.
    """
    there = set(memory.people())
    ours = {story.user for story in _stories()}
    if there - ours:
        raise InvalidInput("--home", "holds memories of others, and --demo would put its people among them")
    return there == ours


def steps() -> int:
    """How many turns are said."""
    return sum(len(session.turns) for story in _stories() for session in story.sessions)


def seed(memory: Memory, clock: ManualClock, on_step: Callable[[], None]) -> None:
    """Play everything. What stops it midway may be followed by another try: turns have ids.

    Args:
        memory: Empty, or seeded in part.
        clock: That of the memory; it is set to the moment of each turn.
        on_step: Told of each turn.
    """
    told = load_story()
    played = [
        (session.at, partial(_say, story, session, on_step)) for story in _stories() for session in story.sessions
    ]
    played.append((told.ends_at, partial(_put_right, told)))
    for at, play in sorted(played, key=itemgetter(0)):
        clock.set(at)
        play(memory, clock)


def _stories() -> Iterator[Story]:
    yield load_story()
    yield from load_more()


def _say(story: Story, session: StorySession, on_step: Callable[[], None], memory: Memory, clock: ManualClock) -> None:
    for place, turn in enumerate(session.turns):
        for role, text in turn.items():
            at = clock.set(session.at + place * BETWEEN_TURNS)
            message = {"role": role, "content": text, "id": f"{session.id}-{place}", "at": at}
            memory.remember(story.user, message, session=session.id)
        if "user" in turn:
            memory.flush(story.user)
        on_step()
    clock.set(session.at + len(session.turns) * BETWEEN_TURNS)
    memory.end_session(story.user, session.id)
    memory.flush(story.user)


def _put_right(story: Story, memory: Memory, clock: ManualClock) -> None:
    """Erase what the person asked to have forgotten, and vouch for what must not be wrong."""
    for held in memory.quarantine(story.user):
        memory.release(story.user, held.id)
    for claim in memory.tree(story.user).claims:
        if claim.path == _VOUCHED_FOR:
            clock.advance(timedelta(minutes=1))
            memory.confirm(story.user, claim.id, why="asked at the school's canteen")
    memory.flush(story.user)
