"""Ties between people as they are said: somebody named beside a relation, "my sister Ana"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from treering.memory.listeners.lexicon import PETS, RELATIONS
from treering.memory.word_caches import word_cache

Gender = Literal["she", "he"]


def word_class(text: str) -> frozenset[str]:
    """A closed class of words."""
    return frozenset(text.split())


_NAME_WORD = r"[A-ZÀ-Þ][\w-]*(?:'[A-ZÀ-Þ][\w-]*)?"
NAME = rf"{_NAME_WORD}(?: (?:(?:van|de|da|von|del|der) ){{0,2}}{_NAME_WORD}){{0,2}}"
"""A person's name as people write it: one to three words with capitals."""

_MODIFIERS = (
    "older younger elder little big oldest youngest eldest middle baby best closest close late new old only twin half "
    "first second third former current dear beloved good dearest other"
)
_NOUNS = "|".join(
    sorted(
        (
            noun
            for noun in RELATIONS - PETS - {"children", "parents", "grandparents", "in-laws"}
            if not noun.endswith("s") or noun == "boss"
        ),
        key=lambda noun: (-len(noun), noun),
    )
)
WHO = rf"(?:(?:{'|'.join(_MODIFIERS.split())})[ -])*(?:{_NOUNS})"
"""What one person is to somebody: "older sister", "boss"; not pets, not several."""
_NO_NAMES = "I|Mon|Tues|Wednes|Thurs|Fri|Satur|Sun|January|February|March|May|June|July|August|September|October"
_TIE = re.compile(
    rf"\b(?:[Hh](?:as|ave) an? |[Tt]heir |[Mm]y )(?P<who>{WHO})(?: named |,? )"
    rf"(?!(?:{_NO_NAMES}|November|December|Christmas|Easter)(?:day)?\b)(?P<name>{NAME})(?='s\b|\W|$)"
)

_SHE = word_class("""
    mom mum mother sister daughter wife girlfriend fiancee fiancée ex-wife ex-girlfriend grandmother grandma
    granddaughter aunt niece stepmother stepdaughter mother-in-law sister-in-law landlady
""")
_HE = word_class("""
    dad father brother son husband boyfriend fiance fiancé ex-husband ex-boyfriend grandfather grandpa grandson uncle
    nephew stepfather stepson father-in-law brother-in-law landlord
""")
#: Relations of which one person may have several, at once or over the years.
_ALIKE = (
    word_class("mom mum mother"),
    word_class("dad father"),
    word_class("wife husband spouse partner girlfriend boyfriend fiance fiancé fiancee fiancée"),
    word_class("ex ex-wife ex-husband ex-girlfriend ex-boyfriend"),
    word_class("son daughter kid child baby"),
    word_class("grandmother grandma grandparent"),
    word_class("grandfather grandpa grandparent"),
    word_class("brother sister sibling twin"),
    word_class("colleague coworker teammate"),
    word_class("roommate flatmate"),
    word_class("neighbor neighbour"),
    word_class("boss manager"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A named person in somebody's life."""

    who: str
    """What they are: "older sister", "boss"."""
    name: str
    """Their name."""

    @property
    def noun(self) -> str:
        """The relation itself, without what describes it."""
        return noun_of(self.who)

    @property
    def gender(self) -> Gender | None:
        """The pronoun that the relation asks for; none: it does not tell."""
        return gender_of(self.noun)


@word_cache(maxsize=16_384)
def ties_in(text: str) -> tuple[Tie, ...]:
    """The ties that a statement names, by the first person of its speaker or the third of a claim.

    Example:
        >>> [(tie.who, tie.name) for tie in ties_in("has an older sister named Ana who is with their friend Jo")]
        [('older sister', 'Ana'), ('friend', 'Jo')]
    """
    return tuple(Tie(who=hit["who"].lower(), name=hit["name"]) for hit in _TIE.finditer(text))


def noun_of(who: str) -> str:
    """The relation in "older sister"."""
    return who.lower().rpartition(" ")[2]


def gender_of(noun: str) -> Gender | None:
    """The pronoun of somebody who is called so; none: it does not tell."""
    return "she" if noun in _SHE else "he" if noun in _HE else None


def may_be_one(left: str, right: str) -> bool:
    """Whether two relations may be one person's: "mum" and "mother", "girlfriend" and "wife"."""
    nouns = {noun_of(left), noun_of(right)}
    return len(nouns) == 1 or any(nouns <= words for words in _ALIKE)


def alike(noun: str) -> frozenset[str]:
    """All that somebody who is called so may be called, by what they are.

    Example:
        >>> sorted(alike("mum"))
        ['mom', 'mother', 'mum']
    """
    return frozenset({noun}).union(*(words for words in _ALIKE if noun in words))
