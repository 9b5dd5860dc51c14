"""What a statement says, word by word: enough to tell the same from the alike, and yes from no."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.conditions import condition_held, condition_key, without_condition
from treering.memory.listeners.lexicon import NUMBER_WORDS
from treering.memory.listeners.polarity import is_negative, specifics
from treering.memory.listeners.routing import tells_past_state
from treering.memory.listeners.verbs import is_past
from treering.memory.retrieval.sparse import STOP_WORDS, stem
from treering.memory.word_caches import word_cache

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.schemas.claims import Claim

GISTS_KEPT = 16_384
"""Statements whose reading is remembered: the claims of some people. A miss costs about 60 µs."""

MIN_STEM_CHARS = 5
"""Letters that two stems share from the start to be one word: "allergi" of "allergy", "allerg" of "allergic"."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
#: Small words that change what is said: "after work" is not "before work", "will move" is not "moved".
_TELLING = _words("""
    will would could should can before after under over above below between against off out up down more most few other
    only until once again if he she him her his hers
""")
#: What adds nothing but force or frequency, the light verbs, and the ways to say no, which `is_negative` knows better.
_EMPTY = (STOP_WORDS - _TELLING) | _words("""
    really very quite absolutely truly totally completely especially particularly just still always usually often
    generally currently now also already lot lots much bit big huge has have had having own owns owned owning get gets
    got called named keep keeps never longer anymore not no dislike dislikes disliked hate hates hated hating loathe
    loathes detest detests despise despises avoid avoids avoided avoiding refuse refuses can't cannot don't doesn't
    isn't aren't won't stand quit quits stopped stops stopping gave given gives tired sick bored fed averse opposed
    thing things
""")
_LIKING = _words("like love enjoy ador fan fond favorit favourit prefer")
_LIKES = "like"
"""Stands for every word of liking."""
_SAME_STEM = {"resid": "live", "dwell": "live", "kid": "child", "children": "child"}
#: "prefers tea to coffee": turned round, the same words say something else.
_ORDERED = re.compile(r"\b(?:prefers?|than|instead|rather|over|to)\b", re.IGNORECASE)
#: What goes on from a whole statement; anything else makes another one: "loves jazz in bars", but "loves jazz dancing".
_GOES_ON = _words("in at on with for by from near since because and or who that which where while when as of to during")
_AS_A = re.compile(r"\b(works?|working|employed)(?= as\b)", re.IGNORECASE)
#: A denial that polarity leaves to its reader: "has no car", but not "no longer" and "no matter".
_NONE_OF = re.compile(r"\bno (?!longer\b|matter\b|one\b|doubt\b)", re.IGNORECASE)
_NUMBERS = {word: str(number) for number, word in enumerate(NUMBER_WORDS)}
_NUMBER = re.compile(rf"\b(?:\d+(?:[.,]\d+)*|{'|'.join(_NUMBERS)})\b", re.IGNORECASE)
_MEASURED = re.compile(rf"^\w+(?: (?:about|around|nearly|over|only|exactly))? {_NUMBER.pattern}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """A claim's statement, read."""

    words: tuple[str, ...]
    """Stems that carry it, in order; the condition is left out."""
    plain: tuple[str, ...]
    """All words in lower case, in order, words of liking and having alike."""
    is_negative: bool
    is_past: bool
    """It tells what was, or what happened."""
    names: frozenset[str]
    """Names in it."""
    condition: frozenset[str]
    """When it is so; empty: always."""
    content: frozenset[str]
    """The stems without their order."""


def gist_of(claim: Claim) -> Gist:
    """What a claim says."""
    return _gist(claim.text, condition_held(claim))


def says_the_same(left: Gist, right: Gist) -> bool:
    """Whether two statements of one polarity and condition have the same words that carry them.

    "loves jazz" and "loves rock" have not, nor "has two cats" and "has three cats", nor "is 3 of 5" and "is 5 of 3".
    """
    if len(left.content) != len(right.content) or not left.words or not _are_comparable(left, right):
        return False
    if _numbers(left) != _numbers(right):
        return False
    if left.content == right.content:
        return left.words == right.words or not any(_ORDERED.search(" ".join(one.plain)) for one in (left, right))
    return _pairs_up(left.content, right.content)


def _numbers(gist: Gist) -> list[str]:
    """The numbers of a statement, in order: turned round, they are others."""
    return [word for word in gist.words if word[0].isdigit()]


def says_more(longer: Gist, shorter: Gist) -> bool:
    """Whether one statement is the other and goes on: "loves hiking in the Alps" after "loves hiking".

    Of denials the shorter says more, so they are left alone, and so is what happened: two visits are two.
    """
    if longer.is_negative or longer.is_past or len(longer.plain) <= len(shorter.plain):
        return False
    start, rest = longer.plain[: len(shorter.plain)], longer.plain[len(shorter.plain) :]
    goes_on = bool(shorter.words) and start == shorter.plain and rest[0] in _GOES_ON
    return goes_on and _are_comparable(longer, shorter)


def is_said_in(gist: Gist, quote: str) -> bool:
    """Whether a quote has all the words that carry a statement, so that it could rest on the quote alone."""
    words = (_NUMBERS.get(word.lower(), word.lower()) for word in _WORD.findall(quote.replace("\u2019", "'")))
    needed = gist.content - {_LIKES}
    return bool(needed) and needed <= set(_stems(list(words)))


def denies(negative: Gist, positive: Gist) -> bool:
    """Whether a denial leaves nothing of a statement: "hates jazz" of "loves jazz", and not "hates loud jazz"."""
    if negative.is_past or positive.is_past or not negative.is_negative or positive.is_negative:
        return False
    denied, said = negative.content - {_LIKES}, positive.content - {_LIKES}
    return bool(denied) and (denied == said or (len(denied) == len(said) and _pairs_up(denied, said)))


def measures_anew(left: Claim, right: Claim) -> bool:
    """Whether two statements differ in the number after the verb alone: "has two cats", "has three cats"."""
    one, other = gist_of(left), gist_of(right)
    if one.is_past or other.is_past or one.is_negative or other.is_negative or one.condition != other.condition:
        return False
    if not (_MEASURED.match(left.text) and _MEASURED.match(right.text)):
        return False
    first, second = (_NUMBER.sub("#", claim.text, count=1).lower().split() for claim in (left, right))
    return [stem(word) for word in first] == [stem(word) for word in second] and _number(left) != _number(right)


@word_cache(maxsize=GISTS_KEPT)
def _gist(text: str, condition: str | None) -> Gist:
    bare = _AS_A.sub("is", without_condition(text).replace("\u2019", "'"))
    words = [_NUMBERS.get(word.lower(), word.lower()) for word in _WORD.findall(bare)]
    first = words[0] if words else ""
    stems = tuple(_stems(words))
    return Gist(
        words=stems,
        content=frozenset(stems),
        plain=tuple(_alike(word) for word in words if word not in _FORCE),
        is_negative=is_negative(text) != (_NONE_OF.search(text) is not None),
        is_past=is_past(first) or first == "used" or tells_past_state(text),
        names=_names(without_condition(text)),
        condition=condition_key(condition),
    )


def _names(statement: str) -> frozenset[str]:
    """Names, also at the start, where "Hiking" is none; numbers are among the words."""
    first, _, rest = statement.partition(" ")
    found = specifics(f"x {rest}" if first.endswith("ing") else f"x {statement}")
    return frozenset(name for name in found if not name[:1].isdigit())


_FORCE = _words("really very absolutely truly totally especially particularly just still also always")
_HAVING = _words("has have owns own")


def _stems(words: Sequence[str]) -> list[str]:
    found = []
    for word in words:
        if word in _EMPTY:
            continue
        root = stem(word)
        found.append(_LIKES if root in _LIKING else _SAME_STEM.get(root, root))
    return found


def _alike(word: str) -> str:
    if word in _HAVING:
        return "has"
    root = stem(word)
    return _LIKES if root in _LIKING else word


def _are_comparable(left: Gist, right: Gist) -> bool:
    return (
        left.is_negative == right.is_negative
        and left.is_past == right.is_past
        and left.condition == right.condition
        and left.names == right.names
    )


def _pairs_up(left: frozenset[str], right: frozenset[str]) -> bool:
    """Whether the words that only one side has are forms of each other: "allergic", "allergy"."""
    own, others = sorted(left - right), sorted(right - left)
    return len(own) == len(others) and all(_is_one_word(*pair) for pair in zip(own, others, strict=True))


def _is_one_word(left: str, right: str) -> bool:
    shared = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        shared += 1
    return shared >= MIN_STEM_CHARS and max(len(left), len(right)) - shared <= 2  # noqa: PLR2004 - an ending


def _number(claim: Claim) -> str:
    hit = _NUMBER.search(claim.text)
    return _NUMBERS.get(hit[0].lower(), hit[0]) if hit else ""
