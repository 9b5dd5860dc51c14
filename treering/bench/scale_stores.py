"""The stores of `treering bench scale`: one for each size, in a folder with which a killed run goes on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from treering.bench.filling import Filling, made_whole, person
from treering.bench.long_ledger import long_ledger
from treering.schemas.trunks import load_trunk
from treering.schemas.value import Value

if TYPE_CHECKING:
    from pathlib import Path

    from treering.memory.ports import Embedder

Axis = Literal["people", "passages", "operations"]
"""What grows: the people of a store with as many passages each, the passages of one, or the ledger of one."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is, and how much there is."""

OPENER = person(0)
"""Somebody in every store, whose recall opens it before anybody else's is measured."""

OPENER_TURNS = 40
"""What the opener has said in a store of one person."""

STEP = 10**0.5
"""Each size is about so many times the one before."""

STEPS = 5
"""Sizes along an axis, at most."""

LEAST = 3
"""Smallest size."""


class Sizes(Value):
    """How far each axis goes."""

    people: Annotated[int, Field(ge=LEAST)] = 1_000
    """People of the largest store."""
    passages: Annotated[int, Field(ge=1)] = 100_000
    """Passages of the largest store, all people together: each has as many."""
    deep: Annotated[int, Field(ge=LEAST)] = 10_000
    """Passages of the person who has most."""
    operations: Annotated[int, Field(ge=LEAST)] = 10_000
    """Operations of the longest ledger."""

    @property
    def turns_each(self) -> int:
        """Passages of each person where people are many."""
        return max(1, self.passages // self.people)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizedStore:
    """A store of one size."""

    axis: Axis
    """What is larger in the next one."""
    size: int
    """How much of it there is."""
    home: Path
    """Its folder."""
    turns: int
    """Turns of each whose recall is measured."""

    def asked(self, count: int) -> list[str]:
        """So many people to ask, spread over the store, the opener left out; where one has grown, always that one.

        Example:
            >>> from pathlib import Path
            >>> SizedStore(axis="people", size=100, home=Path(), turns=9).asked(3)
            ['person-1', 'person-34', 'person-67']
        """
        if self.axis != "people":
            return [person(1)] * count
        return [person(1 + number * (self.size - 1) // count) for number in range(count)]


def steps(largest: int) -> list[int]:
    """The sizes along an axis, the smallest first.

    Example:
        >>> steps(10_000), steps(40)
        ([100, 316, 1000, 3162, 10000], [4, 13, 40])
    """
    sizes = [round(largest / STEP**place) for place in range(STEPS)]
    return sorted({size for size in sizes if size >= LEAST})


def empty_store(folder: Path) -> Path:
    """The home of the store with nobody in it but the opener."""
    return folder / "empty"


def sized_stores(folder: Path, sizes: Sizes) -> list[SizedStore]:
    """The stores of all axes, by axis and size."""
    each = sizes.turns_each
    people = [
        SizedStore(axis="people", size=size, home=folder / f"people-{size}x{each}", turns=each)
        for size in steps(sizes.people)
    ]
    deep = [
        SizedStore(axis="passages", size=size, home=folder / f"passages-{size}", turns=size)
        for size in steps(sizes.deep)
    ]
    ledgers = [
        SizedStore(axis="operations", size=size, home=folder / f"operations-{size}", turns=0)
        for size in steps(sizes.operations)
    ]
    return [*people, *deep, *ledgers]


def write_stores(folder: Path, sizes: Sizes, true: Embedder, progress: Progress) -> list[SizedStore]:
    """Write what is missing; a store that is whole is left as it is."""
    stores = sized_stores(folder, sizes)
    if not empty_store(folder).exists():
        with made_whole(empty_store(folder)) as part, Filling(part, true) as filling:
            filling.write({OPENER: OPENER_TURNS})
    smaller: Path | None = None
    for one in stores:
        if not one.home.exists():
            match one.axis:
                case "people":
                    _grow(one, smaller, true, progress)
                case "passages":
                    _deepen(one, true, progress)
                case "operations":
                    _lengthen(one, true, progress)
        smaller = one.home if one.axis == "people" else None
    return stores


def _grow(one: SizedStore, smaller: Path | None, true: Embedder, progress: Progress) -> None:
    """More people in a copy of the next smaller store: each of them is written once."""
    with made_whole(one.home) as part:
        if smaller is not None and not part.exists():
            with made_whole(part) as copy:
                shutil.copytree(smaller, copy, dirs_exist_ok=True)
        _write(part, {person(number): one.turns for number in range(one.size)}, true, one, progress)


def _deepen(one: SizedStore, true: Embedder, progress: Progress) -> None:
    with made_whole(one.home) as part:
        _write(part, {OPENER: OPENER_TURNS, person(1): one.turns}, true, one, progress)


def _write(part: Path, people: dict[str, int], true: Embedder, one: SizedStore, progress: Progress) -> None:
    told, whole = f"write {one.home.name}", sum(people.values())
    said = 0

    def tell(turns: int) -> None:
        nonlocal said
        said += turns
        progress(told, said, whole)

    with Filling(part, true) as filling:
        filling.write(people, tell)


def _lengthen(one: SizedStore, true: Embedder, progress: Progress) -> None:
    """Half of a ledger is begun anew."""
    with made_whole(one.home) as part:
        shutil.rmtree(part, ignore_errors=True)
        progress(f"write {one.home.name}", 0, one.size)
        with Filling(part, true) as filling:
            filling.write({OPENER: OPENER_TURNS})
            filling.write_ledger(person(1), list(long_ledger(load_trunk("core"), one.size)))
        progress(f"write {one.home.name}", one.size, one.size)
