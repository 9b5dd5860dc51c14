"""Shuffled options are the same options, and what is right moves with them; who is asked the same sees the same."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from treering.bench.choice.shuffling import option_order, shuffled
from treering.bench.gold.choices import RightChoice
from treering.bench.gold.shuffling import shuffled_key
from treering.bench.quartet.dial import LEVELS
from treering.bench.quartet.making import make
from treering.bench.samples import Conversation, Question

OPTIONS = st.lists(st.text(max_size=3), min_size=2, max_size=6, unique=True).map(tuple)


def asked(*options: str, person: str = "ada") -> Conversation:
    question = Question(id="q", text="Which?", options=options, at=datetime(2024, 3, 1, tzinfo=UTC))
    return Conversation(id=person, steps=(question,))


def options(conversation: Conversation) -> tuple[str, ...]:
    [question] = [step for step in conversation.steps if isinstance(step, Question)]
    return question.options


@given(before=OPTIONS, seed=st.integers(), right=st.integers(0, 5), stale=st.integers(0, 5))
def test_what_is_right_stale_or_abstains_is_so_in_the_new_order(
    before: tuple[str, ...], seed: int, right: int, stale: int
) -> None:
    right, stale = right % len(before), stale % len(before)
    key = {("ada", "q"): RightChoice(option=right, type="t", abstain=stale, stale=frozenset({stale}))}
    after = options(shuffled(asked(*before), seed))
    moved = shuffled_key(key, [asked(*before)], seed)["ada", "q"]
    assert isinstance(moved, RightChoice)
    assert sorted(after) == sorted(before)
    assert moved.abstain is not None
    assert (after[moved.option], after[moved.abstain]) == (before[right], before[stale])
    assert {after[place] for place in moved.stale} == {before[stale]}


@given(seed=st.integers())
def test_an_order_hangs_on_the_words_alone_and_another_seed_gives_another(seed: int) -> None:
    mine, theirs = (options(shuffled(asked(*"abcdefgh", person=one), seed)) for one in ("ada", "bo"))
    assert mine == theirs != options(shuffled(asked(*"abcdefgh"), seed + 1))


def test_each_place_is_the_first_about_equally_often() -> None:
    firsts = [option_order(f"question {number}", "abcd", seed=1)[0] for number in range(400)]
    assert all(70 <= firsts.count(place) <= 130 for place in range(4))


def test_quartet_puts_its_options_in_an_order_of_its_seed_that_favours_no_place() -> None:
    gold = make(LEVELS["medium"]).gold
    rights = [one.right for one in gold]
    assert {rights.count(place) for place in range(4)} == {len(rights) // 4}
    assert len({one.abstain for one in gold} - {None}) > 1, "who always takes one place would always abstain"
