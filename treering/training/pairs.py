"""Pairs of claims and how they relate, for the relation head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from treering.errors import InvalidInput
from treering.memory.listeners.heads.pairs import RELATIONS
from treering.training.corpus import DRAWN_TO_TEST, Material, Split, claim_of, drawn, sentences, written
from treering.training.phrases import phrases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from treering.schemas.trunk import Trunk

DRAWN_PAIRS = 24
"""Pairs drawn from one template."""
CHANCE_PAIRS = 2_000
"""Pairs of two sentences drawn anywhere, all of them unrelated."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An older claim, a newer one, and the newer one's relation to it."""

    old: str
    new: str
    relation: str


def pairs(material: Material, trunk: Trunk, split: Split, seed: int) -> list[Pair]:
    """The pairs of one split, each once.

    Raises:
        InvalidInput: A template has no ` => `, or a relation is unknown.
    """
    chance = np.random.default_rng([seed, 7, ("train", "words", "phrasing", "written").index(split)])
    found = dict.fromkeys(_pairs(material, split, chance))
    if split != "written":
        found |= dict.fromkeys(_by_chance(material, trunk, split, seed, chance))
    return [pair for pair in found if pair.old != pair.new or pair.relation == "same"]


def _pairs(material: Material, split: Split, chance: np.random.Generator) -> Iterator[Pair]:
    known, held = material.split_words
    words, times = (known, DRAWN_PAIRS) if split == "train" else (held, DRAWN_TO_TEST)
    for relation in (*material.pairs, *material.written_pairs):
        if relation not in RELATIONS:
            raise InvalidInput("training file relations.yaml", f"{relation!r} is none of {', '.join(RELATIONS)}")
    for relation in RELATIONS:
        for line in written(material.written_pairs.get(relation, ()), split):
            old, new = _sides(line)
            yield Pair(claim_of(old), claim_of(new), relation)
        if split != "written":
            for line in drawn(material.pairs.get(relation, ()), split):
                for _ in range(times):
                    old, new = phrases(_sides(line), words, chance)
                    yield Pair(claim_of(old), claim_of(new), relation)


def _by_chance(
    material: Material, trunk: Trunk, split: Split, seed: int, chance: np.random.Generator
) -> Iterator[Pair]:
    texts = [(s.text, s.path) for s in sentences(material, trunk, split, seed) if s.path is not None]
    places = chance.integers(len(texts), size=(CHANCE_PAIRS if split == "train" else CHANCE_PAIRS // 10, 2))
    for first, second in places:
        (old, old_path), (new, new_path) = texts[first], texts[second]
        if old_path != new_path:
            yield Pair(old, new, "unrelated")


def _sides(line: str) -> tuple[str, str]:
    old, arrow, new = line.partition(" => ")
    if not arrow:
        raise InvalidInput("training file relations.yaml", f"{line!r} has no ' => '")
    return old, new
