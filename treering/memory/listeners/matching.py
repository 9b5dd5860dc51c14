"""How a new statement stands to the claims of the tree: said before, contradicting, replacing, ending, or new."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from treering.memory.conditions import condition_held, condition_of, same_condition
from treering.memory.listeners.lexicon import NUMBER_WORDS
from treering.memory.listeners.polarity import is_negative, shared, specifics, topic
from treering.memory.listeners.routing import Route, tells_past_state
from treering.memory.retrieval.vector import dots

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from treering.memory.listeners.cessation import Ending
    from treering.memory.listeners.heads.trained import Heads
    from treering.memory.listeners.vectors import TextVectors
    from treering.memory.ports import Vector
    from treering.memory.tree import PersonaTree
    from treering.schemas.claims import Claim

Kind = Literal["same", "flip", "refine", "replace"]

SAME_MEANING = 0.90
"""Cosine from which two statements of one polarity say the same."""
SAME_WORDS_MEANING = 0.62
"""Cosine from which two statements with the same topic words say the same."""
FLIP_MEANING = 0.45
"""Cosine from which two statements of opposite polarity and shared topic contradict; a negation costs 0.1 to 0.4."""
END_MEANING = 0.62
"""Cosine from which a statement ends a claim that shares no topic word with it."""
END_SHARED_MEANING = 0.35
"""The same where they share topic words."""
END_IN_SLOT_MEANING = 0.05
"""The same for the only claim of the one-valued slot that the statement belongs to."""
SHARED_ENOUGH = 0.6
"""Share of the shorter topic that two statements about one thing have in common."""
HEAD_LOOKS = 0.45
"""Cosine from which the trained head is asked how two statements stand to each other."""
HEAD_SURE: dict[Kind, float] = {"same": 0.9, "refine": 0.9, "flip": 0.8}
"""Chance from which its answer counts: a false merge loses a claim, a missed one leaves two that agree."""
HEAD_SAYS: dict[Kind, tuple[str, ...]] = {"same": ("same",), "refine": ("refines",), "flip": ("contradicts", "ends")}
"""Relations of the head that come to one kind of match: contradicted or over, a claim does not hold any more."""
HEAD_WORDS = 14
"""Longest statement, in words, that it is asked about: it learned from short ones, and takes long ones on one theme
for the same."""
COUNTED_OUT = 12
"""Highest number that is written out where things are counted."""
MAX_COMPARED = 48
"""Claims that one statement is compared with, the newest ones; bounds the work on a large tree."""


_COMPARED = re.compile(
    r"\b(?:prefers?|(?:would rather|'d rather)(?: have)?|likes?|loves?|enjoys?|favou?rs?|chooses?) (?P<this>.+?) "
    r"(?:(?:better|more) than|rather than|instead of|to|over|than) (?P<that>.+)$"
)
_COUNTED = re.compile(
    r"^(?P<verb>has|owns|keeps|weighs|earns|wears|sleeps|works|drinks|smokes) (?:about |only |now )*"
    rf"(?P<number>\d[\d.,]*|{'|'.join(NUMBER_WORDS[1 : COUNTED_OUT + 1])}) (?P<what>.+)$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A claim of the tree, and how the statement stands to it."""

    kind: Kind
    claim: Claim


class Matcher:
    """Compares statements with the current claims of one tree."""

    def __init__(self, tree: PersonaTree, vectors: TextVectors, heads: Heads | None = None) -> None:
        """Args: the tree, the vectors of claim texts, and the trained heads, where they fit."""
        self._tree = tree
        self._vectors = vectors
        self._heads = heads
        self._current = tree.current()

    def match(self, text: str, vector: Vector, route: Route) -> Match | None:
        """The claim that a statement repeats, contradicts or replaces; None where it is new."""
        pool = self._pool(topic(text), route.near)
        scores = self._scores(vector, pool)
        for kind in ("same", "flip"):
            found = self._best(kind, text, pool, scores)
            if found is not None:
                return found
        found = self._by_head(text, vector, pool, scores)
        if found is not None:
            return found
        if route.slot.cardinality == "one":
            return next((Match(kind="replace", claim=claim) for claim in self._tree.current(route.slot.path)), None)
        return None

    def ended_by(self, ending: Ending, vector: Vector, route: Route | None) -> Claim | None:
        """The claim that an ending is about, the likeliest one; None if the tree holds none."""
        about = topic(ending.former)
        negative = is_negative(ending.former)
        pool = [
            claim
            for claim in self._pool(about, route.near if route else ())
            if is_negative(claim.text) == negative and not tells_past_state(claim.text)
        ]
        best: tuple[float, Claim] | None = None
        for claim, score in zip(pool, self._scores(vector, pool), strict=True):
            overlap = shared(about, topic(claim.text))
            if score >= _least_to_end(claim, ending, overlap, route) and (best is None or score + overlap > best[0]):
                best = (score + overlap, claim)
        return best[1] if best else None

    def _best(
        self, kind: Literal["same", "flip"], text: str, pool: Sequence[Claim], scores: Sequence[float]
    ) -> Match | None:
        ranked = sorted(zip(scores, range(len(pool)), strict=True), reverse=True)
        if kind == "same":
            found = next((pool[i] for score, i in ranked if _says_the_same(text, pool[i].text, score)), None)
        else:
            found = next(
                (pool[i] for score, i in ranked if _contradicts(text, pool[i].text, score) and _covers(text, pool[i])),
                None,
            )
        return Match(kind=kind, claim=found) if found else None

    def _by_head(self, text: str, vector: Vector, pool: Sequence[Claim], scores: Sequence[float]) -> Match | None:
        """What the relation head is surest of, among the claims that nothing in their words rules out."""
        if self._heads is None or len(text.split()) > HEAD_WORDS or tells_past_state(text):
            return None
        asked = [
            claim
            for claim, score in zip(pool, scores, strict=True)
            if score >= HEAD_LOOKS and len(claim.text.split()) <= HEAD_WORDS and not tells_past_state(claim.text)
        ]
        if not asked:
            return None
        known = [claim.text for claim in asked]
        rows = self._heads.relations(
            known, [text] * len(known), self._vectors.of(known), np.broadcast_to(vector, (len(known), len(vector)))
        )
        best: tuple[float, Match] | None = None
        for claim, chances in zip(asked, rows, strict=True):
            for kind, sure in HEAD_SURE.items():
                chance = sum(chances[relation] for relation in HEAD_SAYS[kind])
                if chance >= sure and (best is None or chance > best[0]) and _may_be(kind, text, claim):
                    best = (chance, Match(kind=kind, claim=claim))
        return best[1] if best else None

    def _pool(self, about: frozenset[str], near: Iterable[str]) -> list[Claim]:
        paths = set(near)
        pool = [c for c in self._current if c.path in paths or about & topic(c.text)]
        return sorted(pool, key=lambda c: (c.path not in paths, -c.order))[:MAX_COMPARED]

    def _scores(self, vector: Vector, pool: Sequence[Claim]) -> list[float]:
        if not pool:
            return []
        return [float(score) for score in dots(self._vectors.of([claim.text for claim in pool]), vector)]


def _may_be(kind: Kind, new: str, claim: Claim) -> bool:
    """Whether the words allow what the head says: both are about one thing, and a merge loses nothing that is known."""
    old = claim.text
    named, known = specifics(f"x {new}"), specifics(f"x {old}")
    if (named and known and not named & known) or not _covers(new, claim):
        return False
    about, before = topic(new), topic(old)
    if kind == "flip":
        return shared(about, before) >= SHARED_ENOUGH
    if is_negative(new) != is_negative(old):
        return False
    if kind == "same":
        return named <= known and shared(about, before) >= SHARED_ENOUGH
    return before <= about and known <= named


def _covers(new: str, old: Claim) -> bool:
    """Whether a statement holds whenever a claim does: "eats fish when travelling" leaves "is vegetarian" alone."""
    condition = condition_of(new)
    return condition is None or same_condition(condition, condition_held(old))


def _is_turned(new: str, old: str) -> bool:
    """Whether a comparison points the other way now, or another number of the same is told.

    Example:
        >>> _is_turned("prefers coffee to tea", "prefers tea to coffee"), _is_turned("has three cats", "has two cats")
        (True, True)
    """
    here, there = _COMPARED.search(new), _COMPARED.search(old)
    if here and there:
        this, that = topic(here["this"]), topic(there["this"])
        return not this & that and bool(this & topic(there["that"])) and bool(that & topic(here["that"]))
    fresh, known = _COUNTED.match(new), _COUNTED.match(old)
    if fresh and known:
        same = (fresh["verb"], topic(fresh["what"])) == (known["verb"], topic(known["what"]))
        return same and fresh["number"] != known["number"]
    return False


def _says_the_same(new: str, old: str, score: float) -> bool:
    if score < SAME_WORDS_MEANING or is_negative(new) != is_negative(old) or not specifics(new) <= specifics(old):
        return False
    return (score >= SAME_MEANING or topic(new) <= topic(old)) and not _is_turned(new, old)


def _contradicts(new: str, old: str, score: float) -> bool:
    """Whether both speak of the present, on one thing, and point opposite ways; what happened once stays true."""
    if score < FLIP_MEANING:
        return False
    if is_negative(new) == is_negative(old):
        return _is_turned(new, old)
    if shared(topic(new), topic(old)) < SHARED_ENOUGH:
        return False
    return not tells_past_state(new) and not tells_past_state(old)


def _least_to_end(claim: Claim, ending: Ending, overlap: float, route: Route | None) -> float:
    """Cosine that a claim needs to be ended; names that differ rule it out."""
    named, known = specifics(f"x {ending.former}"), specifics(f"x {claim.text}")
    if named and known and not named & known:
        return 2.0
    if route and route.slot.cardinality == "one" and claim.path == route.slot.path:
        return END_IN_SLOT_MEANING
    return END_SHARED_MEANING if overlap >= SHARED_ENOUGH else END_MEANING
