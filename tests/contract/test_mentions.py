"""The contract of Mentions."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treering.memory.ports import Mention, Store
from treering.memory.ports.erasure import Vanished
from treering.memory.retrieval.associate import EntityGraph, columns
from treering.schemas.dialogue import Scope

Put = Callable[..., None]
Known = Callable[..., list[tuple[str, int, list[int]]]]


def mention(seq: int, *entities: int, name: str | None = None) -> Mention:
    return Mention(message_id=name or f"m{seq}", seq=seq, entities=dict.fromkeys(entities, 1))


def edges(graph: EntityGraph) -> list[tuple[str, int, list[int]]]:
    """Everything that a graph knows."""
    entities = iter(graph.mentioned.entities.tolist())
    rows = zip(graph.mentioned.ids, graph.mentioned.seqs.tolist(), graph.mentioned.sizes.tolist(), strict=True)
    return [(name, seq, [next(entities) for _ in range(size)]) for name, seq, size in rows]


@pytest.fixture
def put(store: Store, ana: Scope) -> Put:
    def run(*mentions: Mention, scope: Scope = ana) -> None:
        with store.begin() as unit:
            unit.mentions.put(scope, mentions)

    return run


@pytest.fixture
def known(store: Store, ana: Scope) -> Known:
    def run(scope: Scope = ana) -> list[tuple[str, int, list[int]]]:
        with store.begin(write=False) as unit:
            return edges(unit.mentions.graph(scope))

    return run


def test_a_graph_shows_what_turns_mention_in_the_order_of_turns(put: Put, known: Known) -> None:
    put(mention(2, 9, 2**32 - 1), mention(1, 7))
    assert known() == [("m1", 1, [7]), ("m2", 2, [9, 2**32 - 1])]


def test_a_walk_leads_to_turns_that_share_an_entity(put: Put, store: Store, ana: Scope) -> None:
    put(mention(1, 7), mention(2, 7, 8), mention(3, 8), mention(4, 9))
    with store.begin(write=False) as unit:
        reached = unit.mentions.graph(ana).associated({"m1": 1.0}, {}, limit=5)
    assert {name for name, _ in reached} == {"m1", "m2", "m3"}


def test_later_turns_are_added_to_a_graph_that_was_read(put: Put, known: Known) -> None:
    put(mention(1, 7))
    known()
    put(mention(2, 7))
    put(mention(3, 8))
    assert known() == [("m1", 1, [7]), ("m2", 2, [7]), ("m3", 3, [8])]


def test_an_earlier_turn_that_comes_late_is_added_too(put: Put, known: Known) -> None:
    put(mention(2, 7))
    known()
    put(mention(1, 8))
    assert known() == [("m1", 1, [8]), ("m2", 2, [7])]


def test_a_known_turn_is_replaced_also_by_nothing(put: Put, known: Known) -> None:
    put(mention(1, 7), mention(2, 7))
    known()
    put(mention(1, 8))
    assert known() == [("m1", 1, [8]), ("m2", 2, [7])]
    put(mention(2))
    assert known() == [("m1", 1, [8])]


def test_the_last_of_two_for_one_turn_counts(put: Put, known: Known) -> None:
    put(mention(1, 7), mention(1, 8))
    assert known() == [("m1", 1, [8])]


def test_what_is_removed_is_gone_from_graphs_that_were_read(put: Put, known: Known, store: Store, ana: Scope) -> None:
    put(mention(1, 7), mention(2, 8))
    known()
    with store.begin() as unit:
        unit.mentions.remove(ana, ["m2", "unknown"])
    assert known() == [("m1", 1, [7])]
    with store.begin() as unit:
        unit.mentions.clear(ana)
    assert known() == []


def test_a_turn_that_goes_and_comes_back_is_there_once(put: Put, known: Known, store: Store, ana: Scope) -> None:
    put(mention(1, 7))
    known()
    with store.begin() as unit:
        unit.mentions.clear(ana)
    put(mention(1, 9))
    assert known() == [("m1", 1, [9])]


def test_a_transaction_sees_its_own_changes_and_what_is_rolled_back_was_never_there(
    put: Put, known: Known, store: Store, ana: Scope
) -> None:
    put(mention(1, 7))
    known()
    with suppress(ZeroDivisionError), store.begin() as unit:
        unit.mentions.put(ana, [mention(2, 8)])
        unit.mentions.remove(ana, ["m1"])
        assert edges(unit.mentions.graph(ana)) == [("m2", 2, [8])]
        raise ZeroDivisionError
    assert known() == [("m1", 1, [7])]
    put(mention(3, 9))
    assert known() == [("m1", 1, [7]), ("m3", 3, [9])]


def test_other_openings_of_the_store_see_every_change(open_store: Callable[[], Store], ana: Scope) -> None:
    here, there = open_store(), open_store()
    seen = []
    for change in (mention(1, 7), mention(2, 8), mention(1, 9), mention(2)):
        with here.begin() as unit:
            unit.mentions.put(ana, [change])
        with there.begin(write=False) as unit:
            seen.append(edges(unit.mentions.graph(ana)))
    first, second, anew = ("m1", 1, [7]), ("m2", 2, [8]), ("m1", 1, [9])
    assert seen == [[first], [first, second], [anew, second], [anew]]


def test_scopes_never_mix(put: Put, known: Known, store: Store, ana: Scope) -> None:
    bo = Scope(user="bo")
    put(mention(1, 7))
    put(mention(1, 8), scope=bo)
    with store.begin() as unit:
        unit.mentions.remove(bo, ["m1"])
    assert known() == [("m1", 1, [7])]
    assert known(bo) == []


def test_an_unknown_scope_has_none_and_stays_unknown(store: Store, ana: Scope) -> None:
    with store.begin() as unit:
        unit.mentions.put(ana, [])
        unit.mentions.remove(ana, ["m1"])
        unit.mentions.clear(ana)
        assert unit.mentions.graph(ana).associated({"m1": 1.0}, [7], limit=5) == ()
    assert store.scopes() == []


def test_forgetting_looks_for_what_a_forgotten_turn_mentioned(put: Put, store: Store, ana: Scope) -> None:
    put(mention(1, 7), mention(2, 8))
    with store.begin() as unit:
        found = unit.word_stores.search(ana, Vanished(messages=frozenset({"m1", "m9"})))["mentions"]
        assert (found.rows, found.matches) == (2, 1)
        unit.mentions.remove(ana, ["m1"])
        assert unit.word_stores.search(ana, Vanished(messages=frozenset({"m1"})))["mentions"].matches == 0
        assert unit.word_stores.search(ana, Vanished(is_everything=True))["mentions"].matches == 1
        assert unit.word_stores.erase_all(ana)["mentions"] == 1
        assert unit.word_stores.search(ana, Vanished(is_everything=True))["mentions"].rows == 0


@pytest.fixture
def openings(open_store: Callable[[], Store]) -> tuple[Store, Store]:
    return open_store(), open_store()


entities = st.frozensets(st.integers(0, 3), max_size=3)
steps = st.lists(st.tuples(st.integers(1, 5), entities | st.none()), max_size=8)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=steps)
def test_any_history_comes_to_what_a_dict_says(
    openings: tuple[Store, Store], history: list[tuple[int, frozenset[int] | None]]
) -> None:
    """None takes a turn out; turns change places between two openings of the store."""
    scope = Scope(user=uuid.uuid4().hex)
    model: dict[int, Mention] = {}
    for seq, has in history:
        with openings[seq % 2].begin() as unit:
            if has is None:
                unit.mentions.remove(scope, [f"m{seq}"])
            else:
                unit.mentions.put(scope, [mention(seq, *has)])
        model[seq] = mention(seq, *(has or ()))
        expected = edges(EntityGraph(columns([one for _, one in sorted(model.items()) if one.entities])))
        for store in openings:
            with store.begin(write=False) as unit:
                assert edges(unit.mentions.graph(scope)) == expected
