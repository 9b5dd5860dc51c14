"""The contract of PassageStore."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from treering.memory.ports import Store
from treering.schemas.dialogue import Scope
from treering.schemas.recall import Passage


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
