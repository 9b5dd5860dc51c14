"""What an assistant states of its own persona ("I'm Sol, I was made in Lisbon"), and of nothing else."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from treering.memory.listeners.dates import resolve_dates
from treering.memory.listeners.filters import is_question, unquoted
from treering.memory.listeners.grammar import third_person_claim
from treering.memory.listeners.hearing import Heard
from treering.memory.listeners.ties import NAME, WHO
from treering.memory.listeners.worth import shortened
from treering.memory.wording.prose import own_prose
from treering.memory.wording.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from treering.memory.wording.sentences import Span
    from treering.schemas.dialogue import Turn

MAX_SENTENCES = 8
"""A longer message is an answer to something, and its first person that of an example."""

_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\xa0": " "})
_LEAD = r"^(?i:(?:hi|hello|hey|well|oh|yes|sure|nice to meet you|as for me|me|and|but)\b[,.! ]*(?:there\b[,.! ]*)?)*"
#: A name begins with a capital, and ends the clause or goes on with what one is.
_NAMED = (
    r"(?:I'm|I am|I'm called|I am called|[Mm]y name is|[Mm]y name's|[Yy]ou can call me|[Cc]all me)"
    rf" (?!(?:I|A|An|The|Sorry|Happy|Glad|Here|Sure|Ready|So|Very|Just|Not|All)\b)(?P<name>{NAME})(?=[,.!;]|$| and )"
)
_FACTS = (
    r"I(?:'m| am| come) (?:originally )?from [A-Z]",
    r"I was (?:made|created|built|born|raised|brought up|designed|trained) (?:in|by|on|at|near) ",
    r"I grew up (?:in|near|on|with) ",
    r"I(?:'ve)? (?:always )?lived? (?:in|near|by|with) ",
    r"I(?:'m| am) (?:\d{1,4}|[a-z]+-[a-z]+) years old",
    r"I work(?:ed)? (?:as|for|at) ",
    r"I(?:'m| am) (?:an? )(?:[a-z-]+ ){0,2}(?:by trade|from [A-Z])",
    rf"I have (?:an?|two|three|four|five|no) (?:[a-z]+ )?(?:{WHO}|cats?|dogs?|children|sisters|brothers)\b",
    r"[Mm]y (?:favou?rite [a-z ]{2,30}|birthday|home ?town|maker|mother tongue|native language) (?:is|are|was|were) ",
)
_IS_NAMED = re.compile(_LEAD + _NAMED)
_FACT = re.compile(rf"{_LEAD}(?P<said>(?:{'|'.join(_FACTS)}).*)$", re.DOTALL)
_HINT = re.compile(rf"\b(?:{_NAMED}|{'|'.join(_FACTS)})")
_CUT = re.compile(r"(?:,|;| and| but| so)+ (?=(?:I|I'm|I've|my)\b)")
_TALKS_TO_YOU = re.compile(r"\b(?:you|your|yours|you're|let's|we|our|us)\b", re.IGNORECASE)
_SERVICE = re.compile(
    r"\b(?:AI|assistant|language model|chat ?bot|bot|model|help|assist|provide|support|information|data|training data"
    r"|knowledge|real[- ]time|access|version)\b",
    re.IGNORECASE,
)
#: What the user asks for is not what the assistant is.
_WROTE_FOR_SOMEBODY = re.compile(
    r"\b(?:write|rewrite|draft|compose|translate|proofread|edit|example|sample|pretend|imagine|role-?play|act as"
    r"|story|poem|song|script|letter|e-?mail|bio|essay|speech|dialogue|character|cover letter|practi[cs]e|say"
    r"|introduce|quote|sentence|reply to)\b",
    re.IGNORECASE,
)


def speaks_of_itself(turn: Turn) -> bool:
    """Whether an assistant's turn may state something of its own persona: a quick look, before anybody listens."""
    return turn.role == "assistant" and _HINT.search(turn.content.translate(_APOSTROPHES)) is not None


def persona(turn: Turn, before: Turn | None = None) -> tuple[Heard, ...]:
    """What an assistant's turn states of the assistant: its name, where it is from, what it has; never small talk.

    Strict on purpose: a wrapped model says "I" all day and means nothing by it. Nothing is heard of a long message, of
    one that has code, quotations or lists, and of an answer to somebody who asked for a text.

    Example:
        >>> from datetime import UTC, datetime
        >>> from treering.schemas.dialogue import Turn
        >>> said = {"message_id": "m", "session": "s", "index": 0, "seq": 1, "role": "assistant"}
        >>> at = datetime(2024, 3, 5, tzinfo=UTC)
        >>> turn = Turn(**said, content="I'm Sol, I was made in Lisbon. How can I help?", at=at)
        >>> [heard.text for heard in persona(turn)]
        ['is named Sol', 'was made in Lisbon']
    """
    asked = before.content if before is not None and before.role == "user" else ""
    if not speaks_of_itself(turn) or _WROTE_FOR_SOMEBODY.search(asked):
        return ()
    content = turn.content.translate(_APOSTROPHES)
    lines = own_prose(content)
    if sum(len(line.text) for line in lines) < len(content.strip()) - content.count("\n") or len(lines) > MAX_SENTENCES:
        return ()
    found = list(islice((one for line in lines for one in sentences(line)), MAX_SENTENCES + 1))
    if len(found) > MAX_SENTENCES or any(unquoted(one.text) != one.text or '"' in one.text for one in found):
        return ()
    return tuple(heard for one in found if not is_question(one.text) for heard in _in_sentence(one, turn))


def _in_sentence(sentence: Span, turn: Turn) -> Iterator[Heard]:
    for part in _parts(sentence):
        named = _IS_NAMED.match(part.text)
        if named and not _SERVICE.search(named["name"]):
            yield from _heard(f"is named {named['name']}", part, turn)
            continue
        fact = _FACT.match(part.text)
        if fact is None or _TALKS_TO_YOU.search(part.text) or _SERVICE.search(part.text):
            continue
        claim = third_person_claim(fact["said"])
        if claim is not None:
            yield from _heard(claim, part, turn)


def _parts(sentence: Span) -> Iterator[Span]:
    begin = 0
    for hit in _CUT.finditer(sentence.text):
        yield sentence.cut(begin, hit.start())
        begin = hit.end()
    yield sentence.cut(begin)


def _heard(claim: str, span: Span, turn: Turn) -> Iterator[Heard]:
    dated = resolve_dates(claim, turn.at)
    text = shortened(dated.text)
    if text is not None:
        quote = type(span)(text=turn.content[span.start : span.end], start=span.start)
        yield Heard(
            kind="answer", text=text, quote=quote, since=dated.since, until=dated.until, is_dated=dated.is_dated
        )
