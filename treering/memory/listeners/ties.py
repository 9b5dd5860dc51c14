"""Who is who in a speaker's life: the people named beside a relation ("my sister Ana"), each with a subject."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from treering.memory.listeners.lexicon import PETS, RELATIONS
from treering.memory.tree import PersonaTree, precedence
from treering.memory.whose import MAX_NAME_CHARS, name_of, subject_named
from treering.schemas.claims import SELF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from treering.schemas.claims import Subject

Gender = Literal["she", "he"]


def word_class(text: str) -> frozenset[str]:
    """A closed class of words."""
    return frozenset(text.split())


NAME = r"[A-ZÀ-Þ][\w-]*(?:'[A-ZÀ-Þ][\w-]*)?(?: (?:(?:van|de|da|von|del|der) ){0,2}[A-ZÀ-Þ][\w-]*){0,2}"
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
_SOMEBODY = re.compile(rf"\b(?:my|our|their|her|his|an?) (?P<who>{WHO})\b(?!-)", re.IGNORECASE)
#: Names inside a sentence; what follows these words is a place or a thing more often than a person.
_NAMES = re.compile(
    rf"(?<!\bin )(?<!\bat )(?<!\bto )(?<!\bof )(?<!\bon )(?<!\bfrom )(?<!\bnear )(?<!\bthe )(?<!\binto )"
    rf"(?<![\w'])(?!(?:I|She|He|My|Our|The|They|It)\b){NAME}"
)
_LABEL_CHARS = 40
"""Longest relation that tells two people of one name apart, in characters."""

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
    word_class("grandmother grandma"),
    word_class("grandfather grandpa"),
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


def ties_in(text: str) -> Iterator[Tie]:
    """The ties that a statement names, by the first person of its speaker or the third of a claim.

    Example:
        >>> [(tie.who, tie.name) for tie in ties_in("has an older sister named Ana who is with their friend Jo")]
        [('older sister', 'Ana'), ('friend', 'Jo')]
    """
    for hit in _TIE.finditer(text):
        yield Tie(who=hit["who"].lower(), name=hit["name"])


def noun_of(who: str) -> str:
    """The relation in "older sister"."""
    return who.lower().rpartition(" ")[2]


def gender_of(noun: str) -> Gender | None:
    """The pronoun of somebody who is called so; none: it does not tell."""
    return "she" if noun in _SHE else "he" if noun in _HE else None


def may_be_one(left: str, right: str) -> bool:
    """Whether two relations may be one person's: "mum" and "mother", "girlfriend" and "wife"."""
    nouns = {noun_of(left), noun_of(right)}
    return len(nouns) == 1 or any(nouns <= alike for alike in _ALIKE)


@dataclass(frozen=True, slots=True)
class Referent:
    """Somebody whom a sentence mentions, and to whom a pronoun in the next one may point back."""

    subject: Subject | None
    """The person; none: somebody without a name, or a stranger."""
    gender: Gender | None
    """The pronoun that fits; none: any."""


class Cast:
    """The people whom a speaker has named, each with a subject of their own.

    What is known stands in the trees: a claim "has a sister named Ana" makes `person:Ana`. A second Ana, who is another
    relation, becomes `person:Ana (boss)`; "Ana" alone is then nobody in particular. People of others who talk always
    have a name of that kind, `person:Ana (sister of Bo)`, so that they are never taken for the user's own.
    """

    def __init__(self, me: Subject, trees: Mapping[str, PersonaTree]) -> None:
        """Args: who speaks, and the present trees by subject."""
        self._me = me
        self._subjects = frozenset(trees)
        self._ties = list(_ties_of(trees.get(me)))

    @property
    def is_empty(self) -> bool:
        """Whether nobody is known."""
        return not self._ties and (self._me != SELF or not self._subjects - {SELF})

    def meet(self, tie: Tie) -> Subject | None:
        """The subject of a person who is named beside a relation, known from now on; None without a name."""
        if tie not in self._ties:
            self._ties.append(tie)
        return self._subject(tie)

    def named(self, name: str) -> Subject | None:
        """The one person of this name; None for a stranger, and where several have it."""
        met = {self._subject(tie) for tie in self._ties if tie.name.casefold() == name.casefold()}
        if not met and self._me == SELF:  # the user speaks of somebody who talks, or was talked of
            met = {subject_named("person", name, self._subjects)} & self._subjects
        return met.pop() if len(met) == 1 else None

    def called(self, who: str) -> Subject | None:
        """The one named person who is "my sister"; None where nobody or several are."""
        met = {self._subject(tie) for tie in self._ties if tie.who == who.lower()}
        return met.pop() if len(met) == 1 else None

    def referents(self, text: str) -> frozenset[Referent]:
        """Everybody whom a sentence mentions, strangers included."""
        ties = tuple(ties_in(text))
        found = {Referent(self.meet(tie), tie.gender) for tie in ties}
        unnamed = [hit["who"] for hit in _SOMEBODY.finditer(text)]
        for tie in ties:
            unnamed.remove(tie.who) if tie.who in unnamed else None
        for who in unnamed:
            found.add(Referent(self.called(who), gender_of(noun_of(who))))
        for name in _NAMES.findall(text):
            subject = self.named(name)
            if name not in {tie.name for tie in ties}:
                found.add(Referent(subject, self._gender(subject)))
        return frozenset(found)

    def pointed_at(self, pronoun: Gender, among: frozenset[Referent]) -> Subject | None:
        """The one person whom "she" can mean; None where a stranger or several can be meant."""
        fitting = {one.subject for one in among if one.gender in (None, pronoun)}
        return fitting.pop() if len(fitting) == 1 else None

    def _gender(self, subject: Subject | None) -> Gender | None:
        told = {tie.gender for tie in self._ties if self._subject(tie) == subject}
        return told.pop() if len(told) == 1 else None

    def _subject(self, tie: Tie) -> Subject | None:
        namesakes = [one for one in self._ties if one.name.casefold() == tie.name.casefold()]
        label = tie.noun if self._me == SELF else f"{tie.noun} of {name_of(self._me)}"
        apart = f"{tie.name[: MAX_NAME_CHARS - _LABEL_CHARS]} ({label[: _LABEL_CHARS - 3]})"
        told_apart = subject_named("person", apart, self._subjects)
        is_first = not namesakes or may_be_one(namesakes[0].who, tie.who)
        if self._me != SELF or told_apart in self._subjects or not is_first:
            return told_apart
        return subject_named("person", tie.name, self._subjects)


def _ties_of(tree: PersonaTree | None) -> Iterable[Tie]:
    """Ties that the current claims of a tree name, the oldest first, each once."""
    claims = sorted(tree.current() if tree else (), key=lambda claim: (claim.order, precedence(claim)))
    return dict.fromkeys(tie for claim in claims for tie in ties_in(claim.text))
