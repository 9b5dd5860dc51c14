"""Cuts the stream of turns into windows. Bounds come from the turn sequence alone, so any worker cuts alike."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from treering.schemas.listening import Window

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from treering.schemas.dialogue import Turn


def plan_windows(
    turns: Sequence[Turn],
    *,
    window_turns: int,
    context: Sequence[Turn] = (),
    context_turns: int = 0,
    ended: Container[str] = (),
    flush: bool = False,
    owner: str | None = None,
) -> list[Window]:
    """Windows over turns that were not listened to yet, in order.

    A window is at most `window_turns` consecutive turns of one session. The last one waits until it is full, unless
    its session has ended or `flush` is given.

    Args:
        turns: Turns not listened to yet, by seq without gaps.
        window_turns: Turns a window.
        context: Turns just before the first of `turns`.
        context_turns: How many turns before a window it sees, as far as they are of its session.
        ended: Sessions that expect no more turns.
        flush: Do not wait for anything.
        owner: The speaker who is the user, where speakers have names.
    """
    windows: list[Window] = []
    seen = list(context[-context_turns:]) if context_turns else []
    for chunk, is_last in _chunks(turns, window_turns):
        session = chunk[0].session
        if is_last and len(chunk) < window_turns and not flush and session not in ended:
            break
        before = tuple(turn for turn in seen if turn.session == session)
        windows.append(Window(session=session, turns=tuple(chunk), context=before, owner=owner))
        seen = [*seen, *chunk][-context_turns:] if context_turns else []
    return windows


def _chunks(turns: Sequence[Turn], size: int) -> Iterator[tuple[list[Turn], bool]]:
    chunks = [
        run[start : start + size]
        for run in (list(group) for _, group in groupby(turns, key=lambda turn: turn.session))
        for start in range(0, len(run), size)
    ]
    for number, chunk in enumerate(chunks, start=1):
        yield chunk, number == len(chunks)
