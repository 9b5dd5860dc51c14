"""LangGraph's rules for filters of values and for patterns of namespaces. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langgraph.store.base import MatchCondition

from treering.errors import InvalidInput

_EQUALITIES: dict[str, Callable[[Any, Any], bool]] = {"$eq": operator.eq, "$ne": operator.ne}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}


def fits(value: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a value has everything that a filter wants: equal values, or `{"$gt": 4}` and its like.

    Two texts are ordered as texts, so that moments (ISO 8601) can be compared. What has no order does not fit.

    Raises:
        InvalidInput: The filter has an operator that there is not.
    """
    return all(_fits(value.get(name), wish) for name, wish in wanted.items())


def matches(condition: MatchCondition, namespace: tuple[str, ...]) -> bool:
    """Whether a namespace begins or ends as a condition says; `*` stands for any one label."""
    path = condition.path
    if len(namespace) < len(path):
        return False
    part = namespace[: len(path)] if condition.match_type == "prefix" else namespace[len(namespace) - len(path) :]
    return all(label in ("*", own) for label, own in zip(path, part, strict=True))


def _fits(value: object, wish: object) -> bool:
    if isinstance(wish, Mapping):
        if any(name.startswith("$") for name in wish):
            return all(_compares(value, name, bound) for name, bound in wish.items())
        return isinstance(value, Mapping) and fits(value, wish)
    if isinstance(wish, list | tuple):
        return (
            isinstance(value, Sequence)
            and not isinstance(value, str)
            and len(value) == len(wish)
            and all(_fits(*pair) for pair in zip(value, wish, strict=True))
        )
    return value == wish


def _compares(value: object, name: str, bound: object) -> bool:
    if name in _EQUALITIES:
        return _EQUALITIES[name](value, bound)
    if name not in _ORDERS:
        raise InvalidInput("filter", f"has no operator {name!r}; there are {', '.join([*_EQUALITIES, *_ORDERS])}")
    if isinstance(value, str) and isinstance(bound, str):
        return _ORDERS[name](value, bound)
    if isinstance(value, int | float) and isinstance(bound, int | float):
        return _ORDERS[name](value, bound)
    return False
