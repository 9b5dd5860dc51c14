"""Whether a free answer says what is right, by its words alone: a share of shared words, and no judgement."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from treering.bench.listen_words import stem_list

ANSWER_WORDS = 40
"""Words of an answer that are read, beyond as many as the right one has: reading out all of the memory is no answer."""

_LEFT_OUT = frozenset({"a", "an", "the", "and"})
_NUMBERS = {
    stem: str(number)
    for number, stem in enumerate(stem_list("zero one two three four five six seven eight nine ten eleven twelve"))
}
_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
_DAY = re.compile(r"\b(\d{4})-(0[1-9]|1[0-2])-(\d\d)\b")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_ORDINAL = re.compile(r"\b(\d+)(?:st|nd|rd|th)\b", re.IGNORECASE)
_POSSESSIVE = re.compile(r"'s\b", re.IGNORECASE)
_APOSTROPHES = str.maketrans("\u2019\u02bc", "''")

_SENTENCE = re.compile(r"[.!?](?:\s|$)|\n")
_KNOWLEDGE = (
    r"(?:any |enough )?(?:information|mention|record|memory|memories|evidence|details?|idea|knowledge|answer)\b"
)
_ABSTAINS = re.compile(
    r"^\W*(?:(?:i am|i'm) (?:sorry|afraid)|sorry|unfortunately|(?:based on|from|according to|going by) [^,.]{1,60})?"
    r"[,:]?\s*(?:but |that )?(?:"
    r"(?:i|we) (?:do not|don't|did not|didn't) (?:know|recall|remember|find|have " + _KNOWLEDGE + r")|"
    r"(?:i|we) (?:cannot|can't|can not|could not|couldn't) (?:say|tell|answer|determine|find|know|see)|"
    r"(?:i am|i'm) not (?:sure|aware)|(?:i|we) (?:have|found|find|see|know) (?:nothing|no " + _KNOWLEDGE + r")|"
    r"(?:(?:it|this|that|the answer) (?:is|was) )?(?:unknown|unclear|n/a|nothing is known|"
    r"not (?:known|available|given|mentioned|stated|specified|said|sure))\W*$)|"
    r"\b(?:memory|memories|conversations?|context|notes?|records?|text|it|they) (?:does not|doesn't|do not|don't) "
    r"(?:mention|say|state|specify|hold|contain|include|provide|indicate|tell)\b|"
    r"\b(?:is|was|are|were|has been|have been)(?: not|n't) (?:explicitly |directly )?"
    r"(?:mentioned|stated|specified|said|recorded|known|provided|given|indicated|in (?:the|my) memory)\b|"
    r"\b(?:cannot|can't|can not|could not|couldn't) be (?:answered|determined|known|said|told|found)|"
    r"\bno (?:information|mention|record|evidence|details?|answer)\b",
    re.IGNORECASE,
)
_GUESSES = re.compile(r"\b(?:but|however|though|although)\b", re.IGNORECASE)


def f1(answer: str, right: str) -> float:
    """The harmonic mean of precision and recall of the answer's words, as SQuAD and LoCoMo have it.

    Words are compared by stems, without case, accents, articles and "and"; a date, an ordinal and a small number are
    the same in figures and in words.

    Example:
        >>> f1("2023-05-07", "7 May, 2023"), round(f1("two dogs and the cat", "dog"), 2)
        (1.0, 0.5)
    """
    said, wanted = _words(answer), _words(right)
    shared = (Counter(said) & Counter(wanted)).total()
    return 2 * shared / (len(said) + len(wanted)) if shared else 0.0


def is_exact(answer: str, right: str) -> bool:
    """Whether both have the same words, in whatever order."""
    return bool(_words(right)) and sorted(_words(answer)) == sorted(_words(right))


def has_all(answer: str, right: str) -> bool:
    """Whether every word of the right answer stands in this one, which is read no further than to `ANSWER_WORDS` more.

    Example:
        >>> has_all("In May 2023, on the 7th", "7 May 2023"), has_all("maybe " * 90 + "Porto", "Porto")
        (True, False)
    """
    wanted = _words(right)
    return bool(wanted) and Counter(wanted) <= Counter(_words(answer)[: len(wanted) + ANSWER_WORDS])


def abstains(answer: str) -> bool:
    """Whether an answer says that nothing is known, in its first sentence, and goes on to no guess there.

    Example:
        >>> abstains("I don't know."), abstains("I do not know the day, but it was in May."), abstains("Porto")
        (True, False, False)
    """
    first = _SENTENCE.split(answer.translate(_APOSTROPHES).strip(), maxsplit=1)[0]
    found = _ABSTAINS.search(first)
    return found is not None and not _GUESSES.search(first, found.end())


@lru_cache(maxsize=4_096)
def _words(text: str) -> list[str]:
    """The stems that are compared, in order."""
    folded = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    plain = _DAY.sub(lambda day: f"{int(day[3])} {_MONTHS[int(day[2]) - 1]} {day[1]}", plain)
    plain = _POSSESSIVE.sub("", _ORDINAL.sub(r"\1", _THOUSANDS.sub("", plain)))
    return [_NUMBERS.get(stem, stem) for stem in stem_list(plain) if stem not in _LEFT_OUT]
