"""What is to be heard of a person, still or again: windows of their turns, and what a listener is shown with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.planning import plan_windows
from treering.memory.ports import CountsTurns
from treering.memory.rewording import says_still

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.memory.operations import Forest
    from treering.memory.ports import Listener, Store, UnitOfWork
    from treering.schemas.dialogue import Scope, Turn
    from treering.schemas.jobs import Job
    from treering.schemas.listening import Window
    from treering.schemas.operations import Head

TURNS_A_READ = 128
"""Turns that are planned at once, so that a long backlog never sits in memory."""

ADMISSION_TURNS = 24
"""Turns before a window, at most, by which admission judges what is said in it: a game or a story lasts as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a listener is shown."""

    window: Window
    head: Head
    forest: Forest


def next_windows(store: Store, scope: Scope, listener: Listener) -> Sequence[Window]:
    """The complete windows of the turns that were not heard yet, or of as many of these as are planned at once."""
    wanted = listener.context_turns
    with store.begin(write=False) as unit:
        heard = unit.ledger.head(scope).heard_seq
        turns = unit.turns.turns(scope, after=heard, limit=TURNS_A_READ)
        if not turns:
            return ()
        context = unit.turns.turns(scope, after=max(0, heard - wanted), through=heard)
        # where more turns may follow, the last window is not the last of its session, ended or not
        is_all = len(turns) < TURNS_A_READ
        ended = {session.id for session in unit.turns.sessions(scope) if session.ended} if is_all else set()
        owner = owner_of(unit, scope, turns)
    return plan_windows(
        turns,
        window_turns=listener.window_turns,
        context=context,
        context_turns=wanted,
        ended=ended,
        owner=owner,
        counter=listener if isinstance(listener, CountsTurns) else None,
    )


def windows_again(store: Store, job: Job, listener: Listener) -> Sequence[Window]:
    """The window that a job names: one that was parked, or a turn that says something else by now and still does."""
    first, last = int(job.payload["first"]), int(job.payload["last"])
    revision = int(job.payload.get("revision", 0))
    wanted = listener.context_turns
    with store.begin(write=False) as unit:
        found = unit.turns.turns(job.scope, after=max(0, first - 1 - wanted), through=last)
        turns = [turn for turn in found if turn.seq >= first]
        windows = plan_windows(
            turns,
            window_turns=max(1, len(turns)),
            context=[turn for turn in found if turn.seq < first],
            context_turns=wanted,
            flush=True,
            owner=owner_of(unit, job.scope, found),
        )
        if not revision:
            return windows
        anew = [window.model_copy(update={"revision": revision}) for window in windows]
        return [window for window in anew if _is_to_hear(unit, job.scope, window)]


def with_earlier(store: Store, scope: Scope, window: Window) -> Window:
    """The window with more of what was said before it: a part that is played goes on for many turns."""
    with store.begin(write=False) as unit:
        earlier = turns_before(unit, scope, window.turns[0].seq, window.session)
    return window.model_copy(update={"context": earlier})


def look(store: Store, scope: Scope, window: Window) -> Seen:
    """A window with the tree as it stands."""
    with store.begin(write=False) as unit:
        return Seen(window=window, head=unit.ledger.head(scope), forest=unit.ledger.trees(scope))


def is_whole(unit: UnitOfWork, scope: Scope, seen: Seen) -> bool:
    """True while every turn and claim that a listener was shown is as it was: what it says may repeat them."""
    planned = (*seen.window.context, *seen.window.turns)
    if tuple(unit.turns.get(scope, [turn.message_id for turn in planned]).values()) != planned:
        return False
    live = unit.ledger.trees(scope)
    return all(
        subject in live and tree.claims.keys() <= live[subject].claims.keys() for subject, tree in seen.forest.items()
    )


def turns_before(unit: UnitOfWork, scope: Scope, first: int, session: str) -> tuple[Turn, ...]:
    """What admission is shown of a session before the window that begins with turn `first`."""
    after = max(0, first - 1 - ADMISSION_TURNS)
    return tuple(unit.turns.turns(scope, after=after, through=first - 1, session=session))


def owner_of(unit: UnitOfWork, scope: Scope, turns: Sequence[Turn]) -> str | None:
    """The speaker who is the user, read only where a speaker is named."""
    is_named = any(turn.role == "user" and turn.speaker is not None for turn in turns)
    return unit.turns.owner(scope) if is_named else None


def batch_id(window: Window) -> str:
    """What a window is committed under, once."""
    return f"hear:{window.id}"


def _is_to_hear(unit: UnitOfWork, scope: Scope, window: Window) -> bool:
    """Whether the turn of a revised window still says so, and was not heard saying it before."""
    says_it = all(says_still(unit, scope, turn, window.revision) for turn in window.turns)
    return says_it and not unit.ledger.knows(scope, batch_id(window))
