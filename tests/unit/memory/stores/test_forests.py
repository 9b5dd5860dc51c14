"""The memory of trees: exact about state, bounded, and silent about what was erased."""

from __future__ import annotations

from treering.memory.stores.forests import ForestCache, Stamp, forest_cache

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


def test_a_scope_can_be_dropped() -> None:
    cache = forest_cache()
    cache.put(1, stamp=NEW, value={})
    cache.drop(1)
    cache.drop(1)
    assert cache.at(1, NEW) is None
