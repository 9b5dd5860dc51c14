"""Slots by the questions they answer: for which slots a question matters.

A question and a statement are worded in two registers: "Where should I take her for dinner?" is near no allergy, and
any question with "she" is a little near every statement about a sister. So a question is held against questions,
where the common words of the register fall out, and only the slots that are about as near as the nearest count.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.retrieval.hits import highest
from treering.memory.retrieval.slots import SlotVectors, slot_vectors, texts_of
from treering.memory.retrieval.vector import dots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from treering.memory.retrieval.aspects import Extent
    from treering.memory.retrieval.vector import Vector
    from treering.schemas.trunk import Trunk

BEST_SHARE = 0.7
"""Weight of a slot's nearest question; the rest is that of the second, which confirms it.

With the nearest alone, an unrelated request comes through on the cases that `rank` was set on.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How a slot's nearness to a question reads as a match from 0 to 1. All are MiniLM cosines."""

    nothing: float
    """From here down a slot does not match."""
    full: float
    """From here up it matches fully."""
    margin: float
    """How far behind the nearest slot another may be: a question is about few things, and the nearest slot may well
    be an empty one."""


ASKED = Scale(nothing=0.40, full=0.60, margin=0.12)
"""Question against question: requests that concern nobody reach .2 to .4, another wording of a question .5 to .9.

On the cases that `rank` was set on, precision is .97 with this margin, .91 with .16, and .69 with none.
"""

WHOLE = Scale(nothing=0.45, full=0.65, margin=0.12)
"""Question against "What do you know about my health?", for a question about a whole area."""

OF_A_PERSON = 0.7
"""How well each slot matches a question about all that is known of somebody: enough to pass the floor, behind what is
like the question besides. What is special was not asked for."""

DESCRIBED = Scale(nothing=0.15, full=0.55, margin=0.10)
"""Question against description and examples, for slots of a trunk without questions: all cosines are lower.

The same cases without any questions: recall .61, precision .94.
"""


@dataclass(frozen=True, kw_only=True)
class SlotRouter:
    """The slots of a trunk by their questions, and those without any by description and examples.

    Example:
        >>> rows = np.eye(2, dtype=np.float32)
        >>> router = SlotRouter(paths=("name", "city"), vectors=rows, owners=np.array([0, 1]), described=None)
        >>> router.route(np.array([0.0, 1.0], np.float32))
        {'city': 1.0}
    """

    paths: tuple[str, ...]
    """The slots that have questions."""
    vectors: Vector
    """Of all their questions, slot by slot: shape (number of questions, dimension)."""
    owners: NDArray[np.int64]
    """For each vector, which path it belongs to; ascending."""
    described: SlotVectors | None
    """The slots that have none."""
    areas: Areas | None = None
    """The branches, for questions about a whole one; none: nothing is asked that way."""

    def route(self, question: Vector, extent: Extent = "thing") -> dict[str, float]:
        """The slots that matter for a question, with how well they match: above 0, at most 1.

        Args:
            question: Unit vector, shape (dimension,).
            extent: How much is asked for.
        """
        found = self._nearest(question)
        if self.areas is None or extent == "thing":
            return found
        wider = self.areas.near(question) if extent == "area" else dict.fromkeys(self.areas.open_slots, OF_A_PERSON)
        return highest([*wider.items(), *found.items()])

    def _nearest(self, question: Vector) -> dict[str, float]:
        found = _matches(self.paths, self._scores(question), ASKED) if self.paths else {}
        if self.described is None:
            return found
        pairs = self.described.nearest(question[None, :], len(self.described.paths))[0]
        paths, scores = zip(*pairs, strict=True)
        return found | _matches(paths, np.array(scores), DESCRIBED)

    def _scores(self, question: Vector) -> NDArray[np.float64]:
        cosines = np.append(dots(self.vectors, question), -np.inf)[self._rows]
        cosines.sort(axis=1)
        best, second = cosines[:, -1], cosines[:, -2]
        scores: NDArray[np.float64] = BEST_SHARE * best + (1 - BEST_SHARE) * np.where(second < -1, best, second)
        return scores

    @cached_property
    def _rows(self) -> NDArray[np.int64]:
        """Rows of each slot's questions, filled up with one beyond the last: shape (slots, most questions, two up)."""
        sizes = np.bincount(self.owners, minlength=len(self.paths))
        places = np.arange(max(2, int(sizes.max())))
        firsts = np.searchsorted(self.owners, np.arange(len(self.paths)))
        return np.where(places < sizes[:, None], firsts[:, None] + places, len(self.owners))


def _matches(paths: Sequence[str], scores: NDArray[np.float64], scale: Scale) -> dict[str, float]:
    bar = max(scale.nothing, float(scores.max()) - scale.margin)
    shares = np.minimum((scores - scale.nothing) / (scale.full - scale.nothing), 1.0)
    near = np.flatnonzero((scores >= bar) & (shares > 0)).tolist()
    return {paths[slot]: shares[slot].item() for slot in near}


@dataclass(frozen=True, slots=True, kw_only=True)
class Areas:
    """The branches of a trunk, by the question about the whole of each."""

    vectors: Vector
    """Of these questions, shape (branches, dimension)."""
    slots: Mapping[str, tuple[str, ...]]
    """The slots under each branch, at any depth; in the order of the vectors."""
    open_slots: tuple[str, ...]
    """All slots of the trunk but the special ones."""

    def near(self, question: Vector) -> dict[str, float]:
        """The slots of the branches that a question is about, with how well these match."""
        shares = _matches(tuple(self.slots), dots(self.vectors, question).astype(np.float64), WHOLE)
        return highest((path, share) for branch, share in shares.items() for path in self.slots[branch])


def texts_to_route(trunk: Trunk) -> list[str]:
    """What is embedded to route by: all questions, then the areas, then what describes the slots without any."""
    described = _without_questions(trunk)
    questions = [question for slot in trunk.slots for question in slot.questions]
    names = [branch.path.rpartition(".")[2].replace("_", " ") for branch in trunk.branches]
    areas = [f"What do you know about my {name}?" for name in names]
    return questions + areas + (texts_of(described) if described else [])


def slot_router(trunk: Trunk, vectors: Vector) -> SlotRouter:
    """The router of a trunk, from the vectors of `texts_to_route(trunk)`.

    Raises:
        ValueError: Their number is another.
    """
    asked = [slot for slot in trunk.slots if slot.questions]
    owners = np.repeat(np.arange(len(asked)), [len(slot.questions) for slot in asked])
    described = _without_questions(trunk)
    of_areas, rest = np.split(vectors[len(owners) :], [len(trunk.branches)])
    if len(of_areas) != len(trunk.branches) or (described is None and len(rest)):
        raise ValueError(f"{len(vectors)} vectors for {len(owners)} questions and {len(trunk.branches)} areas")
    return SlotRouter(
        paths=tuple(slot.path for slot in asked),
        vectors=vectors[: len(owners)],
        owners=owners,
        described=slot_vectors(described, rest) if described else None,
        areas=_areas(trunk, of_areas),
    )


def _areas(trunk: Trunk, vectors: Vector) -> Areas | None:
    if not trunk.branches:
        return None
    return Areas(
        vectors=vectors,
        slots={
            branch.path: tuple(slot.path for slot in trunk.slots if slot.path.startswith(f"{branch.path}."))
            for branch in trunk.branches
        },
        open_slots=tuple(slot.path for slot in trunk.slots if slot.sensitivity != "special"),
    )


def _without_questions(trunk: Trunk) -> Trunk | None:
    slots = tuple(slot for slot in trunk.slots if not slot.questions)
    return trunk.model_copy(update={"slots": slots}) if slots else None
