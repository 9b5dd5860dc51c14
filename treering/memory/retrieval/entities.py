"""What a text mentions: names, pairs of words and dates, found by rules, as hashes."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from treering.memory.retrieval.sparse import MAX_WORD_CHARS, STOP_WORDS, stem
from treering.memory.word_caches import word_cache

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

MAX_CHARS = 16_384
"""Characters that are looked through: what a longer text goes on to say is found by its words, not by what it names."""

HASHES_KEPT = 32_768
"""Entities whose hash is remembered, about 6 MB."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_ACCENTS = re.compile("[\u0300-\u036f]")
_APOSTROPHES = str.maketrans("\u2019\u02bc", "''")
_SENTENCE_END = re.compile(r'[.!?:;\n"\u201c*#]')

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = r"[0-3]?\d(?:st|nd|rd|th)?\b"
_YEAR = r"(?:19|20)\d\d\b"
_DATE = re.compile(
    rf"""\b(?P<iso>{_YEAR})-(?P<number>0[1-9]|1[0-2])(?:-(?P<last>[0-3]\d))?\b
    |(?:\b(?P<before>{_DAY})\ (?:of\ )?|\b(?P<when>[Ii]n|[Ss]ince|[Uu]ntil|[Bb]y|[Dd]uring|[Ll]ast|[Nn]ext|[Tt]his)\ )?
    \b(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?
    |Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?(?:\ (?P<after>{_DAY}))?(?:,?\ (?P<year>{_YEAR}))?
    |\b(?P<bare>{_YEAR})""",
    re.VERBOSE,
)


class _Word(NamedTuple):
    plain: str
    """Without case, accents and possessive ending."""
    is_stop: bool
    is_name: bool
    """Whether it has a capital, and not for beginning a sentence."""
    is_adjacent: bool
    """Whether only a space or a hyphen stands between it and the word before."""


def entities(text: str, speaker: str | None = None, at: datetime | None = None) -> dict[int, int]:
    """How often each entity is mentioned, hashed: what links a text to others, as in HippoRAG (Gutiérrez et al. 2024).

    Entities are words with a capital within a sentence; two content words side by side, by their stems ("Ana Ribeiro",
    "pottery classes", "3 miles"); days, months and years. Hashes are the same in every process and release, so they
    can be stored. English only.

    Args:
        text: What was said, or a question.
        speaker: The name of who said it, which is mentioned too.
        at: When it was said. A month without a year is the nearest one; with no time at all it is left out.

    Example:
        >>> said = entities("My sister Ana has pottery classes.")
        >>> said == {
        ...     entity_of("name", "ana"): 1,
        ...     entity_of("pair", "sister ana"): 1,
        ...     entity_of("pair", "potteri class"): 1,
        ... }
        True
    """
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text[:MAX_CHARS].translate(_APOSTROPHES)))
    found = list(_words(plain))
    names = (entity_of("name", word.plain) for word in found if word.is_name)
    said_by = _WORD.findall((speaker or "").casefold())
    speakers = (entity_of(kind, word) for word in said_by for kind in ("name", "speaker"))
    return dict(Counter([*names, *speakers, *_pairs(found), *_dates(plain, at)]))


@word_cache(maxsize=HASHES_KEPT)
def entity_of(kind: Literal["name", "pair", "date", "speaker"], key: str) -> int:
    """The 32-bit hash of an entity: of a lower-case name, of two stems, of the begin of an ISO date, or of who speaks.

    Example:
        >>> entity_of("date", "2024-05") != entity_of("date", "2024-05-07")
        True
    """
    return int.from_bytes(hashlib.blake2b(f"{kind} {key}".encode(), digest_size=4).digest())


def _words(text: str) -> Iterator[_Word]:
    end = 0
    for found in _WORD.finditer(text):
        between, word = text[end : found.start()], found.group()
        plain = word.casefold()
        bare = plain.removesuffix("'s")[:MAX_WORD_CHARS]
        is_stop = bool({plain, bare} & STOP_WORDS)
        is_first = not end or _SENTENCE_END.search(between) is not None
        yield _Word(
            plain=bare,
            is_stop=is_stop,
            is_name=word[0].isupper() and not is_first and not is_stop,
            is_adjacent=between in (" ", "-"),
        )
        end = found.end()


def _pairs(words: Sequence[_Word]) -> Iterator[int]:
    for one, other in pairwise(words):
        if other.is_adjacent and not one.is_stop and not other.is_stop:
            yield entity_of("pair", f"{stem(one.plain)} {stem(other.plain)}")


def _dates(text: str, at: datetime | None) -> Iterator[int]:
    """Years; months, where a day, a year or a preposition tells them from names and verbs; their days."""
    for found in _DATE.finditer(text):
        year = found["iso"] or found["year"] or found["bare"]
        day = found["last"] or found["before"] or found["after"]
        if year:
            yield entity_of("date", year)
        if found["bare"] or not (year or day or found["when"]):
            continue
        month = int(found["number"] or _MONTHS.index(found["month"][:3].lower()) + 1)
        year = year or (at and _nearest_year(month, at))
        if year:
            yield entity_of("date", f"{year}-{month:02}")
        if year and day:
            yield entity_of("date", f"{year}-{month:02}-{int(day[:2].rstrip('snrt')):02}")


def _nearest_year(month: int, at: datetime) -> str:
    """The year of the month of this number that lies nearest, of two the past one."""
    half = len(_MONTHS) // 2
    ahead = (month - at.month + half) % len(_MONTHS) - half
    return str(at.year + (at.month - 1 + ahead) // len(_MONTHS))
