"""The sparse side of search: words of a text as hashed stems."""

from __future__ import annotations

import hashlib
import re
import threading
import unicodedata
from collections import Counter

from Stemmer import Stemmer

from treering.memory.word_caches import word_cache

STEMS_KEPT = 32_768
"""Words whose stem is remembered, about 6 MB; a person's turns use fewer."""

MAX_WORD_CHARS = 64
"""Longer runs of letters are cut here: they are hashes, URLs or noise, and stemming is not linear."""

STOP_WORDS = frozenset(
    """
    a about above after again against all also am an and any are aren't as at be because been before being below
    between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each few for
    from further had hadn't has hasn't have haven't having he he'd he'll he's her here hers herself him himself his how
    i i'd i'll i'm i've if in into is isn't it it's its itself just let's me more most my myself no nor not of off on
    once only or other our ours ourselves out over own same she she'd she'll she's should shouldn't so some such than
    that that's the their theirs them themselves then there there's these they they'd they'll they're they've this
    those through to too under until up us very was wasn't we we'd we'll we're we've were weren't what what's when
    where which while who who's whom why will with won't would wouldn't you you'd you'll you're you've your yours
    yourself yourselves
    """.split()  # noqa: SIM905 - 190 quoted words in a column would be harder to read
)
"""English words that carry no subject. Negations are among them: BM25 cannot tell which word they deny."""

#: Letters and digits, and the marks that Hebrew, Arabic, Indic scripts, Thai and Lao write over and under letters.
_LETTER = r"(?:[^\W_]|[\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0eff])"
_WORD = re.compile(rf"{_LETTER}+(?:'{_LETTER}+)*")
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u02bc\uff07", "'"))
_ACCENTS = re.compile("[\u0300-\u036f]")
#: Scripts that put no spaces between words: Thai to Khmer, kana, Han. Pairs of characters stand in for words.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]+")


def terms(text: str) -> dict[int, int]:
    """How often each hashed stem occurs in `text`; stop words are left out.

    Letters count without case and accents. The hash is the same in every process and release, so it can be stored.

    Example:
        >>> terms("Dogs like dogs") == {term_of("dog"): 2, term_of("like"): 1}
        True
    """
    return dict(Counter(term_of(word) for word in words(text)))


def words(text: str) -> list[str]:
    """The words of a text that carry its subject, lower-cased, in order.

    Example:
        >>> words("I can't recall Zoë's café.")
        ['recall', 'zoe', 'cafe']
    """
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    found: list[str] = []
    for word in _WORD.findall(_ACCENTS.sub("", plain)):
        for piece in (word,) if word.isascii() else _pieces(unicodedata.normalize("NFC", word)):
            bare = piece.removesuffix("'s")
            if not {piece, bare} & STOP_WORDS:
                found.append(bare[:MAX_WORD_CHARS])
    return found


@word_cache(maxsize=STEMS_KEPT)
def term_of(word: str) -> int:
    """The 32-bit hash of a word's English stem."""
    return int.from_bytes(hashlib.blake2b(stem(word).encode(), digest_size=4).digest())


def stem(word: str) -> str:
    """The English stem of a lower-case word (Snowball).

    Example:
        >>> stem("allergies")
        'allergi'
    """
    stemmer = getattr(_of_this_thread, "stemmer", None)
    if stemmer is None:
        stemmer = _of_this_thread.stemmer = Stemmer("english")
    stemmed: str = stemmer.stemWord(word)
    return stemmed


_of_this_thread = threading.local()
"""Stemmers keep the word they work on, so each thread has its own."""


def _pieces(word: str) -> list[str]:
    """The word itself, or its overlapping pairs of characters where the script has no spaces."""
    pieces: list[str] = []
    end = 0
    for run in _UNSPACED.finditer(word):
        pieces += [word[end : run.start()]] if run.start() > end else []
        characters = run.group()
        pieces += [characters[at : at + 2] for at in range(max(len(characters) - 1, 1))]
        end = run.end()
    return pieces + ([word[end:]] if end < len(word) else [])
