"""What a speaker tells of other people ("My sister Ana is a vet"), told apart from what they tell of themselves."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from treering.memory.listeners.cast import Cast, Referent
from treering.memory.listeners.cessation import ending
from treering.memory.listeners.dates import resolve_dates
from treering.memory.listeners.filters import is_question, kind_of
from treering.memory.listeners.hearing import MAX_SENTENCES, Heard
from treering.memory.listeners.lexicon import SAME_IN_PAST
from treering.memory.listeners.openings import opened
from treering.memory.listeners.ties import NAME, WHO, Gender, Tie, ties_in, word_class
from treering.memory.listeners.verbs import is_past
from treering.memory.listeners.worth import promise, shortened
from treering.memory.listeners.writing import correct
from treering.memory.whose import name_of
from treering.memory.wording.prose import own_prose
from treering.memory.wording.sentences import Span, sentences
from treering.schemas.claims import SELF

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from treering.memory.tree import PersonaTree
    from treering.schemas.claims import Subject
    from treering.schemas.dialogue import Turn
    from treering.schemas.listening import Draft

FACT_PROMISE = 0.1
"""Worth by its words alone from which a statement about somebody who was named is kept, as an answer is: people seldom
name somebody to say nothing of them."""

_TIED = re.compile(rf"^has (?P<a>an?) (?P<who>{WHO})(?: named |, )(?P<name>{NAME})(?P<rest>\b.*)$", re.DOTALL)
_UNNAMED = re.compile(rf"^has an? (?P<who>{WHO}) who (?P<rest>.+)$", re.DOTALL)
_IS_MY = re.compile(rf"^(?P<name>{NAME}) (?:is|was) their (?P<who>{WHO})\b(?P<rest>.*)$", re.DOTALL)
_NAMED = re.compile(rf"^(?P<name>{NAME})(?P<rest>(?:'s)? .+)$", re.DOTALL)
_OF_NAMED = re.compile(rf"^(?P<of>{NAME})'s (?P<who>{WHO}),? (?P<name>{NAME}),? (?P<rest>.+)$", re.DOTALL)
_POINTED = re.compile(r"^(?P<name>[Ss]he|[Hh]e)(?P<rest>(?:'s)? .+)$", re.DOTALL)
_ALSO_SAID = re.compile(r",? (?:and|but|while|whereas|so) (?:also )?(?P<who>she|he) (?=\w)")
_AND_VERB = re.compile(
    r",? (?:and|but) (?=(?:also )?(?:is|has|was|lives|works|loves|likes|hates|plays|speaks|studies|teaches|enjoys"
    r"|owns|moved|got|prefers|collects|can't|cannot|doesn't|isn't|never|always)\b)"
)
_PARTS = re.compile(rf"(?:[,;]|,? (?:and|but|while|whereas)) (?=(?:[Ss]he|[Hh]e|{NAME})(?:'s)? [a-z])")
#: Where a sentence comes back to the speaker.
_BACK_TO_ME = re.compile(r"(?:,|;| and| but| so| while| though)+ (?:I|we|my|our)\b.*$|'(?:ve|d|ll|re)\b.*$", re.DOTALL)
_LINK = re.compile(r"^,? ?(?:who |which )?")
_SPEECH = re.compile(
    r"^(?:always |just |also |once |often )?(?:said|says|tells|told|thinks?|thought|believes?|believed|claims?|claimed"
    r"|asks?|asked|wonders?|wondered|wrote|writes|texted|texts|replied|insists?|insisted|suggests?|suggested|jokes?"
    r"|joked|keeps (?:saying|telling)|kept (?:saying|telling)|hopes?|wishes|goes like|was like|is like"
    r"|recommends|recommended|advises|advised|wants (?:me|us|them) )\b"
)
_UNSURE = re.compile(
    r"^(?:(?:is|was) (?:what|how|why|that|when|where)|may|might|could|would|should|must|probably|perhaps|maybe|seems?"
    r"|seemed|apparently)\b"
)
_IS = re.compile(
    r"^'s (?=an? |the |not |allergic|vegan|vegetarian|from |into |afraid|married|single|divorced|pregnant|retired"
    r"|turning|\d|\w+ing\b|\w+ed\b)"
)
_HAS = re.compile(r"^'s (?=been |got |had )")
_VERBS = word_class("""
    is was has had does did can can't cannot will won't isn't wasn't doesn't didn't hasn't hadn't never always usually
    often sometimes still also just really currently recently no now
""")
_NO_VERB_IN_S = word_class("this his its as us yes plus perhaps always towards besides")
_FIRST = re.compile(r"\b(?:I|me|my|mine|myself)\b(?!')", re.IGNORECASE)
_OTHERS = re.compile(r"\b(?:we|us|our|ours|ourselves|I'\w+|you|your)\b", re.IGNORECASE)
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\xa0": " "})
_Told = tuple["Subject", Heard]
_THIRD = re.compile(r"\b(?:they|them|their|theirs|themselves)\b", re.IGNORECASE)
_SOMEBODY_OF_MINE = re.compile(rf"^(?:I have |.*?\bmy )(?={WHO}\b|{WHO}'s)|\bis my (?={WHO})", re.IGNORECASE)
_NOT_ALONE = re.compile(r"^,? (?:who )?(?:and|or|&) ")
_NO_PROSE = frozenset('"\u201c\u201d:')
_NO_STATEMENTS = ("question", "quotation", "hypothetical", "request")


def apart(heard: Sequence[Heard], turn: Turn, me: Subject, trees: Mapping[str, PersonaTree]) -> dict[str, list[Heard]]:
    """What a turn states, by whom it is about: `me` first, then the people who are named, in order.

    A person is known by a relation that the speaker names, in this turn or before ("my sister Ana"). What is said of
    them with that name, or with a pronoun that can mean nobody else, is theirs; what others are reported to have said
    is nobody's. People without a name stay part of the speaker's world ("has a boss who hates cats").

    Args:
        heard: What the turn states by its first person.
        turn: The turn.
        me: Whom the first person means.
        trees: The present trees by subject.
    """
    found: dict[str, list[Heard]] = {me: []}
    for subject, item in sorted(_Teller(turn, me, trees).told(heard), key=lambda told: told[1].quote.start):
        found.setdefault(subject, []).append(item)
    return found


def corrected(put_right: Heard, turn: Turn, me: Subject, trees: Mapping[str, PersonaTree]) -> Iterator[Draft]:
    """The newest claim with the wrong expression, put right: of the speaker, or of a person in their life."""
    found = [
        (trees[subject].claims[draft.target].order, draft.model_copy(update={"subject": subject}))
        for subject in (me, *sorted(Cast(me, trees).subjects))
        if subject in trees
        for draft in correct(put_right, trees[subject], turn)
        if draft.target is not None
    ]
    if found:
        yield max(found, key=lambda pair: pair[0])[1]


class _Teller:
    def __init__(self, turn: Turn, me: Subject, trees: Mapping[str, PersonaTree]) -> None:
        self._turn = turn
        self._me = me
        self._cast = Cast(me, trees)

    def told(self, heard: Sequence[Heard]) -> Iterator[_Told]:
        content = self._turn.content.translate(_APOSTROPHES)
        if self._cast.is_empty and not ties_in(content):
            yield from (one for item in heard for one in self._of_heard(item))
            return
        rest = list(heard)
        before: frozenset[Referent] = frozenset()
        for sentence in _sentences_of(content):
            mine = [item for item in rest if sentence.start <= item.quote.start < sentence.end]
            rest = [item for item in rest if item not in mine]
            mentioned = self._cast.referents(sentence.text)
            yield from self._of_others(sentence, mine, before)
            yield from (one for item in mine for one in self._of_heard(item))
            before = before if not mentioned and _POINTED.match(sentence.text) else mentioned
        yield from ((self._me, item) for item in rest)

    def _of_heard(self, item: Heard) -> Iterator[_Told]:
        """What was heard in the first person: of the speaker, or of the person whom the speaker calls "my sister"."""
        tied = _TIED.match(item.text) or _IS_MY.match(item.text)
        unnamed = _UNNAMED.match(item.text)
        named = _NAMED.match(item.text)
        if item.kind in ("boundary", "forget", "correction"):
            yield self._me, item
        elif tied:
            yield from self._of_tied(item, Tie(who=tied["who"].lower(), name=tied["name"]), tied["rest"])
        elif unnamed and (subject := self._cast.called(unnamed["who"])):
            yield from self._of_person(subject, unnamed["rest"], item)
        elif named and (subject := self._cast.named(named["name"])):
            yield from self._of_person(subject, named["rest"].lstrip(), item)
        elif not named or not _SPEECH.match(named["rest"].lstrip()):
            yield self._me, item

    def _of_tied(self, item: Heard, tie: Tie, rest: str) -> Iterator[_Told]:
        subject = self._cast.meet(tie)
        undated = replace(item, since=None, until=None, is_dated=False, ending=None)
        yield self._me, replace(undated, text=_has(tie))
        if subject and not _NOT_ALONE.match(rest):
            rest = f"their {_LINK.sub('', rest[2:])}" if rest.startswith("'s") else _LINK.sub("", rest)
            yield from self._of_person(subject, rest, item)

    def _of_person(self, subject: Subject, rest: str, item: Heard) -> Iterator[_Told]:
        """What was heard of a person, each statement by itself."""
        rest = self._third(rest, item.quote.text)
        for part in _tails(rest, self._cast.gender(subject)):
            text = self._statement(part)
            for one in _AND_VERB.split(text or ""):
                if told := _as_heard(one, item):
                    yield subject, told

    def _of_others(self, sentence: Span, mine: Sequence[Heard], before: frozenset[Referent]) -> Iterator[_Told]:
        """What a sentence states of others before it comes to its speaker."""
        end = min((item.quote.start for item in mine), default=sentence.end)
        front = sentence.cut(0, end - sentence.start)
        if is_question(sentence.text) or _NO_PROSE & set(front.text) or kind_of(front.text) in _NO_STATEMENTS:
            return
        last: Subject | None = None
        for part in _cut_at(_PARTS, front):
            text = _without_opener(part.text)
            relative, hit = _OF_NAMED.match(text), _NAMED.match(text) or _POINTED.match(text)
            if relative:
                yield from self._of_relative(relative, part)
            is_pronoun = hit is not None and hit["name"].lower() in ("she", "he")
            if hit is None or relative:
                last = None
                continue
            if is_pronoun:
                among = frozenset({Referent(last, None)}) if last else before
                last = self._cast.pointed_at("she" if hit["name"].lower() == "she" else "he", among)
            else:
                last = self._cast.named(hit["name"])
            if last and (rest := self._statement(hit["rest"].lstrip())):
                yield from self._dated(last, rest, part)

    def _of_relative(self, hit: re.Match[str], part: Span) -> Iterator[_Told]:
        """What "Ana's brother Tom is 9" tells: of her a tie, and of him the rest."""
        of = self._cast.named(hit["of"])
        if of is None:
            return
        tie = Tie(who=hit["who"].lower(), name=hit["name"])
        yield from self._dated(of, _has(tie), part)
        subject, rest = Cast(of, {}).meet(tie), self._statement(hit["rest"])
        if subject and rest:
            yield from self._dated(subject, rest, part)

    def _statement(self, rest: str) -> str | None:
        """The words after a person's name as a statement about them; None where they state nothing."""
        rest = _BACK_TO_ME.sub("", rest).strip(" ,;.!")
        rest = _HAS.sub("has ", _IS.sub("is ", rest))
        if _SPEECH.match(rest) or _UNSURE.match(rest) or _OTHERS.search(rest):
            return None
        if not rest.startswith("their ") and not _is_verb(rest.split(" ", 1)[0]):
            return None
        return _FIRST.sub(self._called, rest)

    def _third(self, rest: str, quote: str) -> str:
        """A statement whose first person was turned to "they", with the speaker's name for it; "" where it is unclear.

        "My sister Ana loves my cooking" is heard as "loves their cooking": it is not Ana's.
        """
        said = quote.translate(_APOSTROPHES)
        first = _FIRST.findall(_SOMEBODY_OF_MINE.sub("", said))
        if not first:
            return rest
        if _THIRD.search(said):
            return ""
        return _THIRD.sub(lambda hit: self._speaker(is_owner=hit[0].lower() in ("their", "theirs")), rest)

    def _called(self, pronoun: re.Match[str]) -> str:
        """The speaker, in a statement about somebody else."""
        return self._speaker(is_owner=pronoun[0].lower() in ("my", "mine"))

    def _speaker(self, *, is_owner: bool) -> str:
        speaker = "the user" if self._me == SELF else name_of(self._me)
        return f"{speaker}'s" if is_owner else speaker

    def _dated(self, subject: Subject, text: str, span: Span) -> Iterator[_Told]:
        dated = resolve_dates(text, self._turn.at)
        quote = replace(span, text=self._turn.content[span.start : span.end])
        said = Heard(
            kind="claim", text=text, quote=quote, since=dated.since, until=dated.until, is_dated=dated.is_dated
        )
        for one in _AND_VERB.split(dated.text):
            if told := _as_heard(one, said):
                yield subject, told


def _has(tie: Tie) -> str:
    return f"has {'an' if tie.who[0] in 'aeiou' else 'a'} {tie.who} named {tie.name}"


def _tails(rest: str, gender: Gender | None) -> list[str]:
    """What is said of somebody, statement by statement, as far as "and she" can mean them."""
    found: list[str] = []
    begin = 0
    for hit in _ALSO_SAID.finditer(rest):
        found.append(rest[begin : hit.start()])
        if gender not in (None, hit["who"]):
            return found
        begin = hit.end()
    return [*found, rest[begin:]]


def _without_opener(text: str) -> str:
    bare = opened(text)
    return bare if bare[:1].isupper() or _POINTED.match(bare) else text


def _sentences_of(content: str) -> list[Span]:
    found = (sentence for line in own_prose(content) for sentence in sentences(line))
    return list(islice(found, MAX_SENTENCES))


def _cut_at(joint: re.Pattern[str], sentence: Span) -> Iterator[Span]:
    begin = 0
    for hit in joint.finditer(sentence.text):
        yield sentence.cut(begin, hit.start())
        begin = hit.end()
    yield sentence.cut(begin)


def _is_verb(word: str) -> bool:
    """Whether a word after a name can only be what the person does, is or has: "lives", "moved", "can't"."""
    word = word.lower().strip(",")
    is_present = word.isalpha() and word.endswith("s") and word not in _NO_VERB_IN_S
    return word in _VERBS | SAME_IN_PAST or is_past(word) or is_present


def _as_heard(text: str, like: Heard) -> Heard | None:
    claim = shortened(text)
    if claim is None:
        return None
    over = ending(claim)
    sure = over if over and over.is_sure else None
    text = sure.negative if sure else claim
    is_fact = promise(text, is_dated=like.is_dated) >= FACT_PROMISE
    return replace(like, kind="answer" if is_fact else "claim", text=text, ending=sure)
