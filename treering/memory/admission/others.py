"""Refuses what a sentence says of another person where it is claimed of the user. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from treering.memory.admission.situation import Objection, reject
from treering.memory.retrieval.sparse import terms
from treering.memory.wording.assent import is_assent
from treering.schemas.claims import SELF

if TYPE_CHECKING:
    from treering.memory.admission.situation import Situation

_VERB = (
    r"(?:is|was|has|had|isn't|wasn't|hasn't|loves?|likes?|hates?|lives?|works?|prefers?|enjoys?|wants?|needs?"
    r"|plays?|eats?|drinks?"
    r"|speaks?|owns?|drives?|studies|studied|moved|lived|worked|loved|hated|can't|cannot|doesn't|didn't|never"
    r"|always|dislikes?"
    r"|adores?|suffers?|takes?|goes|got|became|becomes?|quit|started|used to|will|says?|said|told|thinks?|thought"
    r"|believes?)"
)
_LEAD = r"^\W*(?:(?:and|but|so|also|well|oh|yes|no|actually|btw|by the way|because|since|that|then|plus|now)\b\W*)*"
_RELATION = r"(?:my|our) (?P<who>(?:[\w-]+ ){0,2}[\w-]+?)(?:'s (?P<whose>[\w -]{2,40}?))?(?:,? [A-Z][\w-]+)?"
_RELATED = re.compile(rf"{_LEAD}{_RELATION} (?:\w+ly )?{_VERB}\b", re.IGNORECASE)
_PRONOUN = re.compile(rf"{_LEAD}(?:he|she|they)(?:'s|'re|'d|'ll)?\b", re.IGNORECASE)
_NAMED = re.compile(rf"^\W*(?:[A-Z][a-z'-]+(?: [A-Z][a-z'-]+)?)(?: and [A-Z][a-z'-]+)? (?:\w+ly )?{_VERB}\b")
_FIRST_PERSON = re.compile(
    r"\b(?:i|i'm|i've|i'd|i'll|me|my|mine|myself|we|we're|we've|our|ours|us|im|ive)\b", re.IGNORECASE
)
_REST_ABOUT_SELF = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|me|mine|myself|we|we're|we've|us)\b", re.IGNORECASE)
_PERSON = re.compile(
    r"\b(?:mother|mom|mum|mama|father|dad|papa|parents?|sister|brother|siblings?|son|daughter|kids?|child(?:ren)?"
    r"|baby|toddler|wife|husband"
    r"|spouse|partner|fianc\u00e9e?|fiancee?|girlfriend|boyfriend|ex|friend|friends|mate|buddy|roommate|flatmate"
    r"|housemate|neighbou?rs?|boss"
    r"|manager|colleagues?|co-?workers?|teacher|professor|student|doctor|therapist|uncle|aunt|auntie|cousins?"
    r"|nephew|niece|grand\w+|nana"
    r"|granny|in-laws?|\w+-in-law|step\w+|twin|landlord|client|coach|trainer|dentist|lawyer|family|team|guests?)\b",
    re.IGNORECASE,
)


def must_not_be_about_another(situation: Situation) -> Objection | None:
    """Refuse to lay on the user what a sentence says of a person beside them.

    "My sister is allergic to nuts" may become "has a sister who is allergic to nuts", which names her, and never "is
    allergic to nuts". English only: sentences of other languages pass.
    """
    claim = situation.claim
    if claim is None or claim.subject != SELF:
        return None
    for cited in situation.said:
        if is_assent(cited.quote):
            continue
        who = _other(cited.quote)
        if who is not None and not (terms(who).keys() & terms(claim.text).keys() or _PERSON.search(claim.text)):
            return reject("about-another", "its sentence is about another person, and the claim lays it on the user")
    return None


def _other(quote: str) -> str | None:
    """Whom a statement is about, where that is not the speaker; None: the speaker, or nobody knows."""
    related = _RELATED.match(quote)
    if related is not None and _PERSON.search(related["who"]) and not _REST_ABOUT_SELF.search(quote[related.end() :]):
        return f"{related['who']} {related['whose'] or ''}"
    if _FIRST_PERSON.search(quote):
        return None
    if _PRONOUN.match(quote):
        return ""
    named = _NAMED.match(quote)
    return named[0] if named and not _THING.match(quote) else None


#: Words that begin a statement about a thing, or a shortened one about the speaker.
_THING = re.compile(
    r"^\W*(?:it|this|that|there|these|those|what|who|everything|nothing|something|nobody|everybody|someone|work"
    r"|life|love|food|coffee|tea"
    r"|jazz|music|music|today|yesterday|tomorrow|tonight|currently|always|never|still|just|only|also|usually|often"
    r"|the|a|an|any|some|all"
    r"|most|more|less|no|not|yes|definitely|probably|maybe|both|each|every|here|home|dinner|lunch|breakfast|money"
    r"|time|health|sleep|got"
    r"|used|can't|cannot|has|had|was|is|never|moved|lived|worked|started|quit|\w+ing)\b",
    re.IGNORECASE,
)
