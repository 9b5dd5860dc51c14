"""Which claims a request to forget is about.

Rather too many than too few: they are silent until the person decides, and nothing goes before they confirm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.listeners.polarity import topic
from treering.memory.retrieval.vector import dots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from treering.memory.listeners.vectors import TextVectors
    from treering.memory.tree import PersonaTree
    from treering.schemas.claims import Claim
    from treering.schemas.trunk import Trunk

ABOUT_MEANING = 0.55
"""Cosine from which a claim is about the subject of a request although they share no word."""


def to_forget(subject: str, trees: Mapping[str, PersonaTree], trunk: Trunk, vectors: TextVectors) -> list[Claim]:
    """Live claims, past ones too, that `subject` names; all of them where it is empty."""
    live = [claim for _, tree in sorted(trees.items()) for claim in sorted(tree.claims.values(), key=lambda c: c.id)]
    if not subject or not live:
        return live
    about = topic(subject)
    embedded = vectors.of([subject, *(claim.text for claim in live)])
    return [
        claim
        for claim, score in zip(live, dots(embedded[1:], embedded[0]), strict=True)
        if float(score) >= ABOUT_MEANING or _names(about, claim, trunk)
    ]


def _names(about: frozenset[str], claim: Claim, trunk: Trunk) -> bool:
    """Whether every topic word of the request stands in the claim, its path, its slot's description, or whose it is."""
    about = about - {"name"} or about  # "my ex's name" stands in "has an ex named Marcus"
    slot = trunk.by_path.get(claim.path)
    whose = claim.subject.partition(":")[2]
    words = topic(claim.text) | topic(claim.path.replace(".", " ").replace("_", " ")) | topic(whose)
    if not about or not about & words:
        return False
    return about <= words or (slot is not None and about <= words | topic(slot.description))
