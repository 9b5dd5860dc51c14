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
_SPEECH = re.compile(
    r"\b(?:said|says|say|told|tells|asked|asks|wrote|writes|reads|goes|replied|shouted|texted|translate[ds]?|means?"
    r"|lyrics?|line|lines|sign|slogan|motto|title|titled|song|sentence|phrase|word|words|prompt|quote[ds]?|called"
    r"|named|types?|prints?|answer(?:ed|s)?|whispered|joked|character|post(?:ed)?|headline|caption|email|message)\b",
    re.IGNORECASE,
)


def must_be_own_words(situation: Situation) -> Objection | None:
    """Refuse evidence from lines that somebody else wrote, or that were written for something else."""
    for cited in situation.said:
        if cited.line is not None and cited.line.kind != "own":
            rule = "role-play" if cited.line.kind == "role-play" else "not-own-words"
            return reject(rule, _WHOSE[cited.line.kind])
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
    """Whether all of the quote stands within marks, in a sentence that tells of a saying."""
    at = cited.sentence.find(" ".join(cited.quote.split()))
    if at < 0:
        return False
    end = at + len(" ".join(cited.quote.split()))
    inside = [hit for hit in _MARKED.finditer(cited.sentence) if hit.start() < end and at < hit.end()]
    outside = _MARKED.sub(" ", cited.sentence)
    covered = any(hit.start() <= at + 1 and end - 1 <= hit.end() for hit in inside)
    whole = covered or (bool(inside) and at == 0)
    return whole and _SPEECH.search(outside) is not None if inside else False
