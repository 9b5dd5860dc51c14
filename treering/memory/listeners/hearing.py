"""What a message states about its speaker: candidate claims with their words and dates, before any slot is chosen."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from treering.memory.listeners.asks import answered, boundary, correction, forget_topic, standing_wish
from treering.memory.listeners.cessation import Ending, ending
from treering.memory.listeners.clauses import Clause, clauses
from treering.memory.listeners.dates import resolve_dates
from treering.memory.listeners.fragments import asks_for_a_choice
from treering.memory.listeners.grammar import rest_in_third_person, third_person_claim
from treering.memory.listeners.irony import is_figure, is_ironic
from treering.memory.listeners.passive import from_object
from treering.memory.listeners.reference import resolved
from treering.memory.listeners.wanting import Wanted, wants
from treering.memory.listeners.worth import shortened
from treering.memory.wording.prose import own_prose
from treering.memory.wording.sentences import Span, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from treering.schemas.dialogue import Turn

MAX_SENTENCES = 120
"""Sentences of one message that are read: some two pages of prose."""

_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\xa0": " "})
#: Zero-width characters and soft hyphens: they are not there for who reads.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_TASTE = re.compile(
    r"\b(?:love|like|enjoy|hate|dislike|adore|into|a fan of|prefer|eat|drink|play|watch|smoke|do)[sd]? "
    r"(?P<what>[^,.;]{2,60})$",
    re.IGNORECASE,
)
_OBJECT_PRONOUN = re.compile(
    r"\b(?:it|them|that|this|those)(?P<rest>(?: any ?more| at all| now| so much)?[.!]*)$", re.IGNORECASE
)
_USED_TO = re.compile(r"^(?:I|we) (?:really |always )?used to\b", re.IGNORECASE)

Kind = Literal["claim", "wish", "boundary", "forget", "correction", "answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One thing that was said."""

    kind: Kind
    text: str
    """The claim in the third person; for a request to forget, its subject; for a correction, the right expression."""
    quote: Span
    """The words it rests on."""
    since: datetime | None = None
    until: datetime | None = None
    is_dated: bool = False
    ending: Ending | None = None
    """What the statement ends, where it ends something."""
    wrong: str = ""
    """For a correction: the expression to replace."""


def hear(turn: Turn, before: Turn | None = None) -> tuple[Heard, ...]:
    """Everything that a user's turn states, in order. `before` is the assistant's turn that it may answer.

    Example:
        >>> from datetime import UTC, datetime
        >>> from treering.schemas.dialogue import Turn
        >>> at = datetime(2024, 3, 5, tzinfo=UTC)
        >>> turn = Turn(message_id="m", session="s", index=0, seq=1, role="user", content="I quit smoking!", at=at)
        >>> [heard.text for heard in hear(turn)]
        ['quit smoking']
    """
    spoken = _sentences(_INVISIBLE.sub("", turn.content).translate(_APOSTROPHES))
    if before is not None and before.role == "assistant" and len(spoken) == 1:
        claim = answered(before.content.translate(_APOSTROPHES), spoken[0].text)
        if claim is not None:
            return (Heard(kind="answer", text=claim, quote=_as_written(spoken[0], turn.content)),)
    is_answer = before is not None and before.role == "assistant" and asks_for_a_choice(before.content)
    found = [
        heard
        for number, sentence in enumerate(spoken)
        for heard in _in_sentence(
            sentence, turn.at, before=spoken[number - 1].text if number else None, is_answer=is_answer
        )
    ]
    return tuple(replace(heard, quote=_as_written(heard.quote, turn.content)) for heard in found)


def _sentences(content: str) -> list[Span]:
    found: list[Span] = []
    for line in own_prose(content):
        found += sentences(line)
        if len(found) >= MAX_SENTENCES:
            break
    return found[:MAX_SENTENCES]


def _as_written(span: Span, content: str) -> Span:
    """The words as they stand in the message, invisible characters between them included."""
    start, end = span.start, span.end
    for hit in _INVISIBLE.finditer(content):
        start += hit.start() <= start
        end += hit.start() < end
    return Span(text=content[start:end], start=start)


def _in_sentence(sentence: Span, at: datetime, *, before: str | None, is_answer: bool) -> Iterator[Heard]:
    if is_ironic(sentence.text):
        return
    asked = _asked(sentence)
    if asked is not None:
        yield asked
        return
    about_before = resolved(sentence.text, before)
    if about_before is not None:
        heard = _claim(Clause(text=about_before, span=sentence), at)
        yield from () if heard is None else (heard,)
        return
    claims = [heard for clause in _contrasted(clauses(sentence), sentence) if (heard := _claim(clause, at))]
    yield from claims
    for wanted in wants(sentence, stated=[claim.quote for claim in claims], is_answer=is_answer):
        heard = _wish(wanted, at)
        if heard is not None:
            yield heard


def _wish(wanted: Wanted, at: datetime) -> Heard | None:
    dated = resolve_dates(wanted.text, at)
    claim = shortened(dated.text)
    if claim is None:
        return None
    return Heard(kind="wish", text=claim, quote=wanted.span, is_dated=dated.is_dated)


def _asked(sentence: Span) -> Heard | None:
    subject = forget_topic(sentence.text)
    if subject is not None:
        return Heard(kind="forget", text=rest_in_third_person(subject), quote=sentence)
    kept_off = boundary(sentence.text)
    if kept_off is not None and (claim := shortened(kept_off)):
        return Heard(kind="boundary", text=claim, quote=sentence)
    wish = standing_wish(sentence.text)
    if wish is not None and (claim := shortened(wish)):
        return Heard(kind="answer", text=claim, quote=sentence)
    put_right = correction(sentence.text)
    if put_right is not None:
        return Heard(kind="correction", text=put_right.right, wrong=put_right.wrong, quote=sentence)
    return None


def _contrasted(found: Sequence[Clause], sentence: Span) -> Iterator[Clause]:
    """Join "I used to love jazz but now I can't stand it" into one statement on jazz, quoting the whole sentence."""
    held: Clause | None = None
    for clause in found:
        resolved = _with_object(clause, held) if held else None
        if resolved is not None:
            yield replace(resolved, span=sentence)
            held = None
            continue
        if held is not None:
            yield held
        held = clause
    if held is not None:
        yield held


def _with_object(clause: Clause, before: Clause) -> Clause | None:
    if not _USED_TO.match(before.text):
        return None
    what = _TASTE.search(before.text.rstrip(".! "))
    pronoun = _OBJECT_PRONOUN.search(clause.text)
    if what is None or pronoun is None:
        return None
    return replace(clause, text=f"{clause.text[: pronoun.start()]}{what['what']}{pronoun['rest']}")


def _claim(clause: Clause, at: datetime) -> Heard | None:
    if is_figure(clause.text):
        return None
    dated = resolve_dates(clause.text, at)
    claim = from_object(dated.text) or third_person_claim(dated.text)
    claim = shortened(claim) if claim else None
    if claim is None:
        return None
    over = ending(claim)
    if over is not None and over.is_sure:
        claim = over.negative
    return Heard(
        kind="claim",
        text=claim,
        quote=clause.span,
        since=dated.since,
        until=dated.until,
        is_dated=dated.is_dated,
        ending=over if over and over.is_sure else None,
    )
