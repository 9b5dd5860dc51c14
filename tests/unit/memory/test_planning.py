"""Windows: their bounds come from the turn sequence alone."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from treering.memory.planning import plan_windows
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Window

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def turns(sessions: str, first: int = 1) -> list[Turn]:
    """One turn a letter, the letter being its session."""
    return [
        Turn(message_id=f"m{seq}", session=session, index=seq, seq=seq, role="user", content="x", at=NOON)
        for seq, session in enumerate(sessions, start=first)
    ]


def shape(windows: list) -> list[str]:
    return ["".join(turn.session for turn in window.turns) for window in windows]


def test_a_full_window_closes_and_the_rest_waits() -> None:
    assert shape(plan_windows(turns("aaaaa"), window_turns=2)) == ["aa", "aa"]


def test_the_rest_is_heard_when_its_session_has_ended() -> None:
    assert shape(plan_windows(turns("aaaaa"), window_turns=2, ended={"a"})) == ["aa", "aa", "a"]


def test_the_rest_is_heard_when_asked_for() -> None:
    assert shape(plan_windows(turns("aaa"), window_turns=2, flush=True)) == ["aa", "a"]


def test_another_session_closes_a_window() -> None:
    assert shape(plan_windows(turns("aaabba"), window_turns=2)) == ["aa", "a", "bb"]


def test_a_window_sees_the_turns_before_it_in_its_session_only() -> None:
    windows = plan_windows(turns("baa", first=4), window_turns=1, context=turns("bab"), context_turns=2)
    assert [[turn.seq for turn in window.context] for window in windows] == [[3], [], [5]]


def test_without_a_wish_for_context_there_is_none() -> None:
    windows = plan_windows(turns("aa", first=2), window_turns=1, context=turns("a"), context_turns=0)
    assert all(window.context == () for window in windows)
    assert all(window.context == () for window in plan_windows(turns("aaa"), window_turns=1))


@given(st.text("ab", max_size=30), st.integers(1, 5), st.data())
def test_windows_are_the_same_however_the_stream_is_read(sessions: str, size: int, data: st.DataObject) -> None:
    everything = turns(sessions)
    cut = data.draw(st.integers(0, len(everything)))
    first = plan_windows(everything[:cut], window_turns=size)
    heard = first[-1].turns[-1].seq if first else 0
    rest = plan_windows(everything[heard:], window_turns=size, context=everything[:heard], context_turns=2)
    at_once = plan_windows(everything, window_turns=size, context_turns=2)
    assert [window.id for window in (*first, *rest)] == [window.id for window in at_once]
    assert rest == at_once[len(first) :]


@given(st.text("abc", max_size=30), st.integers(1, 5))
def test_a_flush_hears_every_turn_once_in_order(sessions: str, size: int) -> None:
    windows = plan_windows(turns(sessions), window_turns=size, flush=True)
    assert [turn.seq for window in windows for turn in window.turns] == list(range(1, len(sessions) + 1))
    assert all(len(window.turns) <= size for window in windows)


def test_every_window_says_who_the_user_is() -> None:
    assert {window.owner for window in plan_windows(turns("aab"), window_turns=1, owner="Ana")} == {"Ana"}


class Letters:
    """A turn costs as many tokens as its text has letters."""

    def __init__(self, window_tokens: int) -> None:
        self.window_tokens = window_tokens

    def turn_tokens(self, turn: Turn) -> int:
        return len(turn.content)


def talk(*lengths: int, first: int = 1) -> list[Turn]:
    found = turns("a" * len(lengths), first)
    return [turn.model_copy(update={"content": "x" * size}) for turn, size in zip(found, lengths, strict=True)]


def sizes(windows: list[Window]) -> list[list[int]]:
    return [[len(turn.content) for turn in window.turns] for window in windows]


def test_a_window_closes_before_it_has_too_many_tokens() -> None:
    planned = plan_windows(talk(4, 4, 4, 1, 1, 1), window_turns=3, counter=Letters(10), flush=True)
    assert sizes(planned) == [[4, 4], [4, 1, 1], [1]]
    assert sizes(plan_windows(talk(10, 5, 5), window_turns=3, counter=Letters(10), flush=True)) == [[10], [5, 5]]


def test_a_turn_that_alone_has_too_many_tokens_is_a_window_of_its_own() -> None:
    assert sizes(plan_windows(talk(2, 50, 2), window_turns=6, counter=Letters(10), flush=True)) == [[2], [50], [2]]


def test_a_window_that_has_all_its_tokens_does_not_wait() -> None:
    assert sizes(plan_windows(talk(5, 5), window_turns=6, counter=Letters(10))) == [[5, 5]]
    assert sizes(plan_windows(talk(5, 4), window_turns=6, counter=Letters(10))) == []


@given(st.lists(st.integers(1, 12), max_size=20), st.data())
def test_windows_by_tokens_are_the_same_however_the_stream_is_read(lengths: list[int], data: st.DataObject) -> None:
    everything, counter = talk(*lengths), Letters(10)
    cut = data.draw(st.integers(0, len(everything)))
    first = plan_windows(everything[:cut], window_turns=4, counter=counter)
    heard = first[-1].turns[-1].seq if first else 0
    rest = plan_windows(everything[heard:], window_turns=4, counter=counter)
    at_once = plan_windows(everything, window_turns=4, counter=counter)
    assert [window.id for window in (*first, *rest)] == [window.id for window in at_once]
    assert all(sum(size) <= 10 or len(size) == 1 for size in sizes(at_once))
