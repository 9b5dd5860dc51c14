"""Cuts the stream of turns into windows. Bounds come from the turn sequence alone, so any worker cuts alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.schemas.listening import Window

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from treering.memory.ports import CountsTurns
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
    counter: CountsTurns | None = None,
) -> list[Window]:
    """Windows over turns that were not listened to yet, in order.

    A window is at most `window_turns` consecutive turns of one session, and at most the tokens that `counter` allows,
    but for a single turn that has more. The last one waits until it is full, unless its session has ended or `flush`
    is given.

    Args:
        turns: Turns not listened to yet, by seq without gaps.
        window_turns: Turns a window.
        context: Turns just before the first of `turns`.
        context_turns: How many turns before a window it sees, as far as they are of its session.
        ended: Sessions that expect no more turns.
        flush: Do not wait for anything.
        owner: The speaker who is the user, where speakers have names.
        counter: Counts the tokens of turns; none: windows are bounded by their turns alone.
    """
    windows: list[Window] = []
    seen = list(context[-context_turns:]) if context_turns else []
    for chunk, is_full in _chunks(turns, window_turns, counter):
        session = chunk[0].session
        if not is_full and not flush and session not in ended:
            break
        before = tuple(turn for turn in seen if turn.session == session)
        windows.append(Window(session=session, turns=tuple(chunk), context=before, owner=owner))
        seen = [*seen, *chunk][-context_turns:] if context_turns else []
    return windows


def _chunks(turns: Sequence[Turn], window_turns: int, counter: CountsTurns | None) -> Iterator[tuple[list[Turn], bool]]:
    """Turns of a window, and whether no turn that may follow would belong to it too."""
    chunk: list[Turn] = []
    tokens = 0
    for turn in turns:
        more = counter.turn_tokens(turn) if counter else 0
        is_beyond = counter is not None and tokens + more > counter.window_tokens
        if chunk and (turn.session != chunk[0].session or len(chunk) == window_turns or is_beyond):
            yield chunk, True
            chunk, tokens = [], 0
        chunk.append(turn)
        tokens += more
    if chunk:
        yield chunk, len(chunk) == window_turns or (counter is not None and tokens >= counter.window_tokens)
