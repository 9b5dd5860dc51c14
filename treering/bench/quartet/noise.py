"""How people type: carelessly, with slips and fillers, without punctuation. No answer hangs on a word that slips."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from treering.bench.quartet.dice import Dice

_FILLERS = ("uh, ", "well, ", "so, ", "hm, ", "oh, ")
_SLIPS = {0: 0.0, 1: 0.0, 2: 0.05, 3: 0.12}
"""Share of the longer words in which two letters change places, by level."""

_LONG_WORD = 5
_WORD = re.compile(r"[A-Za-z]+")
_MARKS = re.compile(r"[.,;:!?]")


def noisy(text: str, level: int, kept: frozenset[str], dice: Dice) -> str:
    """The text as somebody would type it.

    Args:
        text: What is said.
        level: 0 to 3, see `Dial.noise`.
        kept: Words that are spelled right, in lower case.
        dice: Chance.

    Example:
        >>> from treering.bench.quartet.dice import Dice
        >>> noisy("I live in Porto.", 3, frozenset({"live", "porto"}), Dice("a"))
        'i live in porto'
    """
    if not level:
        return text

    def slip(found: re.Match[str]) -> str:
        word = found[0]
        slips = len(word) >= _LONG_WORD and word.lower() not in kept and dice.happens(_SLIPS[level])
        return _swapped(word, 1 + dice.upto(len(word) - 3)) if slips else word

    typed = _WORD.sub(slip, text)
    if level > 1 and dice.happens(0.25):
        typed = dice.one(_FILLERS) + typed
    if level > 2:  # noqa: PLR2004 - a level
        return _MARKS.sub("", typed).lower()
    if dice.happens(0.3):
        typed = typed.removesuffix(".")
    return typed[:1].lower() + typed[1:] if dice.happens(0.3) else typed


def _swapped(word: str, place: int) -> str:
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
