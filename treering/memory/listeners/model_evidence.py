"""Finds the words of the user that an operation rests on, where a model quotes them loosely or not at all."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from treering.memory.retrieval.sparse import terms
from treering.memory.whose import whose
from treering.memory.word_caches import word_cache
from treering.memory.wording.quoting import locate
from treering.schemas.claims import SELF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from treering.schemas.dialogue import Turn
    from treering.schemas.listening import Window

MAX_GAP_CHARS = 200
"""Longest piece that a quote may leave out with an ellipsis, in characters."""

#: Ends of sentences: Latin, Chinese and Japanese, Arabic and Urdu, Indic.
_ENDS = ".!?\u2026\u3002\uff01\uff1f\uff0e\u061f\u06d4\u0964"
_SENTENCE = re.compile(rf"[^{_ENDS}\n]+[{_ENDS}]*")
#: Marks that models straighten when they copy.
_STRAIGHT = str.maketrans(
    "\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d\u300e\u300f\u2018\u2019\u2013\u2014\u2010\u2011\u2212"
    "\u3002\u3001\u060c\u061b\u061f\u06d4",
    '"""""""""\'\'-----.,,;?.',
)
_AROUND = " \t\n\"'\u201c\u201d\u2018\u2019\u2026\u00ab\u00bb\u300c\u300d"
_GAP = re.compile(r"\[?(?:\.\.\.|\u2026)\]?")
#: Marks over letters, tatweel, and characters without width: a copy may have them or not.
_UNSEEN = frozenset({"Mn", "Me", "Cf", "Cc"})
_TATWEEL = "\u0640"


def user_turns(window: Window) -> list[Turn]:
    """The turns of the window in which the user says something."""
    return [turn for turn in window.turns if is_users(turn, window) and turn.content.strip()]


def is_users(turn: Turn, window: Window) -> bool:
    """Whether the user speaks, and not another of several people."""
    return whose(turn, window) == SELF


def find_quote(quote: str, content: str) -> str | None:
    """`quote` as it stands in `content`; None if it does not.

    Beside what `wording.quoting.locate` forgives, accents, vowel marks and the way in which letters are composed make
    no difference, and a quote may leave out a piece with an ellipsis.

    Example:
        >>> find_quote('i live in "Graz"', "Well, I  live in \u201eGraz\u201c.")
        'I  live in \u201eGraz\u201c'
    """
    for wanted in (quote, quote.strip(_AROUND)):
        span = (locate(wanted, content) or _locate_loosely(wanted, content)) if wanted else None
        if span is not None:
            return content[span[0] : span[1]]
    return _find_in_pieces(quote.strip(_AROUND), content)


def best_turn(about: str, window: Window) -> Turn | None:
    """The user turn that shares the most words with `about`; the only one, where there is only one."""
    turns = user_turns(window)
    if len(turns) <= 1:
        return turns[0] if turns else None
    overlaps = [_overlap(about, turn.content) for turn in turns]
    return turns[overlaps.index(max(overlaps))] if max(overlaps) else None


def best_sentence(about: str, content: str) -> str:
    """The sentence of `content` that shares the most words with `about`, as it stands there; the first of equals."""
    return max(sentences(content), key=lambda sentence: _overlap(about, sentence), default=content.strip())


def sentences(content: str) -> Iterator[str]:
    """The sentences of a text in any language, roughly; as they stand there."""
    for match in _SENTENCE.finditer(content):
        if match[0].strip():
            yield match[0].strip()


def _find_in_pieces(quote: str, content: str) -> str | None:
    pieces = [piece for piece in _GAP.split(quote) if piece.strip()]
    if len(pieces) <= 1:
        return None
    begin, end = -1, 0
    for piece in pieces:
        span = _locate_loosely(piece, content[end:])
        if span is None or (begin >= 0 and span[0] > MAX_GAP_CHARS):
            return None
        begin = span[0] if begin < 0 else begin
        end += span[1]
    return content[begin:end]


def _locate_loosely(quote: str, content: str) -> tuple[int, int] | None:
    wanted = _loosened(quote)[0].strip()
    letters, places = _loosened(content)
    at = letters.find(wanted) if wanted else -1
    if at < 0:
        return None
    end = places[at + len(wanted) - 1] + 1
    while end < len(content) and unicodedata.category(content[end]) == "Mn":
        end += 1
    return places[at], end


@word_cache(maxsize=64)
def _loosened(text: str) -> tuple[str, tuple[int, ...]]:
    """A text without what a copy may change, and for each character its place in the text."""
    letters: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for letter in _letters_of(char):
            if letter == " " and letters[-1:] in ([], [" "]):
                continue
            letters.append(letter)
            places.append(place)
    return "".join(letters), tuple(places)


def _letters_of(char: str) -> str:
    if char.isspace():
        return " "
    if char.isascii():
        return char.lower()
    plain = unicodedata.normalize("NFKD", char.translate(_STRAIGHT)).casefold()
    return "".join(c for c in plain if unicodedata.category(c) not in _UNSEEN and c != _TATWEEL)


def _overlap(left: str, right: str) -> int:
    return len(set(terms(left)) & set(terms(right)))
