"""The memory of values by scope: exact about state, and bounded."""

from __future__ import annotations

from treering.memory.stores.scope_cache import ScopeCache


def kept(cache: ScopeCache[int, str], *scopes: int) -> list[tuple[int, str] | None]:
    found = [cache.get(scope) for scope in scopes]
    return [None if one is None else (one.stamp, one.value) for one in found]


def test_a_scope_has_the_value_of_one_state() -> None:
    cache = ScopeCache[int, str](room=10)
    cache.put(1, stamp=1, value="old", size=4)
    cache.put(1, stamp=2, value="new", size=5)
    assert kept(cache, 1, 2) == [(2, "new"), None]
    assert cache.size == 5


def test_the_scope_used_longest_ago_goes_first() -> None:
    cache = ScopeCache[int, str](room=10)
    cache.put(1, stamp=1, value="a", size=4)
    cache.put(2, stamp=1, value="b", size=4)
    cache.get(1)
    cache.put(3, stamp=1, value="c", size=4)
    assert kept(cache, 1, 2, 3) == [(1, "a"), None, (1, "c")]
    assert cache.size == 8


def test_what_is_too_large_for_all_the_room_is_not_kept() -> None:
    cache = ScopeCache[int, str](room=10)
    cache.put(1, stamp=1, value="a", size=11)
    assert (kept(cache, 1), cache.size) == ([None], 0)


def test_a_scope_can_be_dropped() -> None:
    cache = ScopeCache[int, str](room=10)
    cache.put(1, stamp=1, value="a")
    cache.drop(1)
    cache.drop(1)
    assert (kept(cache, 1), cache.size) == ([None], 0)
