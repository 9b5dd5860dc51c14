"""Refuses words that are not the person's own prose: code, tables, quotations, transcripts, documents. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from treering.memory.admission.situation import Cited, Objection, reject
from treering.memory.wording.folding import hides_text
from treering.schemas.claims import SELF

if TYPE_CHECKING:
    from treering.memory.admission.situation import Situation
    from treering.memory.wording.prose import LineKind

_WHOSE: dict[LineKind, str] = {
    "code": "it stands in code or in the output of a program",
    "table": "it stands in a table",
    "quotation": "it stands in a quotation",
    "transcript": "it stands in a transcript, under the name of a speaker",
    "document": "it stands in a text that was pasted or is to be worked on",
    "role-play": "the message plays a part, tells a story or says that it jokes",
}
#: Marks around words; an apostrophe is one only outside words.
_MARKED = re.compile(r"\"[^\"]*\"|`[^`]*`|(?<!\w)'[^'\n]{2,400}'(?!\w)")
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|me|my|mine|myself|we|we're|we've|our|us)\b", re.IGNORECASE)
_SPEAKER = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|me|myself|we|we're|we've|us)\b", re.IGNORECASE)
_SPEECH = re.compile(
    r"\b(?:said|says?|told|tells|asked|asks|wrote|writes|replied|shouted|texted|whispered|joked)\b", re.IGNORECASE
)
#: Somebody else's saying without marks: "what my ex used to say: I can't stand children".
_SAYING = re.compile(
    r"\b(?!i\b|i'd\b|me\b)[\w']+ (?:always |once |often |just |then |would |used to )?(?:say|says|said|saying|wrote"
    r"|writes|goes|reads"
    r"|told (?:me|us|them|him|her)|replied|shouted|put it|think|thinks)\s?: ",
    re.IGNORECASE,
)
_OWN_SAYING = re.compile(
    r"\b(?:let me|i(?:'ll| will| would|'d| must| can| have to| want to)?(?: just| always| also)?"
    r"|(?<!used )to) (?:say|says"
    r"|said|saying|put it)\s?: ",
    re.IGNORECASE,
)


def must_be_own_words(situation: Situation) -> Objection | None:
    """Refuse evidence from lines that somebody else wrote, or that were written for something else."""
    for cited in situation.said:
        for line in situation.readings.lines(cited.turn):
            is_cited = line.span.start < cited.end and cited.evidence.start < line.span.end
            if is_cited and line.kind != "own":
                return reject("role-play" if line.kind == "role-play" else "not-own-words", _WHOSE[line.kind])
    return None


def must_not_be_quoted(situation: Situation) -> Objection | None:
    """Refuse a claim about the user whose words stand between quotation marks, as somebody else's saying."""
    if situation.draft.subject != SELF:
        return None
    if any(_is_inside_marks(cited) for cited in situation.said):
        return reject("quoted-words", "the words stand between quotation marks, so somebody else may have said them")
    return None


def must_be_visible(situation: Situation) -> Objection | None:
    """Refuse words with characters that show a reader something else than what stands there."""
    claim = situation.claim
    texts = [cited.evidence.quote for cited in situation.cited] + [claim.text if claim else ""]
    if any(hides_text(text) for text in texts):
        return reject("hidden-text", "characters in it reverse or hide text, so that no reader sees what it says")
    return None


def _is_inside_marks(cited: Cited) -> bool:
    """Whether the first person of a sentence is somebody else's: within marks alone, or behind "she says:"."""
    quote = " ".join(cited.quote.split())
    at = cited.sentence.find(quote)
    marked = [hit for hit in _MARKED.finditer(cited.sentence) if _SPEAKER.search(hit[0])]
    if any(hit.start() <= at + 1 and at + len(quote) - 1 <= hit.end() for hit in marked if at >= 0):
        return True
    outside = _MARKED.sub(" ", cited.sentence)
    if marked and not _SPEAKER.search(outside) and (_SPEECH.search(outside) or not _FIRST_PERSON.search(outside)):
        return True
    saying = _SAYING.search(cited.sentence)
    if saying is None or _OWN_SAYING.search(cited.sentence):
        return False
    return at < 0 or saying.start() < at + len(quote)
