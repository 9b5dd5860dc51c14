"""Whether one text repeats another: what has to be found again before it can be forgotten. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from treering.memory.retrieval.sparse import terms, words
from treering.schemas.claims import FORGOTTEN

if TYPE_CHECKING:
    from collections.abc import Iterable

MIN_WORDS = 3
"""Shorter texts ("yes", "my sister") are said by too many: they are followed only where they were asked for."""

MAX_PHRASES = 32
"""Up to so many texts are looked for one by one, in 2 µs a row; of more, every run of words is looked up, in 40 µs."""

_WORD = re.compile(r"\w+")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_MAX_ESCAPED = 2  # JSON within JSON: a model's reply, as it is stored


def normal_form(text: str) -> str:
    """The words of a text, without case, spacing and punctuation; empty where it has none.

    Example:
        >>> normal_form("I'm  allergic to PEANUTS!")
        'i m allergic to peanuts'
    """
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def is_telling(text: str) -> bool:
    """Whether a text says enough to look for its repetitions: three words, not all of them words like "of".

    Where a script puts no spaces between words, pairs of characters count as words.

    Example:
        >>> is_telling("I am vegan"), is_telling("my sister"), is_telling("so am I")
        (True, False, False)
    """
    if text == FORGOTTEN:
        return False
    found = normal_form(text).split()
    carrying = words(text)
    return max(len(found), len(carrying)) >= MIN_WORDS and bool(carrying)


@dataclass(frozen=True)
class Sought:
    """Texts that are looked for, and words that say the same when they all occur.

    Example:
        >>> sought = Sought.of(["I'm allergic to peanuts"], about="my boat")
        >>> sought.is_said_in("Well, i'm allergic to peanuts."), sought.is_said_in("The boats are mine")
        (True, True)
        >>> sought.is_said_in("I'm allergic to cats")
        False
    """

    texts: frozenset[str] = frozenset()
    """In normal form."""
    stems: frozenset[int] = frozenset()
    """Hashed stems that must all occur; none: only the texts count."""

    @classmethod
    def of(cls, texts: Iterable[str], *, about: str | None = None) -> Sought:
        """What to look for: `texts` that are telling, and whatever says `about`, however short."""
        found = {normal_form(text) for text in texts if is_telling(text)}
        if about is not None:
            found.add(normal_form(about))
        return cls(texts=frozenset(found - {""}), stems=frozenset(terms(about)) if about else frozenset())

    def and_also(self, texts: Iterable[str]) -> Sought:
        """The same, and more texts that are telling."""
        return Sought(texts=self.texts | Sought.of(texts).texts, stems=self.stems)

    def __bool__(self) -> bool:
        return bool(self.texts or self.stems)

    @cached_property
    def _phrases(self) -> tuple[str, ...]:
        """Without those that hold another: whatever holds them, holds that one."""
        kept: list[str] = []
        for text in sorted((f" {text} " for text in self.texts), key=len):
            if not any(short in text for short in kept):
                kept.append(text)
        return tuple(kept)

    @cached_property
    def _lengths(self) -> tuple[int, ...]:
        return tuple(sorted({text.count(" ") + 1 for text in self.texts}))

    def is_said_in(self, *texts: str | None) -> bool:
        """Whether one of the texts repeats what is sought, also where it is escaped as in JSON."""
        return any(self._is_said_in(reading) for text in texts if text for reading in readings(text))

    def is_in(self, padded: str) -> bool:
        """Whether one of the texts stands in another, given in normal form between spaces."""
        if len(self.texts) <= MAX_PHRASES:
            return any(phrase in padded for phrase in self._phrases)
        found = padded.split()
        return any(
            " ".join(found[at : at + length]) in self.texts
            for length in self._lengths
            for at in range(len(found) - length + 1)
        )

    def _is_said_in(self, text: str) -> bool:
        if self.is_in(f" {normal_form(text)} "):
            return True
        return bool(self.stems) and self.stems <= terms(text).keys()


NOTHING_SOUGHT = Sought()
"""Is said nowhere."""


def readings(text: str) -> Iterable[str]:
    """A text as it stands, and without one and two layers of JSON's escapes if it has any."""
    yield text
    for _ in range(_MAX_ESCAPED):
        if "\\" not in text:
            return
        text = _unescaped(text)
        yield text


def _unescaped(text: str) -> str:
    plain = _ESCAPE.sub(_character, text)
    # two escapes can be the halves of one character
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPED.get(code, code)
