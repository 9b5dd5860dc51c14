"""Caches of this process that hold what people said: one call clears them all, when something was forgotten."""

from __future__ import annotations

import weakref
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from functools import _lru_cache_wrapper

_R = TypeVar("_R")


class Clearable(Protocol):
    """A cache that is an object."""

    def clear(self) -> None:
        """Remember nothing any more."""
        ...


_functions: list[Callable[[], None]] = []
_objects: weakref.WeakSet[Clearable] = weakref.WeakSet()


def word_cache(maxsize: int) -> Callable[[Callable[..., _R]], _lru_cache_wrapper[_R]]:
    """As `functools.lru_cache`, for a function whose arguments or results are words of people.

    Example:
        >>> @word_cache(maxsize=10)
        ... def shout(text: str) -> str:
        ...     return text.upper()
        >>> shout("hello"), shout.cache_info().currsize
        ('HELLO', 1)
        >>> clear_word_caches()
        >>> shout.cache_info().currsize
        0
    """

    def caching(function: Callable[..., _R]) -> _lru_cache_wrapper[_R]:
        cached = lru_cache(maxsize)(function)
        _functions.append(cached.cache_clear)
        return cached

    return caching


def note_word_cache(cache: Clearable) -> None:
    """Let a cache be cleared with the others, for as long as somebody uses it."""
    _objects.add(cache)


def clear_word_caches() -> None:
    """Clear every cache that holds words, of all people: which of them a word came from is not known."""
    for clear in _functions:
        clear()
    for cache in list(_objects):
        cache.clear()
