"""The contract of PassageStore."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from treering.memory.ports import Store, Vanished
from treering.memory.repetition import Sought
from treering.schemas.dialogue import Scope
from treering.schemas.recall import Dated, Passage

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


def passage(name: str, *messages: str, text: str = "some text", **fields: object) -> Passage:
    values = {"id": name, "message_ids": messages, "text": text, "at": datetime(2024, 3, 1, tzinfo=UTC), "seq": 3}
    return Passage.model_validate({**values, **fields})


@pytest.fixture
def put(store: Store, ana: Scope) -> Callable[..., None]:
    def run(*passages: Passage, scope: Scope = ana) -> None:
        with store.begin() as unit:
            unit.passages.put(scope, passages)

    return run


@pytest.fixture
def get(store: Store, ana: Scope) -> Callable[..., dict[str, Passage]]:
    def run(*ids: str, scope: Scope = ana) -> dict[str, Passage]:
        with store.begin(write=False) as unit:
            return unit.passages.get(scope, ids)

    return run


def test_a_passage_comes_back_whole(put: Callable[..., None], get: Callable[..., dict[str, Passage]]) -> None:
    one = passage("p1", "m1", "m2", level=1, session="s1")
    put(one)
    assert get("p1", "nobody") == {"p1": one}


def test_they_come_in_the_order_asked_for(put: Callable[..., None], get: Callable[..., dict[str, Passage]]) -> None:
    put(passage("a"), passage("b"))
    assert list(get("b", "a")) == ["b", "a"]


def test_a_known_id_is_replaced_with_its_messages(
    put: Callable[..., None], get: Callable[..., dict[str, Passage]], store: Store, ana: Scope
) -> None:
    put(passage("p1", "m1", text="old"))
    put(passage("p1", "m2", text="new"))
    assert get("p1")["p1"].text == "new"
    with store.begin() as unit:
        assert unit.passages.remove_of(ana, ["m1"]) == []
        assert unit.passages.remove_of(ana, ["m2"]) == ["p1"]


def test_the_last_of_two_with_one_id_counts(put: Callable[..., None], get: Callable[..., dict[str, Passage]]) -> None:
    put(passage("p1", text="old"), passage("p1", text="new"))
    assert get("p1")["p1"].text == "new"


def test_a_message_twice_in_a_passage_is_no_harm(
    put: Callable[..., None], get: Callable[..., dict[str, Passage]]
) -> None:
    put(passage("p1", "m1", "m1"))
    assert get("p1")["p1"].message_ids == ("m1", "m1")


def test_whatever_contains_a_message_goes_with_it(
    put: Callable[..., None], get: Callable[..., dict[str, Passage]], store: Store, ana: Scope
) -> None:
    put(passage("a", "m1", "m2"), passage("b", "m2", "m3"), passage("c", "m4"))
    with store.begin() as unit:
        assert unit.passages.remove_of(ana, ["m2", "m9"]) == ["a", "b"]
    assert list(get("a", "b", "c")) == ["c"]


def whole_tree() -> list[Passage]:
    """Two episodes of one session, one of another, a theme of each, and the root."""
    return [
        passage("e1", "m1", "m2", level=0, session="s1"),
        passage("e2", "m3", level=0, session="s1"),
        passage("e3", "m4", level=0, session="s2", at=datetime(2024, 2, 1, tzinfo=UTC)),
        passage("s1", "m1", "m2", "m3", level=1, session="s1", parts=("e1", "e2")),
        passage("s2", "m4", level=1, session="s2", parts=("e3",), at=datetime(2024, 2, 1, tzinfo=UTC)),
        passage("t1", level=2, parts=("s1",)),
        passage("t2", level=2, parts=("s2",)),
        passage("r", level=3, parts=("t1", "t2")),
    ]


def test_what_loses_a_part_goes_with_it(
    put: Callable[..., None], get: Callable[..., dict[str, Passage]], store: Store, ana: Scope
) -> None:
    put(*whole_tree())
    with store.begin() as unit:
        assert unit.passages.remove_of(ana, ["m3"]) == ["e2", "r", "s1", "t1"]
    with store.begin(write=False) as unit:
        assert unit.passages.tree(ana).roots == ("e1", "t2")
    put(*whole_tree())
    with store.begin() as unit:
        assert unit.passages.remove(ana, ["s2", "nobody"]) == ["r", "s2", "t2"]
        assert unit.passages.remove(ana, ["s2"]) == []
    assert list(get(*(one.id for one in whole_tree()))) == ["e1", "e2", "e3", "s1", "t1"]


def test_words_that_vanish_take_along_the_summaries_above(
    put: Callable[..., None], get: Callable[..., dict[str, Passage]], store: Store, ana: Scope
) -> None:
    [first, *others] = whole_tree()
    put(first.model_copy(update={"text": "Zebulon plays the tuba"}), *others)
    with store.begin() as unit:
        dropped = unit.word_stores.drop(ana, Vanished(sought=Sought.of(["Zebulon plays the tuba"])))
    assert (dropped.rows["passages"], dropped.passages) == (4, ("e1", "r", "s1", "t1"))
    assert list(get(*(one.id for one in whole_tree()))) == ["e2", "e3", "s2", "t2"]


@pytest.mark.parametrize(
    "fields",
    [
        {"speakers": ("Zebulon the tuba player",)},
        {"dates": (Dated(text="Zebulon the tuba player", begin=NOON, end=NOON),)},
    ],
)
def test_words_are_looked_for_wherever_a_passage_has_some(
    put: Callable[..., None], store: Store, ana: Scope, fields: dict[str, object]
) -> None:
    put(passage("p1", "m1").model_copy(update=fields))
    with store.begin(write=False) as unit:
        found = unit.word_stores.search(ana, Vanished(sought=Sought.of(["Zebulon the tuba player"])))
    assert found["passages"].matches == 1


def test_a_level_comes_by_when_it_was_said(put: Callable[..., None], store: Store, ana: Scope) -> None:
    put(*reversed(whole_tree()))
    with store.begin(write=False) as unit:
        levels = [[one.id for one in unit.passages.level(ana, level)] for level in range(4)]
    assert levels == [["e3", "e1", "e2"], ["s2", "s1"], ["t1", "t2"], ["r"]]


def test_the_tree_tells_how_passages_hang_together(put: Callable[..., None], store: Store, ana: Scope) -> None:
    put(*whole_tree())
    with store.begin(write=False) as unit:
        tree = unit.passages.tree(ana)
    assert tree.roots == ("r",)
    assert tree.parts == {"r": ("t1", "t2"), "s1": ("e1", "e2"), "s2": ("e3",), "t1": ("s1",), "t2": ("s2",)}
    assert tree.turns == {"e1": ("m1", "m2"), "e2": ("m3",), "e3": ("m4",)}


def test_a_tree_is_never_older_than_its_reader(open_store: Callable[[], Store], ana: Scope) -> None:
    """Whoever wrote, and also within a transaction and after one that failed."""
    here, there = open_store(), open_store()

    def turns(store: Store) -> list[str]:
        with store.begin(write=False) as unit:
            return sorted(unit.passages.tree(ana).turns)

    with here.begin() as unit:
        unit.passages.put(ana, whole_tree())
    assert turns(here) == turns(there) == ["e1", "e2", "e3"]
    with suppress(RuntimeError), here.begin() as unit:
        unit.passages.remove(ana, ["e1"])
        assert sorted(unit.passages.tree(ana).turns) == ["e2", "e3"]
        raise RuntimeError
    assert turns(here) == ["e1", "e2", "e3"]
    with there.begin() as unit:
        unit.passages.remove(ana, ["e1"])
    assert turns(here) == turns(there) == ["e2", "e3"]
    with here.begin() as unit:
        unit.word_stores.erase_all(ana)
    assert turns(here) == turns(there) == []


def test_scopes_never_mix(
    put: Callable[..., None], get: Callable[..., dict[str, Passage]], store: Store, ana: Scope
) -> None:
    bo = Scope(user="bo")
    put(passage("p1", "m1", text="of ana"))
    put(passage("p1", "m1", text="of bo"), scope=bo)
    with store.begin() as unit:
        assert unit.passages.remove_of(bo, ["m1"]) == ["p1"]
    assert get("p1")["p1"].text == "of ana"
    assert get("p1", scope=bo) == {}


def test_an_unknown_scope_has_none_and_stays_unknown(store: Store, ana: Scope) -> None:
    with store.begin() as unit:
        unit.passages.put(ana, [])
        assert unit.passages.get(ana, ["p1"]) == {}
        assert unit.passages.remove_of(ana, ["m1"]) == []
    assert store.scopes() == []
