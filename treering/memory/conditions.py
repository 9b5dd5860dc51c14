"""Under which condition a statement holds, where it does not always: "on weekdays", "when travelling". Pure.

Two statements that contradict each other under different conditions are both true. The idea of keeping contradictions
apart by their context is from Caffeine (persona memory with commonsense-augmented refinement).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from treering.memory.retrieval.sparse import STOP_WORDS, stem
from treering.memory.word_caches import word_cache
from treering.schemas.claims import MAX_CONDITION_CHARS

if TYPE_CHECKING:
    from treering.schemas.claims import Claim

MAX_CLAUSE_WORDS = 7
"""Words of a clause after "when" or "if": a longer one tells a story."""

_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_PART = r"(?:mornings?|afternoons?|evenings?|nights?)"
_SEASON = r"(?:winter|summer|spring|autumn|fall)(?:time)?"
_PEOPLE = (
    r"(?:kids|children|friends|family|colleagues|coworkers|co-workers|guests|parents|in-laws|grandchildren|strangers"
    r"|clients|customers|students|patients)"
)
_WHOSE = r"(?:(?:the|my|our|their|his|her|other|some|close|old)\s+){0,2}"
_WHERE = r"(?:work|school|home|parties|restaurants|airports|meetings|conferences|the\s+(?:office|gym|beach|pool))"
_MEAL = r"(?:breakfast|lunch|dinner|supper|brunch|dessert)"

#: A fixed phrase makes a habit of any statement: nobody goes climbing "on weekends" once.
_ALWAYS_HABIT = (
    r"(?:on|at|every|each|during)\s+(?:the\s+)?(?:weekdays?|weekends?|week\s?nights?|workdays?|work\s+days|days\s+off)",
    r"on\s+(?:school\s+nights?|rest\s+days|training\s+days|public\s+holidays)",
    rf"on\s+{_DAY}s(?:\s+{_PART})?",
    rf"on\s+{_DAY}\s+(?:mornings|afternoons|evenings|nights)",
    rf"(?:every|each)\s+(?:{_DAY}(?:\s+{_PART})?|morning|afternoon|evening|night|winter|summer|spring|autumn|fall)",
    r"during\s+the\s+week",
    r"(?:on|during)\s+(?:(?:business|work|long)\s+)?(?:trips|flights|holidays|vacations|commutes)",
    r"on\s+(?:planes|trains|buses|boats)",
)
#: These say when an event was as well as when a habit is, so a statement about the past has no condition by them.
_HABIT_OR_EVENT = (
    rf"(?:in|during)\s+(?:the\s+)?(?:early\s+|late\s+)?{_SEASON}",
    rf"(?:in|during)\s+the\s+(?:(?:early\s+|late\s+)?{_PART}|rain|snow|heat|cold|car)",
    r"in\s+(?:hot|cold|warm|wet|rainy|bad|good)\s+weather",
    r"(?:late\s+)?at\s+night",
    rf"at\s+{_WHERE}",
    r"in\s+(?:the\s+office|public|meetings|restaurants)",
    r"on\s+(?:vacation|holiday|the\s+road|business)",
    r"abroad",
    rf"(?:with|around|in\s+front\s+of)\s+{_WHOSE}{_PEOPLE}",
    rf"for\s+{_MEAL}",
    rf"(?:before|after)\s+(?:work|school|bed|sleep|meals|meetings|exams|exercise|workouts?|training|{_MEAL})",
    r"during\s+(?:exams?|exam\s+season|lent|ramadan|pregnancy|flu\s+season|term|work\s+hours|working\s+hours|meals)",
)
_CLAUSE = re.compile(
    r"\b(?P<how>(?:only\s+|except\s+)?(?:when(?:ever)?|while|if|unless))\s+(?!to\b|not\b)(?P<what>[^,;.!?()\n]+)",
    re.IGNORECASE,
)
#: "wonders if it rains", "knows when it closes": a question inside a statement. "would go if": a thought experiment.
_NO_CONDITION = re.compile(
    r"\b(?:know|ask|wonder|tell|told|see|check|remember|decide|sure|curious|interested|matter|care|as|even|what|guess"
    r"|(?:love|like|enjoy|hate|appreciate)s?(?:\s+it)?|dislikes?(?:\s+it)?)(?:s|ed|ing)?\s*$"
    r"|\b(?:would|could|might|'d)\b",
    re.IGNORECASE,
)
_ALWAYS = re.compile(rf"\b(?:{'|'.join(_ALWAYS_HABIT)})\b", re.IGNORECASE)
_SOMETIMES = re.compile(rf"\b(?:{'|'.join(_HABIT_OR_EVENT)})\b(?!\s+(?:of|in)?\s*\d)", re.IGNORECASE)
#: "is at work", "lives at home", "has a dog at home": where somebody or something is, and not when it is so.
_PLACED = re.compile(
    r"(?:\b(?:is|am|are|'m|'re|be|lives?|stays?|works?|working|living|staying|studies|study|studied)"
    r"|^(?:i(?:'ve)?\s+)?(?:has|have|owns?|keeps?|needs?)\b.*)\s*$",
    re.IGNORECASE,
)
#: "if possible", "if I need more help", "when you have time": politeness, and what the other one does.
_NO_CLAUSE = re.compile(
    r"^(?:possible|available|needed|necessary|applicable|so|not|any|anything|all|that's\s+ok|that\s+works)\b"
    r"|\byou\b|\b(?:further|more|any|your)\s+(?:assistance|help|questions?|issues?)\b",
    re.IGNORECASE,
)
#: What follows is one case of several, and limits nothing.
_EVEN = re.compile(r"\b(?:even|also|especially|particularly)\s+$", re.IGNORECASE)
#: What ends a clause, and a clause that tells a story, a question or a thought experiment.
_CLAUSE_ENDS = re.compile(
    r"\s+(?:(?:but|because|so\s+that|although|though|since)\s|(?:and\s+)?(?:i|we|they|he|she|you)\s).*$", re.IGNORECASE
)
_STORY = re.compile(
    r"\b(?:was|were|had|did|became|got|went|would|could|might|used\s+to|\d+\s+years|born|first|last|yesterday|today|tomorrow)\b"
    r"|\b\w{2,}ed\b(?<!need)(?<!tired)(?<!stressed)(?<!bored)(?<!worried)(?<!rushed)(?<!exhausted)",
    re.IGNORECASE,
)
_TALK_OF_PAST = re.compile(
    r"^(?:i\s+|we\s+|they\s+)?(?:just\s+|recently\s+|finally\s+|also\s+)*"
    r"(?:was|were|had|did|went|saw|met|got|took|made|ran|ate|flew|drove|spent|found|bought|left|came|gave|lost|won|broke|fell"
    r"|began|wrote|read|sang|\w{2,}(?<!ne)ed)\b",
    re.IGNORECASE,
)
_SELF = {
    "i": "they",
    "i'm": "they're",
    "i've": "they've",
    "my": "their",
    "me": "them",
    "we": "they",
    "we're": "they're",
}
_SELF |= {"our": "their", "us": "them", "myself": "themselves", "he": "they", "she": "they", "he's": "they're"}
_SELF |= {"she's": "they're", "his": "their", "her": "their"}
_BEING = re.compile(r"^(?:they're|they\s+are|they\s+(?:feel|get)|in\s+the\s+middle\s+of)\s+(?=\w)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
#: Words that differ between two phrases for one condition.
_NO_KEY = STOP_WORDS | {"every", "each", "whenever", "early", "late", "time", "they", "feel", "get"}
_ONE_WORD = {
    "workday": "weekday",
    "week": "weekday",
    "weeknight": "weekday",
    "autumn": "fall",
    "trip": "travel",
    "abroad": "travel",
    "vacation": "holiday",
    "children": "kid",
    "child": "kid",
    "coworker": "colleague",
    "office": "work",
    "supper": "dinner",
}
#: What turns a condition round: "unless it rains" is not "when it rains".
_TURNS = {"unless": "not", "except": "not", "even": "even", "before": "before", "after": "after", "not": "not"}


def condition_of(text: str) -> str | None:
    """The condition under which a statement holds, in its own words; None where it always does.

    What happened once has no condition: "in the summer" is a date there. Several conditions are joined by a comma.

    Example:
        >>> condition_of("is vegetarian on weekdays"), condition_of("eats fish when I'm travelling")
        ('on weekdays', 'when travelling')
        >>> condition_of("went to Rome in the summer") is None
        True
    """
    joined = ", ".join(dict.fromkeys(phrase for _, _, phrase in _found(text)))
    return joined if joined and len(joined) <= MAX_CONDITION_CHARS else None


def without_condition(text: str) -> str:
    """A statement without the condition under which it holds.

    Example:
        >>> without_condition("eats fish when travelling"), without_condition("On weekdays, is vegetarian")
        ('eats fish', 'is vegetarian')
    """
    if condition_of(text) is None:
        return text
    left, end = [], 0
    for start, stop, _ in _found(text):
        left.append(text[end:start])
        end = stop
    return " ".join("".join([*left, text[end:]]).split()).strip(" ,;")


def condition_held(claim: Claim) -> str | None:
    """The condition of a claim: the one it was given, else the one in its text.

    Cost: one pass over a short text, remembered.
    """
    return claim.condition or _condition_in(claim.text)


def same_condition(left: str | None, right: str | None) -> bool:
    """Whether two conditions are one: None is "always", and is like no other.

    Example:
        >>> same_condition("when travelling", "when they travel"), same_condition("on weekdays", None)
        (True, False)
    """
    return condition_key(left) == condition_key(right)


@word_cache(maxsize=4_096)
def condition_key(condition: str | None) -> frozenset[str]:
    """What a condition says, without the words that two phrases for one differ in; empty for None."""
    if condition is None:
        return frozenset()
    words = [word.lower() for word in _WORD.findall(condition.replace("\u2019", "'").replace("work day", "workday"))]
    turned = {_TURNS[word] for word in words if word in _TURNS}
    stems = {_stem(word) for word in words if word not in _NO_KEY}
    return frozenset(stems | turned) or frozenset(words)


@word_cache(maxsize=65_536)
def _condition_in(text: str) -> str | None:
    return condition_of(text)


@word_cache(maxsize=16_384)
def _found(text: str) -> tuple[tuple[int, int, str], ...]:
    """The conditions in a text: first character, the one after the last, and the phrase."""
    found: list[tuple[int, int, str]] = []
    for hit in _CLAUSE.finditer(text):
        clause, before = _clause(hit), text[: hit.start()]
        if clause is not None and not (_NO_CONDITION.search(before) or _EVEN.search(before)):
            found.append((hit.start(), hit.start() + clause[1], clause[0]))
    is_past = _TALK_OF_PAST.match(text.strip()) is not None
    for pattern in (_ALWAYS,) if is_past else (_ALWAYS, _SOMETIMES):
        for hit in pattern.finditer(text):
            before = text[: hit.start()]
            is_placed = pattern is _SOMETIMES and _is_place(hit[0]) and _PLACED.search(before) is not None
            is_free = all(hit.end() <= start or hit.start() >= end for start, end, _ in found)
            if is_free and not is_placed and not _EVEN.search(before):
                found.append((*hit.span(), _plain(hit[0])))
    return tuple(sorted(found))


def _clause(hit: re.Match[str]) -> tuple[str, int] | None:
    """The clause as it is written, and how many characters of the text it is."""
    how = _plain(hit["how"]).replace("whenever", "when").replace("while", "when")
    said = _CLAUSE_ENDS.sub("", hit["what"])
    words = [_SELF.get(word.lower().replace("\u2019", "'"), word) for word in said.split()]
    clause = _BEING.sub("", " ".join(words))
    is_bad = not clause or len(words) > MAX_CLAUSE_WORDS or _STORY.search(clause) or _NO_CLAUSE.search(clause)
    return None if is_bad else (f"{how} {clause}", hit.start("what") - hit.start() + len(said))


def _is_place(phrase: str) -> bool:
    return re.match(r"(?:at|in|with|around)\s", phrase, re.IGNORECASE) is not None


def _plain(phrase: str) -> str:
    """A fixed phrase in lower case, days excepted, as said of a third person."""
    words = (_SELF.get(word, word) for word in phrase.lower().split())
    return " ".join(word.title() if re.fullmatch(f"{_DAY}s?", word) else word for word in words)


def _stem(word: str) -> str:
    found = stem(_ONE_WORD.get(word, word))
    return _ONE_WORD.get(found, found)
