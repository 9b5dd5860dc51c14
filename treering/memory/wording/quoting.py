"""Where quoted words stand in a message: exactly, or but for small slips of whoever copied them. Pure."""

from __future__ import annotations

import re
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from treering.memory.wording.folding import folded

MIN_FUZZY_CHARS = 12
"""Shorter quotes have to be there as they are: in few letters every slip makes another word."""

MAX_FUZZY_CHARS = 1_000
"""Longest quote, in characters, that is looked for with slips."""

MAX_FUZZY_COST = 40_000_000
"""Most characters of quote times characters of message that are compared: some 40 ms of work."""

CHARS_A_SLIP = 10
"""One wrong, missing or added letter is forgiven in so many characters."""

MIN_TYPO_LETTERS = 5
"""Shorter words must be right: "not" is no slip of "now"."""

MAX_WORD_CHARS = 60
"""How far back a neighbouring word is looked for."""

_WORD = re.compile(r"[\w']+")
_APART = re.compile(r"[\W_]+")


def locate(quote: str, content: str) -> tuple[int, int] | None:
    """The span of `content` in which `quote` stands; None if it does not.

    It stands there exactly; or but for case, spacing, and characters that look alike; or with punctuation of its own
    and few slips, `CHARS_A_SLIP`. Words cannot be left out, added or turned round by it: each word of the span pairs
    with one of the quote, and numbers and short words are equal.

    Cost: a search in C for each step; the last is bounded by `MAX_FUZZY_COST`.

    Example:
        >>> content = "Well, I'm alergic to penuts, sadly."
        >>> content[slice(*locate("I am not allergic", content) or (0, 0))]
        ''
        >>> content[slice(*locate("i'm alergic to peanuts sadly", content))]
        "I'm alergic to penuts, sadly"
    """
    start = content.find(quote)
    if start >= 0:
        return start, start + len(quote)
    wanted = folded(quote).text
    parts = [re.escape(part) for part in wanted.split()]
    if not parts:
        return None
    plain = folded(content)
    match = re.search(r"\s+".join(parts), plain.text, flags=re.IGNORECASE)
    span = match.span() if match else _nearly(wanted, plain.text)
    return plain.original(*span) if span else None


def _nearly(quote: str, content: str) -> tuple[int, int] | None:
    quote = " ".join(quote.split()).lower()
    if not MIN_FUZZY_CHARS <= len(quote) <= MAX_FUZZY_CHARS or len(quote) * len(content) > MAX_FUZZY_COST:
        return None
    lowered = content.lower()
    if len(lowered) != len(content):  # a letter whose small form takes two: places would not fit
        return None
    slips = max(1, len(quote) // CHARS_A_SLIP)
    least = 100 * (1 - 1.5 * slips / len(quote))
    found = fuzz.partial_ratio_alignment(quote, lowered, score_cutoff=least)
    if found is None:
        return None
    start, end = _whole_words(lowered, found.dest_start, found.dest_end)
    spans = [(start, end), *_beside(lowered, start, end)]
    wanted = _words(quote)
    for first, last in spans:
        said = _words(lowered[first:last])
        if _is_slip_of(wanted, said) and Levenshtein.distance(" ".join(wanted), " ".join(said)) <= slips:
            return first, last
    return None


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1].isalnum() and text[start : start + 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1 : end].isalnum():
        end += 1
    lead = len(text[start:end]) - len(text[start:end].lstrip())
    return start + lead, start + len(text[start:end].rstrip())


def _beside(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The span with one word less or more at either end: an alignment may miss its edges by one."""
    words = [(start + hit.start(), start + hit.end()) for hit in _WORD.finditer(text[start:end])]
    if len(words) < 3:  # noqa: PLR2004 - less than one between two others
        return []
    after = _WORD.search(text, end)
    before = list(_WORD.finditer(text, max(0, start - MAX_WORD_CHARS), start))[-1:]
    starts = [start, words[1][0], *(hit.start() for hit in before)]
    ends = [end, words[-2][1], *([after.end()] if after else [])]
    return [(first, last) for first in starts for last in ends]


def _words(text: str) -> list[str]:
    return _APART.sub(" ", text.replace("'", "")).split()


def _is_slip_of(wanted: list[str], said: list[str]) -> bool:
    """Whether two runs of words are the same, word by word, but for typing."""
    if len(wanted) != len(said):
        return "".join(wanted) == "".join(said)
    return all(left == right or _is_typo(left, right) for left, right in zip(wanted, said, strict=True))


def _is_typo(left: str, right: str) -> bool:
    if min(len(left), len(right)) < MIN_TYPO_LETTERS or left[0] != right[0] or _has_digit(left + right):
        return False
    return Levenshtein.distance(left, right, score_cutoff=2) <= (1 if _swap(left, right) is None else 2)


def _swap(left: str, right: str) -> int | None:
    """The place of two neighbouring letters that changed places; None if that is not all."""
    differing = [place for place, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]]
    for first, second in pairwise(differing[:2]):
        is_swapped = left[first] == right[second] and left[second] == right[first] and second == first + 1
        if is_swapped and left[second + 1 :] == right[second + 1 :]:
            return first
    return None


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)
