"""How many times something was really said: in other sessions, on other days, in other words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.repetition import normal_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from treering.schemas.claims import Evidence
    from treering.schemas.dialogue import Turn

SUPPORTS_OF_A_TRAIT = 2
"""Independent supports that make a conclusion a claim: once is a mood, twice is a sign."""

SUPPORTS_OF_A_HABIT = 3
"""Independent reports of one kind of event that make a habit; no model has looked, so the bar is higher."""


def standing(evidence: Iterable[Evidence], turns: Mapping[str, Turn]) -> tuple[Evidence, ...]:
    """Words that still stand in their message, each once, in the order in which they were said."""
    found = {}
    for piece in evidence:
        turn = turns.get(piece.message_id)
        if turn is not None and turn.content[piece.start : piece.start + len(piece.quote)] == piece.quote:
            found[(turn.seq, piece.start, piece.quote)] = piece
    return tuple(found[place] for place in sorted(found))


def independent(evidence: Iterable[Evidence], turns: Mapping[str, Turn]) -> tuple[Evidence, ...]:
    """The supports that no other one of them may be an echo of, oldest first.

    Two are independent when session, day (UTC) and words differ. Each is taken that is independent of those taken
    before it, in the order in which they were said.
    """
    found: list[Evidence] = []
    seen: set[tuple[str, object]] = set()
    for piece in standing(evidence, turns):
        turn = turns[piece.message_id]
        marks = {("session", turn.session), ("day", turn.at.date()), ("words", normal_form(piece.quote))}
        if seen.isdisjoint(marks):
            seen |= marks
            found.append(piece)
    return tuple(found)


def confidence(supports: int) -> float:
    """How sure a conclusion from so many independent supports is, 0 to 1: Laplace's rule of succession, (n+1)/(n+2).

    Example:
        >>> [round(confidence(n), 2) for n in (2, 3, 8)]
        [0.75, 0.8, 0.9]
    """
    return (supports + 1) / (supports + 2)
