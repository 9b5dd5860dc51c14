"""What a history ought to do to a memory, for suites that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from treering.bench.gold.halumem import read_halumem_changes
from treering.bench.gold.quartet import read_items

if TYPE_CHECKING:
    from pathlib import Path

    from treering.bench.suites.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedChange:
    """Something that a memory ought to do."""

    turns: frozenset[str]
    """Turns of which one at least is its evidence."""
    kind: Literal["ADD", "UPDATE", "DELETE"]
    """The operation."""
    path: str
    """The slot, in the trunk `core`; empty where the suite names none."""
    says: str
    """The claim in words; of a DELETE what goes."""


ChangeKey = Mapping[str, tuple[WantedChange, ...]]
"""By the id of a conversation."""


def read_quartet_changes(data: Path) -> ChangeKey:
    """What the turns behind the questions of Quartet ought to do; the rest of a life is not told.

    Raises:
        InvalidInput: The file cannot be read, or has another shape.
    """
    found: dict[str, tuple[WantedChange, ...]] = {}
    for item in read_items(data):
        found[item.person] = found.get(item.person, ()) + tuple(
            WantedChange(turns=frozenset({one.turn}), kind=one.kind, path=one.path, says=one.says)
            for one in item.changes
        )
    return found


def read_halumem_wanted(source: Source, data: Path) -> ChangeKey:
    """What the sessions of HaluMem ought to do: any of their turns may be the evidence.

    Raises:
        InvalidInput: The file cannot be read, or has another shape.
    """
    return {
        person: tuple(WantedChange(turns=one.turns, kind=one.kind, path="", says=one.says) for one in changes)
        for person, changes in read_halumem_changes(source, data).items()
    }
