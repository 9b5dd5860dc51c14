"""What a question wants with a time: a change, a date, what was said then, or the first or last of several."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["change", "when", "said-in", "held-at"]
Order = Literal["first", "last"]

MAX_CHANGE_WORDS = 15
"""Words of a sentence that asks about change."""

SENTENCE = re.compile(r"\S.*?(?:[.!?]+(?=\s+[\"'(]?[A-Z])|$)")
"""One sentence of a text on one line."""

_THEN = r"(?:before|back then|last|when|earlier)"
# Patterns of every question are matched against it in small letters: with IGNORECASE, each alternative is tried at each
# place, which takes three times as long.
#: A habit of the present: "I am used to the cold".
_USED = re.compile(r"(?:\b(?:am|is|are|be|been|get|gets|got|getting)|['\u2019](?:m|re|s)) (?:\w+ )?used to\b")
_CHANGE = re.compile(
    r"\b(?:chang(?:e|es|ed|ing)(?! (?:of|into) clothes)|evol(?:ve|ves|ved|ving|ution)"
    r"|used to"
    r"|did (?:\w+ ){1,3}use to"
    r"|no longer|any ?more|any longer|still|previously|formerly|originally|over time|as time (?:went|goes)|at first"
    r"|to begin with|(?:over|throughout) the (?:years|months|weeks)|switch(?:ed)? (?:from|to)"
    r"|shift(?:ed|s)? (?:from|to|in)"
    rf"|(?:differs?|different(?:ly)?) (?:from|than|to) {_THEN}|compared (?:to|with) {_THEN}|instead of (?:before|what)"
    r"|then and now|history of my|progressed|developed over|gone from|went from|become of|turned into)\b",
)
_OVERVIEW = re.compile(
    r"\b(?:overview|summar(?:y|ies|i[sz]e[ds]?|i[sz]ing)|recap|sum up|in general|overall|themes?|topics?|main(?:ly)?"
    r"|mostly|usually talk|all about|so far|everything (?:you|we|i)|gist|big picture|catch me up)\b",
)
_WANTING = r"\b(?:know|remember|tell me|remind me|recall|ask|idea|sure|wonder(?:ing)?|forgot|forget|say) (?:\w+ )?"
WANTING_A_DATE = re.compile(rf"{_WANTING}$", re.IGNORECASE)
"""What stands before a "when" that asks: "do you know exactly"."""

MAX_WANTING_CHARS = 40
"""How far before the "when" it may begin."""

_WHEN = re.compile(
    r"^\W*(?:(?:and|but|so|also|then|ok(?:ay)?|hey|hi|please|well)\W+)*"
    r"(?:when(?!ever)|since when|until when|how long)(?!\w)(?! (?:i|we|you|he|she|they|my|our|your|his|her|their)\b)"
    r"|\b(?:what|which)(?: \w+){0,2} (?:date|day|week|month|year|season|weekend)\b"
    r"|\bhow long (?:ago|have|has|had|did|since)\b|\bwhat time\b|\b(?:since|until|by) when\b"
    rf"|{_WANTING}when\b"
    r"|\bthe (?:exact )?date (?:of|when|on|that|i|we)\b",
)
_TALKED = (
    r"(?:said|told|mentioned|talked|discussed|asked|spoke|spoken|chatted|brought up|recommended|suggested|advised"
    r"|promised|proposed|explained|described)"
)
_TALK = (
    r"(?:say|tell|mention|talk|discuss|ask|speak|chat|bring up|recommend|suggest|advise|promise|propose"
    r"|explain|describe)"
)
#: Between the two; "can you suggest" and "what did Tom say" are something else.
_SAID = re.compile(
    rf"\bdid (?:I|we|you) (?:\w+ ){{0,2}}?{_TALK}\b"
    rf"|\b(?:I|we|you)(?:['\u2019]ve)? (?:\w+ )?{_TALKED}\b"
    r"|\b(?:were|was|been) (?:(?:I|we|you) )?(?:talking|chatting|discussing|speaking)\b"
    r"|\b(?:our|last|previous|earlier)(?: \w+)? (?:conversation|chat|session)s?\b",
    re.IGNORECASE,
)
_ASKING = r"(?:what|who(?:m|se)?|where|when|which|how|why)"
_ASKS = re.compile(
    rf"\?\W*$|(?:^\W*|[,;:] |\b(?:and|but|so|then|ok|okay|hey|hi) )(?:{_ASKING}|did|do|does|have|has|had|was|were"
    r"|is|are|am|can|could|will|would|should)\b"
    rf"|\b(?:remember|recall|know|wonder(?:ing)?|forg[eo]t|see|find|sure|tell|say) (?:{_ASKING}|if|whether)\b"
    r"|(?:^\W*|\b(?:please|you) )(?:tell|remind|show|list|give|summari[sz]e|recap|describe|compare|find|search|look)\b",
    re.IGNORECASE,
)
_TELLS = re.compile(r"\b(?:I|we)(?:['\u2019](?:m|ve|d|ll|re))?(?!\w)")

_FIRST = re.compile(
    r"\b(?:(?:the|my|our|his|her|their) (?:very )?first|for the first time|first time|earliest|oldest)\b",
)
_STRETCH = r"(?:(?:few|\w+) (?:days|weeks|months|years)|(?:day|week|month|year|decade))"
_LAST = re.compile(
    r"\b(?:most recent(?:ly)?|latest|newest|(?:the )?last time|(?:did|have|has|was|were) (?:\w+ ){1,2}last(?= \w+)"
    rf"|the last (?!{_STRETCH}\b)(?=\w+))\b",
)


def asks_about_change(question: str) -> bool:
    """True if the question wants history, so that what is no longer so may be shown.

    A short sentence that asks does; in a long one, "still" and "any more" are of the story that is told.

    Example:
        >>> asks_about_change("Do I still eat meat?"), asks_about_change("I'm used to tea. Where can I buy some?")
        (True, False)
    """
    if _CHANGE.search(_USED.sub("", question.lower())) is None:
        return False
    sentences = (found[0] for found in SENTENCE.finditer(" ".join(question.split())))
    return any(
        asks(one) and len(one.split()) <= MAX_CHANGE_WORDS and _CHANGE.search(_USED.sub("", one.lower()))
        for one in sentences
    )


def wants_overview(question: str) -> bool:
    """True if the question is about the whole of something rather than about one thing that was said.

    Example:
        >>> wants_overview("Give me an overview of our talks."), wants_overview("What is the dog called?")
        (True, False)
    """
    return _OVERVIEW.search(question.lower()) is not None


def asks_when(question: str) -> bool:
    """True if the question asks for a date or a length of time.

    Example:
        >>> asks_when("When did I move?"), asks_when("When I lived in Rome, what did I drive?")
        (True, False)
    """
    return _WHEN.search(question.lower()) is not None


def asks_what_was_said(question: str) -> bool:
    """True if the question is about what was said between the two, rather than about what was so.

    Example:
        >>> asks_what_was_said("What did I tell you about Ana?"), asks_what_was_said("What did Tom say?")
        (True, False)
    """
    return _SAID.search(question) is not None


def asks(sentence: str) -> bool:
    """True unless the person tells of themselves: a time in what they tell bounds nothing that is looked for.

    Example:
        >>> asks("I recently joined a choir."), asks("I forgot what I said last week."), asks("trips in 2023")
        (False, True, True)
    """
    return _ASKS.search(sentence) is not None or _TELLS.search(sentence) is None


def order_of(question: str) -> Order | None:
    """Whether the question wants the first or the last of several times.

    Example:
        >>> order_of("Where was the last time I ate out?"), order_of("What was my first job?")
        ('last', 'first')
    """
    small = question.lower()
    return "last" if _LAST.search(small) else "first" if _FIRST.search(small) else None
