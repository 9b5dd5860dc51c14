"""Short names for turns and claims in a prompt, and the way back.

A turn is `m` and its place in the window. A claim is `c` and the beginning of its id, not its place in a list: a reply
is read again after a version conflict, when the list may have changed, and must then still mean the same claims.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.memory.tree import PersonaTree
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Turn
    from treering.schemas.listening import Window

MIN_PREFIX_CHARS = 6
"""Least characters of a claim id in its short name: two of 500 claims share them once in 130 trees, and then both
get longer names."""

_TURN_NAME = re.compile(r"[\s\[(]*m?(\d{1,6})[\s\])]*", re.IGNORECASE)
_CLAIM_NAME = re.compile(r"[\s\[(]*c([0-9a-f]{4,24})[\s\])]*", re.IGNORECASE)


def shown_turns(window: Window) -> dict[str, Turn]:
    """The turns that a model sees, by short name; not those of tools and systems, and not those without text."""
    return {
        f"m{place}": turn
        for place, turn in enumerate(window.turns, start=1)
        if turn.role in ("user", "assistant") and turn.content.strip()
    }


def turn_named(name: str, window: Window) -> Turn | None:
    """The turn with this short name."""
    match = _TURN_NAME.fullmatch(name)
    return shown_turns(window).get(f"m{int(match[1])}") if match else None


def claim_names(claims: Sequence[Claim]) -> list[str]:
    """A short name for each claim, all different."""
    ids = [claim.id for claim in claims]
    length = MIN_PREFIX_CHARS
    while len({claim_id[:length] for claim_id in ids}) < len(set(ids)):
        length += 1
    return [f"c{claim_id[:length]}" for claim_id in ids]


def claim_named(name: str, trees: Mapping[str, PersonaTree]) -> Claim | None:
    """The one live claim with this short name; None if there is none, or more than one."""
    match = _CLAIM_NAME.fullmatch(name)
    if match is None:
        return None
    prefix = match[1].lower()
    found = [claim for tree in trees.values() for claim in tree.claims.values() if claim.id.startswith(prefix)]
    return found[0] if len(found) == 1 else None
