"""The second hop: turns that what a question found leads to, over the names, pairs of words and dates they share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

RESTART = 0.5
"""How likely a walk begins anew with each step, 0 to 1. From .2 to .7 measure the same."""

STEPS = 6
"""Steps of a walk: from then on less than two in a hundred go on without having begun anew."""

MAX_SHARE = 0.02
"""Entities of more turns than this part link nothing: who talks, what all talk is about. From .01 to .1 is the same."""

FEW_TURNS = 5
"""So many turns may share an entity, however few there are in all."""

QUESTION_SHARE = 0.3
"""Part of the walks that begin at the question's own entities; the others begin at the turns it found."""

SEEDS = 30
"""Turns found by other means from which walks should begin, best first; from 20 to 60 measure the same."""

ID_BYTES = 200
"""Memory of a turn's id and its place in a dict, roughly, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """What one turn mentions."""

    message_id: str
    """The turn."""
    seq: int
    """Its place among all turns of the scope, from 1."""
    entities: Mapping[int, int]
    """Hashed entity to how often it is mentioned, from `retrieval.entities`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned:
    """What turns mention, in columns; the turns in any order."""

    ids: Sequence[str]
    """Message ids."""
    seqs: NDArray[np.int64]
    """Places of the turns in their scope, each another."""
    entities: NDArray[np.uint32]
    """Hashes of `retrieval.entities`, of one turn after another; of one turn each once, in ascending order."""
    sizes: NDArray[np.int64]
    """How many entities each turn has."""

    def with_(self, more: Mentioned) -> Mentioned:
        """These and other turns."""
        return Mentioned(
            ids=[*self.ids, *more.ids],
            seqs=np.concatenate([self.seqs, more.seqs]),
            entities=np.concatenate([self.entities, more.entities]),
            sizes=np.concatenate([self.sizes, more.sizes]),
        )

    def by_seq(self) -> Mentioned:
        """The same, in the order in which the turns were said."""
        if np.all(self.seqs[:-1] < self.seqs[1:]):
            return self
        order = np.argsort(self.seqs)
        starts = np.cumsum(self.sizes) - self.sizes
        sizes = self.sizes[order]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return Mentioned(
            ids=[self.ids[place] for place in order.tolist()],
            seqs=self.seqs[order],
            entities=self.entities[np.repeat(starts[order], sizes) + within],
            sizes=sizes,
        )


def columns(turns: Sequence[Mention]) -> Mentioned:
    """What turns mention, in columns."""
    return Mentioned(
        ids=[turn.message_id for turn in turns],
        seqs=np.array([turn.seq for turn in turns], np.int64),
        entities=np.array([entity for turn in turns for entity in sorted(turn.entities)], np.uint32),
        sizes=np.array([len(turn.entities) for turn in turns], np.int64),
    )


NOTHING = columns(())


class EntityGraph:
    """Turns and the entities that they share, to walk between. Never changed, so that threads may share it.

    Rows stand in the order in which turns were said, and columns in that of hashes: a walk adds up in the same order
    however the graph came about, so its scores are the same to the last bit.

    Not scipy: its sparse product is twice as fast (0.02 ms for 30,000 links), and 130 ms to import for who asks once.

    Args:
        mentioned: What each turn mentions.

    Example:
        >>> said = [{7: 1}, {7: 1, 8: 1}, {8: 2}]
        >>> turns = [Mention(message_id="abc"[at], seq=at, entities=said[at]) for at in range(3)]
        >>> [name for name, _ in EntityGraph(columns(turns)).associated({"a": 1.0}, {}, limit=9)]
        ['a', 'b', 'c']
    """

    def __init__(self, mentioned: Mentioned = NOTHING) -> None:
        self.mentioned: Mentioned = mentioned.by_seq()
        turns = len(self.mentioned.ids)
        hashes, entity, containing = np.unique(self.mentioned.entities, return_inverse=True, return_counts=True)
        is_linking = (containing > 1) & (containing <= max(FEW_TURNS, MAX_SHARE * turns))
        kept = is_linking[entity]
        places, self._row_of_link = np.unique(
            np.repeat(np.arange(turns), self.mentioned.sizes)[kept], return_inverse=True
        )
        self._entity_of_link = (np.cumsum(is_linking) - 1)[entity[kept]]
        self._names = [self.mentioned.ids[place] for place in places.tolist()]
        self._rows = {name: row for row, name in enumerate(self._names)}
        self._all, self._hashes, self._turns_of = hashes, hashes[is_linking], containing[is_linking]
        self._worth = np.log1p(turns / self._turns_of)
        self._worth_of_row = _sums(self._row_of_link, self._worth[self._entity_of_link], len(places))
        self._spread = np.sqrt(np.bincount(self._row_of_link, minlength=len(places)))

    def __len__(self) -> int:
        return len(self.mentioned.ids)

    @property
    def nbytes(self) -> int:
        """Memory held, roughly, in bytes."""
        own = (self._row_of_link, self._entity_of_link, self._all, self._hashes, self._turns_of, self._worth)
        rows = (self._worth_of_row, self._spread, self.mentioned.seqs, self.mentioned.entities, self.mentioned.sizes)
        return sum(one.nbytes for one in (*own, *rows)) + len(self) * ID_BYTES

    def mentioned_of(self, entities: Iterable[int]) -> frozenset[int]:
        """Which of these entities some turn mentions."""
        return frozenset(self._all[_places(self._all, entities)].tolist())

    def turns_of(self, entities: Iterable[int]) -> frozenset[str]:
        """The turns that mention one of these entities, also one of too many turns to link any."""
        is_one = np.zeros(len(self.mentioned.entities), np.bool_)
        for entity in entities:
            is_one |= self.mentioned.entities == np.uint32(entity)
        of_turn = np.searchsorted(np.cumsum(self.mentioned.sizes), np.flatnonzero(is_one), side="right")
        return frozenset(self.mentioned.ids[place] for place in of_turn.tolist())

    def associated(
        self, found: Mapping[str, float], asked: Iterable[int], *, limit: int
    ) -> tuple[tuple[str, float], ...]:
        """The turns where walks that begin at a question most often are, best first, with 0 < score <= 1.

        Personalised PageRank over turns and entities by power iteration, as in HippoRAG (Gutiérrez et al. 2024). It
        tells what is reached over an entity: for having been found itself a turn gets nothing. Long turns, that mention
        much, are held back by the root of how much.

        Args:
            found: Turns to begin at, `SEEDS` or so, by message id, with scores above 0. Unknown ones are passed over.
            asked: The entities of the question.
            limit: Most turns to return.
        """
        at_turns, at_entities = self._beginning(found, asked)
        turns, entities = at_turns, at_entities
        for _ in range(STEPS):
            turns, entities = (
                (1 - RESTART) * self._turns_from(entities) + RESTART * at_turns,
                (1 - RESTART) * self._entities_from(turns) + RESTART * at_entities,
            )
        return self._best(self._turns_from(entities) / self._spread, limit)

    def _turns_from(self, entities: NDArray[np.float64]) -> NDArray[np.float64]:
        """One step: from each entity to any of its turns, each as likely."""
        steps = (entities / self._turns_of).take(self._entity_of_link)
        return _sums(self._row_of_link, steps, len(self._names))

    def _entities_from(self, turns: NDArray[np.float64]) -> NDArray[np.float64]:
        """One step: from each turn to one of its entities, as likely as it tells something."""
        steps = (turns / self._worth_of_row).take(self._row_of_link)
        return _sums(self._entity_of_link, steps, len(self._hashes)) * self._worth

    def _best(self, scores: NDArray[np.float64], limit: int) -> tuple[tuple[str, float], ...]:
        best = float(scores.max(initial=0))
        if best <= 0 or limit < 1:
            return ()
        worst = np.partition(scores, -limit)[-limit] if limit < len(scores) else 0.0
        rows = np.flatnonzero((scores >= worst) & (scores > 0))
        rows = rows[np.argsort(-scores[rows], kind="stable")][:limit]
        return tuple(zip((self._names[row] for row in rows.tolist()), (scores[rows] / best).tolist(), strict=True))

    def _beginning(
        self, found: Mapping[str, float], asked: Iterable[int]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How likely a walk begins at each turn, and at each entity."""
        turns, entities = np.zeros(len(self._names)), np.zeros(len(self._hashes))
        for name, weight in found.items():
            if name in self._rows:
                turns[self._rows[name]] = weight
        known = _places(self._hashes, asked)
        entities[known] = self._worth[known]
        of_turns, of_entities = turns.sum(), entities.sum()
        share = (QUESTION_SHARE if of_turns else 1.0) if of_entities else 0.0
        return turns * ((1 - share) / (of_turns or 1.0)), entities * (share / (of_entities or 1.0))


def _places(hashes: NDArray[np.uint32], wanted: Iterable[int]) -> NDArray[np.int64]:
    """Where those of the wanted stand that are there, in order."""
    sought = np.array(sorted(set(wanted)), np.uint32)  # `np.unique` imports masked arrays for it, which takes 5 ms
    found = np.searchsorted(hashes, sought)
    return found[hashes.take(found, mode="clip") == sought] if len(hashes) else found[:0]


def _sums(places: NDArray[np.int64], parts: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """The sum of the parts for each place, added up in their order."""
    return np.bincount(places, parts, length).astype(np.float64, copy=False)
