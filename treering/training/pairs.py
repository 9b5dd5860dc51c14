"""Pairs of claims and how they relate, for the relation head."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from treering.errors import InvalidInput
from treering.memory.listeners.heads.pairs import RELATIONS
from treering.memory.listeners.polarity import shared, topic
from treering.training.corpus import DRAWN_TO_TEST, Material, Split, claim_of, drawn, sentences, written
from treering.training.phrases import phrases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from treering.schemas.trunk import Trunk
    from treering.training.phrases import Words

DRAWN_PAIRS = 24
"""Pairs drawn from one template."""
CHANCE_PAIRS = 2_000
"""Pairs of two sentences drawn from different slots, and of two from one slot, all of them unrelated."""
ONE_THING = 0.5
"""Share of their topic words from which two sentences of one slot may be about one thing, and are left out."""


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
    if split != "written":
        for line in drawn(material.apart, split):
            yield from _apart(line.split(" | "), words, chance, rounds=max(times // 6, 1))


def _apart(templates: Sequence[str], words: Words, chance: np.random.Generator, *, rounds: int) -> Iterator[Pair]:
    """Each two of what is said of one thing, both ways."""
    for _ in range(rounds):
        for first, second in permutations(templates, 2):
            old, new = phrases((first, second), words, chance)
            yield Pair(claim_of(old), claim_of(new), "unrelated")


def _by_chance(
    material: Material, trunk: Trunk, split: Split, seed: int, chance: np.random.Generator
) -> Iterator[Pair]:
    said = [s for s in sentences(material, trunk, split, seed) if s.path is not None]
    times = CHANCE_PAIRS if split == "train" else CHANCE_PAIRS // 10
    for first, second in chance.integers(len(said), size=(times, 2)).tolist():
        if said[first].path != said[second].path:
            yield Pair(said[first].text, said[second].text, "unrelated")
    neighbours: dict[str, list[str]] = {}
    for one in said:
        neighbours.setdefault(one.path or "", []).append(one.text)
    slots = [texts for texts in neighbours.values() if len(texts) > 1]
    for place in chance.integers(len(slots), size=times if slots else 0).tolist():
        old, new = chance.choice(slots[place], size=2, replace=False).tolist()
        if shared(topic(old), topic(new)) < ONE_THING:
            yield Pair(old, new, "unrelated")


def _sides(line: str) -> tuple[str, str]:
    old, arrow, new = line.partition(" => ")
    if not arrow:
        raise InvalidInput("training file relations.yaml", f"{line!r} has no ' => '")
    return old, new
