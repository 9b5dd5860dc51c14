"""Refuses what a sentence says of another person where it is claimed of the user. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from treering.memory.admission.situation import Objection, reject
from treering.memory.retrieval.sparse import terms
from treering.schemas.claims import SELF

if TYPE_CHECKING:
    from treering.memory.admission.situation import Situation

_LEAD = (
    r"^\W*(?:according to \w+,? )?(?:(?:and|but|so|also|well|oh|yes|no|actually|btw|by the way|because|since|that"
    r"|then|plus|now)\b\W*)*"
)
_PERSON = (
    r"(?:mother|mom|mum|mama|father|dad|papa|parents?|sister|brother|siblings?|son|daughter|kids?|child(?:ren)?"
    r"|baby|toddler|wife|husband"
    r"|spouse|partner|fiancee?|girlfriend|boyfriend|ex|ex-\w+|friends?|mates?|buddy|buddies|roommates?|flatmates?"
    r"|housemates?|neighbou?rs?"
    r"|boss|manager|colleagues?|co-?workers?|teachers?|professors?|students?|doctors?|therapist|uncle|aunt|auntie"
    r"|cousins?|nephews?|nieces?"
    r"|grand\w+|nana|granny|in-laws?|\w+-in-law|step\w+|twin|landlord|landlady|clients?|coach|trainer|dentist"
    r"|lawyer|customers?|guests?"
    r"|patients?|assistant|nanny|man|woman|men|women|guy|guys|girl|girls|boy|boys|lady|people|folks|person|family"
    r"|families|team)"
)
_WHOSE = (
    r"(?:the|our|my|your|his|her|their|a|an|some|many|most|several|few|both|all|all the|these|those|this|that"
    r"|one|two|three|four|young|old)"
)
#: The subject of a statement, where it is another person: "my boss", "a friend of mine", "people in my town".
_RELATED = re.compile(
    rf"{_LEAD}(?P<who>(?:(?:{_WHOSE} )(?:[\w-]+ ){{0,2}})?{_PERSON}(?:'s \w+)?(?: of (?:mine|ours"
    rf"|my \w+))?"
    r"(?: (?:in|at|from|on) (?:my|our|the) \w+)?)\b(?! and (?:i|me|we)\b)",
    re.IGNORECASE,
)
_ANYONE = re.compile(
    rf"{_LEAD}(?:he|she|they|someone|somebody|anyone|anybody|everyone|everybody|no one|nobody)(?:'s|'re|'d"
    rf"|'ll)?\b(?: like (?:me|us)\b)?(?! and (?:i|me|we)\b)",
    re.IGNORECASE,
)
_VERB = (
    r"(?:is|was|has|had|isn't|wasn't|hasn't|loves?|likes?|hates?|lives?|works?|prefers?|enjoys?|wants?|needs?"
    r"|plays?|eats?|drinks?"
    r"|speaks?|owns?|drives?|studies|studied|moved|lived|worked|loved|hated|can't|cannot|doesn't|didn't|never"
    r"|always|dislikes?"
    r"|adores?|suffers?|takes?|goes|got|became|becomes?|quit|started|used to|will|says?|said|told|thinks?|thought"
    r"|believes?)"
)
_NAMED = re.compile(
    rf"^\W*(?P<who>[A-Z][a-z'-]+(?: [A-Z][a-z'-]+)?(?: and [A-Z][a-z'-]+)?)(?:, (?:who|whom|whose|my|our|a|an"
    rf"|the)\b[^,]{{1,60}},)? (?:\w+ly )?{_VERB}\b"
)
_ASIDE = re.compile(
    r",? who(?:m|se)?\b[^,]{1,60}(?:,|$)|\b(?:next to|beside|near|behind|opposite|in front of|before|with|like|to"
    r"|for|at) (?:me|us)\b",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\b(?:told|tells|asked|asks|taught|informed|showed|said to|says to|wrote(?: to)?) (?:me"
    r"|us)\b(?=[^.]{0,8}\b(?:he|she|they|his|her|their)\b)",
    re.IGNORECASE,
)
_SPEAKER_IN = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|me|mine|myself|we|we're|we've|us|ours|im|ive)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?\u2026]+[.!?\u2026]*")
#: Words that begin a statement about a thing, or a shortened one about the speaker.
_THING = re.compile(
    r"^\W*(?:please|kindly|do|don't|let|stop|avoid|for|in|on|at|with|as|to|from|by|about|after|before|during"
    r"|since|if|when|while|because|though|my|it"
    r"|this|that|there|these|those|what|who|everything|nothing|something|work|life|love|food|coffee|tea"
    r"|jazz|music|today|yesterday"
    r"|tomorrow|tonight|currently|always|never|still|just|only|also|usually|often|the|a|an|any|some|all|most|more"
    r"|less|no|not|yes|definitely"
    r"|probably|maybe|both|each|every|here|home|dinner|lunch|breakfast|money|time|health|sleep|got|used|can't"
    r"|cannot|has|had|was|is|moved"
    r"|lived|worked|started|quit|\w+ing)\b",
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
    wanted = terms(claim.text).keys()
    for cited in situation.said:
        parts = [hit[0] for hit in _SENTENCE.finditer(cited.quote)]
        telling = [part for part in parts if wanted & terms(part).keys()] or parts
        others = [_other(part) for part in telling]
        if others and all(who is not None and not _names(who, claim.text) for who in others):
            return reject("about-another", "its sentence is about another person, and the claim lays it on the user")
    return None


def _names(who: str, text: str) -> bool:
    """Whether a claim says whom it is about beside the user."""
    return bool(terms(who).keys() & terms(text).keys()) or _SOMEBODY.search(text) is not None


_SOMEBODY = re.compile(rf"\b{_PERSON}\b", re.IGNORECASE)


def _other(sentence: str) -> str | None:
    """Whom a statement is about, where that is not the speaker; None: the speaker, or nobody knows."""
    plain = _TOLD.sub(" ", _ASIDE.sub(" ", sentence))
    for subject in (_RELATED, _ANYONE):
        found = subject.match(plain)
        if found is not None:
            who = found.groupdict().get("who") or ""
            if who.endswith(" name"):
                return None
            return None if _SPEAKER_IN.search(plain[found.end() :]) else who
    named = _NAMED.match(sentence)
    if (
        named is None
        or _THING.match(sentence)
        or _SPEAKER_IN.search(plain)
        or re.search(r"\bmy\b", plain, re.IGNORECASE)
    ):
        return None
    return named["who"]
