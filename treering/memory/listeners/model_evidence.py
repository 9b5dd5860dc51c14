"""Finds the words of the user that an operation rests on, where a model quotes them loosely or not at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from treering.memory.drafting import locate
from treering.memory.retrieval.sparse import terms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from treering.schemas.dialogue import Turn
    from treering.schemas.listening import Window

_SENTENCE = re.compile(r"[^.!?\u2026\u3002\uff01\uff1f\n]+[.!?\u2026\u3002\uff01\uff1f]*")
#: Marks that models straighten when they copy; each stands for one character, so places stay.
_STRAIGHT = str.maketrans(
    "\u201c\u201d\u201e\u2018\u2019\u00a0\u2013\u2014",
    '"""\'\' --',
)
_AROUND = " \t\n\"'\u201c\u201d\u2018\u2019\u2026"


def user_turns(window: Window) -> list[Turn]:
    """The turns of the window in which the user says something."""
    return [turn for turn in window.turns if turn.role == "user" and turn.content.strip()]


def find_quote(quote: str, content: str) -> str | None:
    """`quote` as it stands in `content`, but for case, spacing, and straight or smart marks; None if it does not."""
    for wanted in (quote, quote.strip(_AROUND)):
        span = locate(wanted, content) or locate(wanted.translate(_STRAIGHT), content.translate(_STRAIGHT))
        if span is not None and wanted:
            return content[span[0] : span[1]]
    return None


def best_turn(about: str, window: Window) -> Turn | None:
    """The user turn that shares the most words with `about`; the only one, where there is only one."""
    turns = user_turns(window)
    if len(turns) <= 1:
        return turns[0] if turns else None
    overlaps = [_overlap(about, turn.content) for turn in turns]
    return turns[overlaps.index(max(overlaps))] if max(overlaps) else None


def best_sentence(about: str, content: str) -> str:
    """The sentence of `content` that shares the most words with `about`, as it stands there; the first of equals."""
    return max(_sentences(content), key=lambda sentence: _overlap(about, sentence), default=content.strip())


def _sentences(content: str) -> Iterator[str]:
    for match in _SENTENCE.finditer(content):
        if match[0].strip():
            yield match[0].strip()


def _overlap(left: str, right: str) -> int:
    return len(set(terms(left)) & set(terms(right)))
