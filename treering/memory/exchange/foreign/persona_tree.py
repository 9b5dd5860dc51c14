"""The JSON of the persona-tree paper (Inside Out): nested categories, and values at the leaves. In and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from treering.memory.exchange.foreign.fields import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pydantic import JsonValue

    from treering.memory.tree import PersonaTree
    from treering.schemas.foreign import Foreign


def looks_like(data: JsonValue) -> bool:
    """Whether it is nothing but named branches with texts at their ends."""
    return isinstance(data, Mapping) and any(isinstance(below, Mapping) for below in data.values()) and _is_tree(data)


def _is_tree(value: JsonValue) -> bool:
    match value:
        case Mapping():
            return all(map(_is_tree, value.values()))
        case list():
            return all(isinstance(one, str) for one in value)
        case _:
            return value is None or isinstance(value, str)


def read(data: JsonValue) -> Foreign:
    """A fact for each value; the path of its leaf is the hint, down to the leaf's name alone."""
    reading = Reading("persona-tree")
    for path, value in _leaves(data, ()):
        where = ".".join(path)
        if not isinstance(value, str):
            reading.leave_out(where, "is no text")
        elif value.strip():
            hints = [".".join(path[start:]) for start in range(len(path))]
            reading.fact(where, id=f"{where}={value}", text=value, hints=hints)
    return reading.done()


def _leaves(value: JsonValue, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], JsonValue]]:
    match value:
        case Mapping():
            for name, below in value.items():
                yield from _leaves(below, (*path, name))
        case list():
            for below in value:
                yield path, below
        case None:
            pass
        case _:
            yield path, value


def write(tree: PersonaTree, *, as_of: datetime) -> dict[str, JsonValue]:
    """What holds at a moment in the shape of the paper: every slot of the trunk, an empty text where nothing is known.

    One claim is its text, several are a list of texts. Dates, evidence and history have no place in this format.
    """
    root: dict[str, JsonValue] = {}
    for slot in tree.trunk.slots:
        *branches, leaf = slot.path.split(".")
        here = root
        for name in branches:
            below = here.setdefault(name, {})
            if isinstance(below, dict):
                here = below
        found: list[JsonValue] = [claim.text for claim in tree.current(slot.path, as_of=as_of)]
        here[leaf] = found if len(found) > 1 else (found[0] if found else "")
    return root
