"""The memory of trees: exact about state, bounded, and silent about what was erased."""

from __future__ import annotations

from treering.memory.stores.forests import MAX_CLAIMS, ForestCache, Stamp, forest_cache, size_of
from treering.memory.tree import PersonaTree
from treering.schemas.trunk import Trunk

OLD, NEW, ERASED = Stamp(1, "a", 0), Stamp(2, "b", 0), Stamp(2, "b", 1)


def test_only_the_state_that_was_kept_is_found() -> None:
    cache = forest_cache()
    forest: dict = {}
    cache.put(1, stamp=NEW, value=forest)
    assert cache.at(1, NEW) is forest
    assert [cache.at(1, OLD), cache.at(1, ERASED), cache.at(2, NEW)] == [None, None, None]


def test_a_scope_has_one_state_so_that_erased_words_do_not_linger() -> None:
    cache = forest_cache()
    cache.put(1, stamp=NEW, value={})
    cache.put(1, stamp=ERASED, value={})
    assert cache.at(1, NEW) is None
    assert cache.at(1, ERASED) == {}


def test_the_scope_used_longest_ago_goes_first() -> None:
    cache = ForestCache(room=2)
    cache.put(1, stamp=NEW, value={})
    cache.put(2, stamp=NEW, value={})
    cache.at(1, NEW)
    cache.put(3, stamp=NEW, value={})
    assert [cache.at(scope, NEW) for scope in (1, 2, 3)] == [{}, None, {}]


def test_room_is_for_claims_so_that_many_small_people_fit(small_trunk: Trunk) -> None:
    """With room for so many people, whoever serves one more in turn would read every tree anew each time."""
    cache = forest_cache()
    small = PersonaTree(trunk=small_trunk)
    for scope in range(MAX_CLAIMS // 64):
        cache.put(scope, stamp=NEW, value={"self": small}, size=size_of({"self": small}))
    assert cache.at(0, NEW) == {"self": small}
    cache.put(-1, stamp=NEW, value={"self": small}, size=MAX_CLAIMS)
    assert cache.at(0, NEW) is None
    assert cache.size == MAX_CLAIMS


def test_a_scope_can_be_dropped() -> None:
    cache = forest_cache()
    cache.put(1, stamp=NEW, value={})
    cache.drop(1)
    cache.drop(1)
    assert cache.at(1, NEW) is None
