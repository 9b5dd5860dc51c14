"""Refuses text that recall put into a prompt, or that the assistant said before: it is never learned again. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from treering.memory.admission.situation import Cited, Objection, reject
from treering.memory.repetition import normal_form
from treering.memory.retrieval.fit import HEADINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from treering.memory.admission.situation import Readings, Situation

MIN_REPEATED_WORDS = 7
"""An assistant's words that come again, at least: fewer are anybody's."""

_FENCE = r"treering-memory"
_OPENED = re.compile(rf"(?:<|&lt;)\s*{_FENCE}\s*(?:>|&gt;)", re.IGNORECASE)
_CLOSED = re.compile(rf"(?:<|&lt;)\s*/\s*{_FENCE}\s*(?:>|&gt;)", re.IGNORECASE)
_PREFACE = re.compile(r"background about the person you talk with|recalled from earlier conversations", re.IGNORECASE)
_REF = re.compile(r"\[[cst]\d{1,3}\]\s?\S")
#: A claim ends so in a context: its slot and its date.
_SOURCE = re.compile(r"\([A-Za-z]\w*(?:\.\w+)+, \d{4}-\d\d-\d\d(?: to \d{4}-\d\d-\d\d)?\)")
_DATED_TURN = re.compile(r"^[^\w\n]*\d{4}-\d\d-\d\d (?:user|assistant|system|tool)\s?:", re.IGNORECASE | re.MULTILINE)
_FOREIGN_HEADING = re.compile(
    r"^[^\w\n]*(?:(?:user |known |stored |saved |long-term )?(?:memory|memories|profile|facts)|what (?:you|we"
    r"|i) know about [\w ]{1,20})"
    r"(?: \([^)\n]{1,30}\))? ?: ?(?:$|[^\w\n]*(?:\d|[-*\u2022]))",
    re.IGNORECASE | re.MULTILINE,
)
#: What the memory is said to say, rather than what is so.
_SAID_OF_MEMORY = re.compile(
    r"\b(?:according to|as per|based on) (?:your|the) (?:notes?|memory|memories|records?|profile|files?|data"
    r"|history)\b"
    r"|\b(?:your|the) (?:notes?|memory|memories|records|profile) (?:of me |about me )?(?:say|says|state|states"
    r"|claim|claims|show|shows)\b"
    r"|\byour (?:last |previous |earlier |first )?(?:answer|reply|message|response|summary) (?:said|says|was|is"
    r"|claims|claimed|states|stated)\b"
    r"|(?<!\bdo )(?<!\bdid )\byou (?:told me|said|noted|claimed|wrote|remembered|think|thought|believe"
    r"|seem to think|recalled"
    r"|assumed?) (?:that )?(?:i|i'm|i've|you)\b"
    r"|\bi (?:never|didn't|did not) (?:say|said|tell|told|ask|asked)\b[^.!?]{0,20}(?:that|it|this|so|such|you)\b",
    re.IGNORECASE,
)
_HEADING = re.compile(
    rf"^[^\w\n]*(?:{'|'.join(re.escape(heading) for heading in HEADINGS.values())})\s*$", re.MULTILINE
)
_EMPTY_LINE = re.compile(r"\n\s*\n")
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|me|my|mine|myself|we|our|us)\b", re.IGNORECASE)

_WHY = "it repeats text that was recalled from memory, which is no new statement"


def must_not_be_recalled(situation: Situation) -> Objection | None:
    """Refuse words that a recalled context brought along, pasted back whole or in part."""
    if any(_is_of_a_context(cited, situation.readings) for cited in situation.said):
        return reject("recalled", _WHY)
    if not situation.is_wish_to_forget and any(_SAID_OF_MEMORY.search(cited.sentence) for cited in situation.said):
        return reject("about-memory", "it is about what the memory holds or was told, not about the person's life")
    if any(_repeats_a_claim(cited, situation) for cited in situation.said):
        return reject(
            "recalled", "it repeats a claim word for word, as memory writes it and no person talks of themselves"
        )
    return None


def must_not_echo(situation: Situation) -> Objection | None:
    """Refuse a sentence of the assistant that the user pasted: who repeats it has not said it."""
    earlier = [turn for turn in (*situation.window.context, *situation.window.turns) if turn.role == "assistant"]
    for cited in situation.said:
        words = normal_form(cited.quote)
        if cited.turn.role != "user" or words.count(" ") < MIN_REPEATED_WORDS - 1:
            continue
        if any(f" {words} " in f" {normal_form(turn.content)} " for turn in earlier if turn.seq < cited.turn.seq):
            return reject("echo", "the assistant said it in these words, and the user only repeats them")
    return None


def _is_of_a_context(cited: Cited, readings: Readings) -> bool:
    start, end = (cited.line.span.start, cited.line.span.end) if cited.line else (cited.evidence.start, cited.end)
    marks = (_REF, _SOURCE, _PREFACE, _OPENED, _DATED_TURN, _FOREIGN_HEADING)
    if any(start <= place < end for mark in marks for place in readings.places(mark, cited.turn)):
        return True
    return _is_fenced(cited, readings) or _is_under_heading(cited, readings)


def _is_fenced(cited: Cited, readings: Readings) -> bool:
    """Whether the tag around recalled text was opened before and not closed."""
    opened = [place for place in readings.places(_OPENED, cited.turn) if place <= cited.evidence.start]
    closed = [place for place in readings.places(_CLOSED, cited.turn) if place <= cited.evidence.start]
    return bool(opened) and opened[-1] > max(closed, default=-1)


def _is_under_heading(cited: Cited, readings: Readings) -> bool:
    """Whether a heading of a context stands above, with no empty line between."""
    above = [place for place in readings.places(_HEADING, cited.turn) if place < cited.evidence.start]
    return bool(above) and _EMPTY_LINE.search(cited.turn.content[above[-1] : cited.evidence.start]) is None


def _repeats_a_claim(cited: Cited, situation: Situation) -> bool:
    if cited.turn.role != "user" or _FIRST_PERSON.search(cited.sentence):
        return False
    said = f" {normal_form(cited.sentence)} "
    return any(f" {known} " in said for known in _known(situation))


def _known(situation: Situation) -> Iterator[str]:
    """Claims of the slot that say enough to be told from everyday words."""
    tree = situation.forest.get(situation.draft.subject)
    for claim in tree.current(situation.draft.path) if tree else ():
        known = normal_form(claim.text)
        if known.count(" ") >= 2:  # noqa: PLR2004 - three words
            yield known
