"""Who is who in a speaker's life: people named beside a relation, each with a subject of their own."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.listeners.ties import NAME, WHO, Gender, Tie, gender_of, may_be_one, noun_of, ties_in
from treering.memory.tree import PersonaTree, precedence
from treering.memory.whose import MAX_NAME_CHARS, name_of, subject_named
from treering.schemas.claims import SELF

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from treering.schemas.claims import Subject

_SOMEBODY = re.compile(rf"\b(?:my|our|their|her|his|an?) (?P<who>{WHO})\b(?!-)", re.IGNORECASE)
#: Names inside a sentence; what follows these words is a place or a thing more often than a person.
_NAMES = re.compile(
    rf"(?<!\bin )(?<!\bat )(?<!\bto )(?<!\bof )(?<!\bon )(?<!\bfrom )(?<!\bnear )(?<!\bthe )(?<!\binto )"
    rf"(?<![\w'])(?!(?:I|She|He|My|Our|The|They|It)\b){NAME}"
)
MAX_LABEL_CHARS = 40
"""Longest relation that tells two people of one name apart, in characters."""


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
        self._known = {subject.casefold(): subject for subject in sorted(trees, reverse=True)}
        self._subjects: dict[Tie, Subject | None] = {}
        self._namesakes: dict[str, list[Tie]] = {}
        for tie in _ties_of(trees.get(me)):
            self.meet(tie)

    @property
    def is_empty(self) -> bool:
        """Whether nobody is known."""
        return not self._subjects and (self._me != SELF or not self._known.keys() - {SELF})

    def meet(self, tie: Tie) -> Subject | None:
        """The subject of a person who is named beside a relation, known from now on; None without a name."""
        if tie not in self._subjects:
            namesakes = self._namesakes.setdefault(tie.name.casefold(), [])
            namesakes.append(tie)
            subject = self._subjects[tie] = self._subject(tie, namesakes[0])
            if subject is not None:
                self._known.setdefault(subject.casefold(), subject)
        return self._subjects[tie]

    @property
    def subjects(self) -> frozenset[Subject]:
        """Everybody of whom the speaker named what they are to them."""
        return frozenset(subject for subject in self._subjects.values() if subject is not None)

    def named(self, name: str) -> Subject | None:
        """The one person of this name; None for a stranger, and where several have it."""
        met = {self._subjects[tie] for tie in self._namesakes.get(name.casefold(), ())}
        if not met and self._me == SELF:  # the user speaks of somebody who talks, or was talked of
            return self._known.get((subject_named("person", name) or "").casefold())
        return met.pop() if len(met) == 1 else None

    def called(self, who: str) -> Subject | None:
        """The one named person who is "my sister"; None where nobody or several are."""
        met = {subject for tie, subject in self._subjects.items() if tie.who == who.lower()}
        return met.pop() if len(met) == 1 else None

    def referents(self, text: str) -> frozenset[Referent]:
        """Everybody whom a sentence mentions, strangers included."""
        ties = ties_in(text)
        found = {Referent(self.meet(tie), tie.gender) for tie in ties}
        unnamed = Counter(hit["who"].lower() for hit in _SOMEBODY.finditer(text)) - Counter(tie.who for tie in ties)
        found |= {Referent(self.called(who), gender_of(noun_of(who))) for who in unnamed}
        for name in {*_NAMES.findall(text)} - {tie.name for tie in ties}:
            subject = self.named(name)
            found.add(Referent(subject, self.gender(subject)))
        return frozenset(found)

    def pointed_at(self, pronoun: Gender, among: frozenset[Referent]) -> Subject | None:
        """The one person whom "she" can mean; None where a stranger or several can be meant."""
        fitting = {one.subject for one in among if one.gender in (None, pronoun)}
        return fitting.pop() if len(fitting) == 1 else None

    def gender(self, subject: Subject | None) -> Gender | None:
        """The pronoun of a person, as far as what they are to the speaker tells."""
        told = {tie.gender for tie, one in self._subjects.items() if one == subject}
        return told.pop() if len(told) == 1 else None

    def _subject(self, tie: Tie, first: Tie) -> Subject | None:
        label = tie.noun if self._me == SELF else f"{tie.noun} of {name_of(self._me)}"
        apart = self._as_known(f"{tie.name[: MAX_NAME_CHARS - MAX_LABEL_CHARS]} ({label[: MAX_LABEL_CHARS - 3]})")
        is_known_apart = apart is not None and apart.casefold() in self._known
        if self._me != SELF or is_known_apart or not may_be_one(first.who, tie.who):
            return apart
        return self._as_known(tie.name)

    def _as_known(self, name: str) -> Subject | None:
        subject = subject_named("person", name)
        return subject and self._known.get(subject.casefold(), subject)


def _ties_of(tree: PersonaTree | None) -> Iterable[Tie]:
    """Ties that the current claims of a tree name, the oldest first, each once."""
    claims = [claim for claim in (tree.current() if tree else ()) if ties_in(claim.text)]
    claims.sort(key=lambda claim: (claim.order, precedence(claim)))
    return dict.fromkeys(tie for claim in claims for tie in ties_in(claim.text))
