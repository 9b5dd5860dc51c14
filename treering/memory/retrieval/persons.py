"""Whom a question is about: the user, or somebody whose own tree the memory has ("my sister", "Ines"). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.retrieval.sparse import STOP_WORDS
from treering.memory.whose import name_of
from treering.memory.word_caches import word_cache
from treering.schemas.claims import SELF

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from treering.memory.tree import PersonaTree
    from treering.schemas.claims import Claim, Subject

ELSEWHERE = 0.6
"""Share of its score that a claim keeps where the question is about somebody else: behind theirs, and not gone, since a
dinner with one's sister is a dinner for two."""

_FIRST_PERSON = re.compile(r"\b(?:I|me|my|mine|myself|we|us|our|ours)\b", re.IGNORECASE)
_SECOND_PERSON = re.compile(r"\b(?:you|your|yours|yourself)\b", re.IGNORECASE)
_LABEL = re.compile(r"^(?P<name>.*?) \((?P<noun>[^()]+)\)$")
_OWNER = r"(?:my|your|his|her|their|our)"
_OWNED = re.compile(rf"\b{_OWNER} ", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """Whom a question is about."""

    subjects: frozenset[Subject] = frozenset()
    """The user and people; empty: nobody in particular."""
    names: frozenset[str] = frozenset()
    """The names of these people."""
    asks_assistant: bool = False
    """Whether it speaks to the assistant."""
    text: str = ""
    """The question with "they" for these people, as claims about them have no subject in front."""

    def share(self, claim: Claim) -> float:
        """Which part of its score a claim keeps: all, where it is about whom the question is about."""
        if claim.subject.startswith("agent:"):
            return 1.0 if self.asks_assistant else ELSEWHERE
        is_meant = not self.subjects or claim.subject in self.subjects or self.names_subject_of(claim)
        return 1.0 if is_meant else ELSEWHERE

    def names_subject_of(self, claim: Claim) -> bool:
        """Whether a claim is about a person whom the question names, or says who that is."""
        if claim.subject == SELF:
            return any(name in claim.text for name in self.names)
        return claim.subject in self.subjects


NOBODY = Focus()
"""No question, or nobody but the user is known."""


def focus_on(
    question: str, forest: Mapping[Subject, PersonaTree], *, text: str, own_names: Iterable[str] = ()
) -> Focus:
    """Whom a question is about, of those who have a tree.

    A person is meant by name, or by what the user's own claims say they are: with "has a sister named Ines" known, "my
    sister" is Ines. Costs nothing where nobody but the user has a tree, and a look at each of the user's claims where
    the question has "my" in it.

    Args:
        question: The question as it was asked.
        forest: The trees by subject.
        text: The question without the user's own name, in which people become "they".
        own_names: Words by which the question may name the user, or somebody who speaks and has no tree.
    """
    if all(subject == SELF for subject in forest):
        return Focus(text=text)
    people = {subject: _Person.of(subject) for subject in sorted(forest) if subject.startswith("person:")}
    ties = _ties(forest.get(SELF), {person.name for person in people.values()}) if _OWNED.search(text) else ()
    meant: set[Subject] = set()
    for subject, person in people.items():
        apart = {one.noun for one in people.values() if one.name == person.name} - {person.noun}
        pattern = person.pattern(question, {noun for noun, name in ties if name == person.name} - apart)
        if pattern is not None and (pattern.search(question) or pattern.search(text)):
            meant.add(subject)
            text = pattern.sub(lambda hit: "their" if hit["whose"] else "they", text)
    names = frozenset(people[subject].name for subject in meant)
    others = {word for name in names for word in name.split()}
    own = [re.escape(name) for name in own_names if name not in others]
    if _FIRST_PERSON.search(text) or (own and re.search(rf"\b(?:{'|'.join(own)})\b", question)):
        meant.add(SELF)
    asks_assistant = _SECOND_PERSON.search(question) is not None
    return Focus(subjects=frozenset(meant), names=names, asks_assistant=asks_assistant, text=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    """A person by the words that mean them."""

    name: str
    noun: str | None
    """What tells them from others of their name."""

    @classmethod
    def of(cls, subject: Subject) -> _Person:
        name = name_of(subject)
        label = _LABEL.match(name)
        return cls(name=label["name"], noun=label["noun"]) if label else cls(name=name, noun=None)

    def pattern(self, question: str, nouns: Iterable[str]) -> re.Pattern[str] | None:
        """What in a question means them: their name, and "my sister" where they are the sister; None: nothing in it."""
        asked = question.casefold()
        first = self.name.partition(" ")[0]
        theirs = {noun for noun in nouns if self.noun in (None, noun) and noun in asked}
        if first.casefold() not in asked and not theirs:
            return None
        names = "|".join(re.escape(name) for name in sorted({self.name, first}, key=lambda name: (-len(name), name)))
        ways = [rf"{_OWNER} (?:[\w-]+ )?{re.escape(noun)}(?:,? (?:{names}))?" for noun in sorted(theirs)]
        is_typed_small = question.islower() and first.casefold() not in STOP_WORDS
        ways.append(names if is_typed_small else rf"(?-i:{names})")
        return re.compile(rf"\b(?:{'|'.join(ways)})(?P<whose>['\u2019]s)?(?!\w)", re.IGNORECASE)


def _ties(tree: PersonaTree | None, names: Collection[str]) -> list[tuple[str, str]]:
    """What people of these names are to the user."""
    found = (tie for claim in (tree.current() if tree else ()) for tie in _named_in(claim.text))
    return [tie for tie in found if tie[1] in names]


@word_cache(maxsize=16_384)
def _named_in(text: str) -> tuple[tuple[str, str], ...]:
    from treering.memory.retrieval.rewriting import namings  # noqa: PLC0415 - its patterns, where others are known

    return tuple((one.noun, one.name) for one in namings([text]))
