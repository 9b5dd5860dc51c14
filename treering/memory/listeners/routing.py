"""Which slot a statement belongs to: the nearest one by meaning that its form allows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from treering.memory.listeners.lexicon import PEOPLE_WORDS, PETS
from treering.memory.listeners.polarity import topic
from treering.memory.listeners.ties import WHO, alike, noun_of
from treering.memory.listeners.verbs import is_past
from treering.memory.retrieval.sparse import STOP_WORDS
from treering.memory.word_caches import word_cache

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.memory.ports import Vector
    from treering.schemas.trunk import Slot, Trunk

FLOOR = 0.20
"""Least score of a statement in a slot; below it the statement is no claim. Everyday statements reach 0.25 to 0.8 in
a fitting slot, remarks on the conversation 0.1 to 0.3: the words themselves must tell the two apart (`worth`)."""
ONE_VALUED_FLOOR = 0.32
"""Least score for a one-valued slot, where a wrong route would replace a right claim."""
ROUTES = 12
"""Slots looked at for one statement."""

HEAD_SHARE = 0.3
"""Score that a slot gains where the trained head is sure of it: 0.2 to 0.4 route the held-out sentences of
`treering train local` equally well, better than either of the two alone."""
HEAD_LOOKS = 0.02
"""Least chance by the head with which a slot is looked at that is not among the nearest."""

PEOPLE_SLOT_WORDS = 2
"""Words for people in the description of a slot that is about people."""
NEAR = 6
"""Slots in which a claim about the same thing is looked for."""
PEOPLE_SHIFT = 0.15
"""Score by which a slot gains that names the person spoken of ("sister"), and a slot about people loses when none is
spoken of: "lives in Porto" is nearer to "has a mother who lives in Porto" than to "lives in Lisbon". What is told of
somebody ("has a sister who is allergic to nuts") is lost as much by a slot that is not about them, where one is."""

OPENING_WORDS = 2
"""Words at the start of a claim that may say what kind it is: "lives in", "works as", "is allergic"."""
OPENING_SHIFT = 0.12
"""Score by which a slot gains that has an example with the same opening: a rare name must not outweigh "lives in"."""
_SAYS_NOTHING = STOP_WORDS | {"longer", "never", "wants", "always"}

_CHANGE = re.compile(
    r"\b(?:moved|started|began|became|got|turned|switched|changed|joined|was (?:born|promoted|hired|diagnosed)"
    r"|accepted|landed|bought"
    r"|adopted|enrolled|subscribed|took up|married|came out|relocated|settled|signed|quit|left|retired|lost|rented)\b"
)
_PAST_HELPERS = frozenset({"was", "used", "had", "didn't", "wasn't", "weren't", "couldn't", "hadn't"})
_RELATION = re.compile(
    r"^(?:has|is \w+ing \w+ with) (?:an? )?(?P<who>[\w -]+?) (?:named|who)\b|^their (?P<their>\w+(?:-\w+)*)\b"
)
#: What is told of one person: "has an older sister who is a vet".
_TOLD_OF = re.compile(rf"^has (?:an? )?(?P<who>{WHO}) who\b")


class NearestSlots(Protocol):
    """Finds slots by meaning."""

    def nearest(self, queries: Vector, limit: int) -> Sequence[Sequence[tuple[str, float]]]:
        """For each query vector the best `limit` slots with their score, best first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A slot for a statement."""

    slot: Slot
    score: float
    """How near it is to what the description and examples of the nearest slot say that it may stand in."""
    near: tuple[str, ...]
    """Paths of the slots where a claim about the same thing may stand."""


def route(
    text: str,
    ranked: Sequence[tuple[str, float]],
    trunk: Trunk,
    *,
    is_boundary: bool = False,
    chances: Mapping[str, float] | None = None,
) -> Route | None:
    """The best slot that the statement's form allows; None below the floor.

    Args:
        text: The statement.
        ranked: The slots nearest to it, best first; with `chances` all of them.
        trunk: Where the slots are.
        is_boundary: It is a line not to be crossed.
        chances: How likely the trained head finds each slot, where there is one.
    """
    looked_at = _looked_at(ranked, chances)
    if is_boundary:
        scored = _blended(_boundaries(ranked, trunk), chances or {})
    else:
        scored = _blended(_shifted(text, looked_at, trunk), chances or {})
    allowed = [
        (slot, near)
        for path, near, score in scored
        if (slot := trunk.by_path.get(path)) is not None
        and (is_boundary or (score >= FLOOR and not slot.always and _allows(slot, text, score)))
    ]
    if not allowed:
        return None
    around = [path for path, _, _ in scored] if chances else [path for path, _ in ranked]
    return Route(slot=allowed[0][0], score=max(near for _, near in allowed), near=(allowed[0][0].path, *around[:NEAR]))


def tells_past_state(text: str) -> bool:
    """Whether it is true of the past only ("used to be a cook"), so that it must not replace the present."""
    first = text.split(" ", 1)[0]
    return (is_past(first) or first in _PAST_HELPERS) and not _CHANGE.search(text)


def _boundaries(ranked: Sequence[tuple[str, float]], trunk: Trunk) -> list[tuple[str, float]]:
    always = [slot.path for slot in trunk.slots if slot.always]
    return [(path, score) for path, score in ranked if path in always] or [(path, FLOOR) for path in always]


def _looked_at(ranked: Sequence[tuple[str, float]], chances: Mapping[str, float] | None) -> Sequence[tuple[str, float]]:
    if chances is None:
        return ranked
    beyond = [pair for pair in ranked[ROUTES:] if chances.get(pair[0], 0.0) >= HEAD_LOOKS]
    return [*ranked[:ROUTES], *beyond]


def _blended(shifted: Sequence[tuple[str, float]], chances: Mapping[str, float]) -> list[tuple[str, float, float]]:
    """Path, nearness, and score with the head's share; best first."""
    scored = [(path, near, near + HEAD_SHARE * chances.get(path, 0.0)) for path, near in shifted]
    return sorted(scored, key=lambda item: -item[2])


def _shifted(text: str, ranked: Sequence[tuple[str, float]], trunk: Trunk) -> list[tuple[str, float]]:
    spoken_of = _stems(_words(text) & PEOPLE_WORDS)
    is_relation = _RELATION.match(text) is not None
    whose = _told_of(text)
    is_theirs = bool(whose) and any(whose & _people_of(slot) for slot in trunk.slots)
    opening = _opening(text)
    shifted = []
    for path, score in ranked:
        slot = trunk.by_path.get(path)
        if slot is None:
            continue
        if opening is not None and opening in _openings(slot):
            shift = OPENING_SHIFT
        elif is_theirs:
            shift = PEOPLE_SHIFT if whose & _people_of(slot) else -PEOPLE_SHIFT
        else:
            shift = _people_shift(slot, spoken_of, is_relation=is_relation)
        shifted.append((path, score + shift))
    return sorted(shifted, key=lambda pair: -pair[1])


def _told_of(text: str) -> frozenset[str]:
    """What the person may be called of whom a claim tells something; nothing where it tells of its subject alone."""
    relation = _TOLD_OF.match(text)
    return _stems(alike(noun_of(relation["who"]))) if relation else frozenset()


def _people_shift(slot: Slot, spoken_of: frozenset[str], *, is_relation: bool) -> float:
    if spoken_of & _people_of(slot):
        return PEOPLE_SHIFT if is_relation else 0.0
    return -PEOPLE_SHIFT if len(_people_words(slot) - PETS) >= PEOPLE_SLOT_WORDS else 0.0


def _people_of(slot: Slot) -> frozenset[str]:
    return _stems(_people_words(slot))


def _stems(words: frozenset[str]) -> frozenset[str]:
    return topic(" ".join(sorted(words)))


def _people_words(slot: Slot) -> frozenset[str]:
    return _words(f"{slot.path} {slot.description}") & PEOPLE_WORDS


@lru_cache(maxsize=4_096)
def _openings(slot: Slot) -> frozenset[str | None]:
    return frozenset(_opening(example) for example in slot.examples)


def _opening(text: str) -> str | None:
    """The first words of a claim; None where they say nothing, as "has a" does."""
    first = text.lower().split()[:OPENING_WORDS]
    return None if _SAYS_NOTHING.issuperset(first) else " ".join(first)


@word_cache(maxsize=4_096)
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower()))


def _allows(slot: Slot, text: str, score: float) -> bool:
    if slot.cardinality == "many":
        return True
    if score < ONE_VALUED_FLOOR or tells_past_state(text):
        return False
    relation = _RELATION.match(text)
    return relation is None or bool(
        topic(relation["who"] or relation["their"]) & topic(f"{slot.path} {slot.description}")
    )
