"""The memory of trees: exact about state, bounded, and silent about what was erased."""

from __future__ import annotations

from treering.memory.stores.forests import ForestCache, Stamp

OLD, NEW, ERASED = Stamp(1, "a", 0), Stamp(2, "b", 0), Stamp(2, "b", 1)


def test_only_the_state_that_was_kept_is_found() -> None:
    cache = ForestCache()
    forest: dict = {}
    cache.put(1, NEW, forest)
    assert cache.get(1, NEW) is forest
    assert [cache.get(1, OLD), cache.get(1, ERASED), cache.get(2, NEW)] == [None, None, None]


def test_a_scope_has_one_state_so_that_erased_words_do_not_linger() -> None:
    cache = ForestCache()
    cache.put(1, NEW, {})
    cache.put(1, ERASED, {})
    assert cache.get(1, NEW) is None
    assert cache.get(1, ERASED) == {}


def test_the_scope_used_longest_ago_goes_first() -> None:
    cache = ForestCache(max_scopes=2)
    cache.put(1, NEW, {})
    cache.put(2, NEW, {})
    cache.get(1, NEW)
    cache.put(3, NEW, {})
    assert [cache.get(scope, NEW) for scope in (1, 2, 3)] == [{}, None, {}]


def test_a_scope_can_be_dropped() -> None:
    cache = ForestCache()
    cache.put(1, NEW, {})
    cache.drop(1)
    cache.drop(1)
    assert cache.get(1, NEW) is None
