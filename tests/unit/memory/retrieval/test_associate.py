"""The walk over entities, against a matrix of every step, and its laws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval import associate
from treering.memory.retrieval.associate import FEW_TURNS, NOTHING, EntityGraph, Mention, columns

Said = Sequence[frozenset[int]]

SAID = st.lists(st.frozensets(st.integers(0, 9), max_size=4), max_size=9)
FOUND = st.dictionaries(st.integers(0, 10).map("m{}".format), st.floats(0.01, 5), max_size=4)
ASKED = st.frozensets(st.integers(0, 11), max_size=3)


def mentions(said: Said) -> list[Mention]:
    return [Mention(message_id=f"m{at}", seq=at + 1, entities=dict.fromkeys(has, 1)) for at, has in enumerate(said)]


def graph(*said: set[int] | frozenset[int]) -> EntityGraph:
    return EntityGraph(columns(mentions([frozenset(one) for one in said])))


def by_the_book(said: Said, found: Mapping[str, float], asked: frozenset[int]) -> dict[str, float]:
    """The same walk as one matrix over turns and entities, without limits."""
    of = {entity: [at for at, has in enumerate(said) if entity in has] for entity in set(chain(*said))}
    of = {entity: turns for entity, turns in of.items() if 1 < len(turns) <= FEW_TURNS}
    nodes: list[object] = [*range(len(said)), *(("entity", entity) for entity in of)]
    place = {node: number for number, node in enumerate(nodes)}
    worth = {entity: np.log1p(len(said) / len(turns)) for entity, turns in of.items()}
    step = np.zeros((len(nodes), len(nodes)))
    for entity, turns in of.items():
        for at in turns:
            step[at, place["entity", entity]] = 1 / len(turns)
            step[place["entity", entity], at] = worth[entity] / sum(worth[one] for one in said[at] if one in of)
    start = np.zeros(len(nodes))
    begun = {at: weight for at in range(len(said)) if (weight := found.get(f"m{at}", 0)) and set(of) & said[at]}
    known = {entity: worth[entity] for entity in asked if entity in of}
    share = (associate.QUESTION_SHARE if begun else 1.0) if known else 0.0
    for at, weight in begun.items():
        start[at] = (1 - share) * weight / sum(begun.values())
    for entity, weight in known.items():
        start[place["entity", entity]] = share * weight / sum(known.values())
    walk = start
    for _ in range(associate.STEPS):
        walk = (1 - associate.RESTART) * step @ walk + associate.RESTART * start
    scores = {at: (step @ walk)[at] / np.sqrt(len(set(of) & said[at]) or 1) for at in range(len(said))}
    best = max(scores.values(), default=0)
    return {f"m{at}": score / best for at, score in scores.items() if score > 0}


@given(SAID, FOUND, ASKED)
def test_a_walk_is_pagerank_by_the_book(said: Said, found: dict[str, float], asked: frozenset[int]) -> None:
    reached = EntityGraph(columns(mentions(said))).associated(found, asked, limit=20)
    expected = by_the_book(said, found, asked)
    assert dict(reached) == pytest.approx(expected)
    assert [score for _, score in reached] == sorted(dict(reached).values(), reverse=True)


@given(SAID, FOUND, ASKED, st.randoms(use_true_random=False), st.integers(0, 9))
def test_scores_are_the_same_to_the_last_bit_however_a_graph_came_about(
    said: Said, found: dict[str, float], asked: frozenset[int], order: Random, cut: int
) -> None:
    turns = mentions(said)
    expected = EntityGraph(columns(turns)).associated(found, asked, limit=20)
    order.shuffle(turns)
    grown = EntityGraph(EntityGraph(columns(turns[:cut])).mentioned.with_(columns(turns[cut:])))
    anew = dict(reversed(found.items()))
    assert grown.associated(anew, sorted(asked, reverse=True), limit=20) == expected


@given(SAID, FOUND, ASKED, st.integers(0, 5))
def test_a_limit_keeps_the_best(said: Said, found: dict[str, float], asked: frozenset[int], limit: int) -> None:
    one = EntityGraph(columns(mentions(said)))
    assert one.associated(found, asked, limit=limit) == one.associated(found, asked, limit=20)[:limit]


def test_a_second_hop_reaches_what_shares_nothing_with_the_question() -> None:
    reached = dict(graph({1}, {1, 2}, {2}, {3}, {3}).associated({}, [1], limit=9))
    assert reached["m2"] < min(reached["m0"], reached["m1"])
    assert set(reached) == {"m0", "m1", "m2"}


def test_what_was_found_gets_nothing_for_that() -> None:
    assert graph({1}, {2}).associated({"m0": 1.0}, [], limit=9) == ()


def test_what_many_turns_mention_links_nothing() -> None:
    few, many = [{1}] * FEW_TURNS, [{1}] * (FEW_TURNS + 1)
    assert len(graph(*few).associated({"m0": 1.0}, [], limit=99)) == FEW_TURNS
    assert graph(*many).associated({"m0": 1.0}, [], limit=99) == ()
    others = [{at} for at in range(2, 2000)]
    assert len(graph(*many, *others).associated({"m0": 1.0}, [], limit=99)) == FEW_TURNS + 1


def test_a_turn_that_mentions_much_is_held_back() -> None:
    reached = dict(graph({1}, {1}, {1, 2, 3}, {2, 3}).associated({"m0": 1.0}, [], limit=9))
    assert reached["m2"] < reached["m1"]


def test_equal_turns_come_in_the_order_in_which_they_were_said() -> None:
    reached = graph({1}, {1}, {1}).associated({}, [1], limit=9)
    assert reached == (("m0", 1.0), ("m1", 1.0), ("m2", 1.0))


def test_nothing_leads_nowhere() -> None:
    assert EntityGraph(NOTHING).associated({"m0": 1.0}, [1], limit=9) == ()
    assert graph({1}, {1}).associated({}, [], limit=9) == ()
    assert graph({1}, {1}).associated({"unknown": 1.0}, [2], limit=9) == ()


def test_turns_are_told_by_what_they_mention_also_by_what_links_nothing() -> None:
    one = graph({1, 2}, set(), {2, 2**32 - 1}, {2})
    assert one.mentioned_of([2, 5, 2**32 - 1]) == {2, 2**32 - 1}
    assert one.turns_of([1, 2**32 - 1]) == {"m0", "m2"}
    assert one.turns_of([2]) == {"m0", "m2", "m3"}
    assert graph(*[{1}] * 9).turns_of([1]) == {f"m{at}" for at in range(9)}
    assert not one.turns_of([]) | one.turns_of([5])
    assert not one.mentioned_of([]) | EntityGraph().mentioned_of([1])


def test_the_size_grows_with_the_turns() -> None:
    assert graph({1}, {1}).nbytes < graph({1}, {1}, {1, 2}).nbytes


def test_of_many_turns_the_best_come_however_many_are_asked_for() -> None:
    one = graph(*({at // 2} for at in range(800)))
    weights = Random(0).sample(range(1, 401), 400)
    found = {f"m{2 * at}": float(weight) for at, weight in enumerate(weights)}
    everyone = one.associated(found, [], limit=999)
    assert len(everyone) == 800
    for limit in (0, 1, 2, 5, 50, 399, 400, 799, 800, 801):
        assert one.associated(found, [], limit=limit) == everyone[:limit]


def test_many_equal_turns_come_in_the_order_in_which_they_were_said() -> None:
    one = graph(*({at // 2} for at in range(200)))
    assert one.associated({}, range(100), limit=200) == tuple((f"m{at}", 1.0) for at in range(200))
