"""How the scorer of listening compares words: by stems, and by whether they are affirmed or denied."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import Stemmer

ENOUGH = 0.75
"""Share of a value's words that a claim has to have."""

_WORD = re.compile(r"[^\W_]+")
_CUE = re.compile(
    r"\b(?:not|no|never|without|neither|nor|none|cannot|\w+n't|dont|doesnt|didnt|avoid\w*|dislik\w*|hate[sd]?|hating|"
    r"except(?: for)?|excluding|instead of|rather than)\b",
    re.IGNORECASE,
)
_IDIOM = re.compile(
    r"\b(?:not (?:only|just|sure|to mention)|no (?:problem|matter|doubt|worries|rush|preference)|without a doubt|"
    r"why not|if not|can't (?:wait|help)|cannot wait|"
    r"(?:do|does|did|would)(?:n't| not) mind|don't (?:forget|hesitate|worry))\b",
    re.IGNORECASE,
)
_CLAUSE_ENDS = re.compile(
    r"[.,;:!?()\[\]\n\u2013\u2014]|\b(?:but|yet|though|although|however|because|so|while|whereas|unless|until)\b|"
    r"\band (?=(?:i|i'\w+|he|she|they|we|you|it|prefer|like|love|want|need|enjoy)s?\b)",
    re.IGNORECASE,
)

_stemmer = Stemmer.Stemmer("english")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The stems of a text."""

    affirmed: frozenset[str]
    """Those that stand somewhere outside the reach of a negation."""
    denied: frozenset[str]
    """Those that stand somewhere within it."""

    @property
    def all(self) -> frozenset[str]:
        """Both."""
        return self.affirmed | self.denied


def stems(text: str) -> frozenset[str]:
    """The stems of all words, in lower case (Snowball, English); no word is left out.

    Example:
        >>> sorted(stems("Gentle alarms at 7:00"))
        ['00', '7', 'alarm', 'at', 'gentl']
    """
    return frozenset(stem_list(text))


def stem_list(text: str) -> list[str]:
    """The same in order, each as often as it stands there."""
    return [_stem(word) for word in _WORD.findall(text.lower())]


@lru_cache(maxsize=4_096)
def said(text: str) -> Said:
    """The stems of a text, apart by polarity.

    A negation (`not`, `no`, `never`, `…n't`, `without`, `avoid`, `dislike`, `hate`, `except`, `instead of`, `rather
    than`) reaches to the end of its clause: to the next mark of punctuation, or to a `but`, `although`, `because` and
    the like, or an `and` with a verb of its own. A capital in mid-sentence makes a name of it, and a few idioms deny
    nothing.

    Example:
        >>> found = said("does not want a loud tone, but a gentle one")
        >>> "loud" in found.denied, "gentl" in found.affirmed, "gentl" in found.denied
        (True, True, False)
    """
    plain = text.replace("\u2019", "'")
    reaches = _reaches(plain)
    affirmed, denied = set[str](), set[str]()
    for word in _WORD.finditer(plain):
        is_denied = any(begin <= word.start() < end for begin, end in reaches)
        (denied if is_denied else affirmed).add(_stem(word[0].lower()))
    return Said(affirmed=frozenset(affirmed), denied=frozenset(denied))


def is_negative(attribute: str, value: str) -> bool:
    """Whether a triple says what a person does not want. A favourite is wanted whatever its name says.

    Example:
        >>> is_negative("Ingredients", "no nuts"), is_negative("Favourite Books", "No Ordinary Time")
        (True, False)
    """
    if attribute.lower().startswith(("favourite", "favorite")):
        return False
    return any(_CUE.search(one.replace("\u2019", "'")) for one in (attribute, value))


def without_negation(value: str) -> frozenset[str]:
    """The stems of a negative triple's value, without the words that make it negative.

    Example:
        >>> sorted(without_negation("no nuts"))
        ['nut']
    """
    return stems(_CUE.sub(" ", value.replace("\u2019", "'"))) or stems(value)


def has_enough(wanted: frozenset[str], found: frozenset[str]) -> bool:
    """Whether three quarters of the wanted stems are there."""
    return bool(wanted) and len(wanted & found) >= ENOUGH * len(wanted)


def without_idioms(text: str) -> str:
    """The text with plain apostrophes, and without the idioms that look like a negation and deny nothing."""
    return _IDIOM.sub(" ", text.replace("\u2019", "'"))


def _reaches(text: str) -> list[tuple[int, int]]:
    """From each negation to the end of its clause, in characters."""
    idioms = [hit.span() for hit in _IDIOM.finditer(text)]
    found = []
    for cue in _CUE.finditer(text):
        if _is_name(text, cue) or any(begin <= cue.start() < end for begin, end in idioms):
            continue
        ending = _CLAUSE_ENDS.search(text, cue.end())
        found.append((cue.end(), ending.start() if ending else len(text)))
    return found


def _is_name(text: str, cue: re.Match[str]) -> bool:
    """A capitalised word in the middle of a sentence, before another one: `No Ordinary Time`."""
    before, after = text[: cue.start()].rstrip(), text[cue.end() :].lstrip()
    return cue[0][0].isupper() and bool(before) and before[-1] not in ".!?" and after[:1].isupper()


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    stem: str = _stemmer.stemWord(word)
    return stem
