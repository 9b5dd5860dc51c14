"""What a person wants, told in passing: "a window seat would be ideal", "just on weekdays, please"."""

from __future__ import annotations

import re

from treering.memory.listeners.filters import kind_of
from treering.memory.listeners.grammar import rest_in_third_person
from treering.memory.listeners.substance import substance
from treering.memory.retrieval.sparse import STOP_WORDS

MAX_FRAGMENT_WORDS = 22
"""Longest sentence without a verb that is read as an answer; a longer one has a verb somewhere."""

_STRONGLY = r"(?:really |very |also |definitely |probably |absolutely |truly |just |totally |quite |most |so |pretty )*"
_PRAISE = (
    r"(?:ideal|perfect|great|nice|good|best|better|lovely|fantastic|amazing|wonderful|fine|preferable|preferred"
    r"|appreciated|much appreciated|useful|helpful|cool|awesome|excellent|suitable|okay|ok|delightful|a (?:big |huge "
    r"|nice |real )?(?:bonus|plus|touch|must|good (?:fit|choice|option)|great (?:fit|choice|option|addition)"
    r"|perfect fit))"
)
_THINKING = re.compile(
    r"^(?:(?:yes|yeah|sure|well|hmm|actually|also|and|but|oh|ok|okay|then|honestly)[, ]+)*"
    r"(?:i (?:also |do |just )?(?:think|guess|suppose|believe|feel|feel like|imagine)|i'd say|for me|in my opinion"
    r"|ideally|preferably)(?: that)?,? ",
    re.IGNORECASE,
)
_WOULD_BE = re.compile(
    rf"^(?P<what>.{{3,150}}?) (?:(?:would|will|could|might) {_STRONGLY}(?:be|work|suit|fit|do) |(?:is|are) "
    rf"(?=(?:preferable|preferred|a (?:big |huge )?(?:must|plus|bonus))\b)){_STRONGLY}"
    rf"(?:{_PRAISE}|(?:for )?(?:me|us|my|our)|well)\b",
    re.IGNORECASE,
)
_SOUNDS = re.compile(
    rf"^(?P<what>.{{3,120}}?) (?:sounds?|looks?|seems?|feels?) {_STRONGLY}(?:more )?"
    rf"(?:{_PRAISE}|right|like|appealing|delicious|fun|tempting|attractive|lovely)\b",
    re.IGNORECASE,
)
_IF_THERE_IS = re.compile(
    r"^(?:also,? |and |plus,? |even better,? )*if (?:they|there|it|you|we|the [\w-]+|possible,? they)(?: also)? ?"
    r"(?:'s|'re|has|have|had|is|are|were|was|(?:could|can|might) (?:also )?(?:include|have|find|add|offer|get|be"
    r"|recommend|suggest)|offers?|includes?) (?:also )?(?P<what>[^?]{3,120}?),? (?:then )?(?:that|it|this)"
    rf"(?:'d| would| will) (?:even )?{_STRONGLY}be {_STRONGLY}(?:even )?{_PRAISE}",
    re.IGNORECASE,
)
_IMPORTANT = re.compile(
    rf"^(?:it's|it is) {_STRONGLY}(?:important|essential|crucial|vital) (?:for|to) (?:me|us) (?P<what>(?:to|that) .+)$",
    re.IGNORECASE,
)
_NOTHING_BEATS = re.compile(r"^nothing (?:beats|is better than) (?P<what>.{3,100})$", re.IGNORECASE)
_IDEALLY = re.compile(
    r"^(?:(?:yes|yeah|sure|well|hmm|actually|also|and|but|oh|no|then)[, ]+)*"
    r"(?:(?:(?:but|and) )?(?:ideally|preferably|maybe|perhaps|definitely|probably|mainly|mostly|just|only|honestly"
    r"|possibly|at least|for me),? )+(?P<what>.+)$",
    re.IGNORECASE,
)
_SOMETHING = re.compile(
    r"^(?P<what>(?:something |somewhere |anything |nothing (?!beats|is|was|makes|works|can|will|else|more|that"
    r"|really)|not too |no (?!need|problem|worries|idea|one|thanks|rush"
    r"|way|more questions?|that|it|i|not|special)|nowhere |preferably |ideally ).+)$",
    re.IGNORECASE,
)
_OPENS_A_PHRASE = re.compile(
    r"^(?:a|an|the|something|somewhere|anything|one|on|in|at|for|with|without|around|about|under|over|between|before"
    r"|after|near|by|to|from|like|every|both|either|any|some|no|not|more|less|my|our|\d|\$|[A-ZÀ-Þ])",
)
_DETERMINED = re.compile(
    r"^(?:an?|the|something|nothing|one|on|in|at|for|with|without|around|under|no|not|more|less|my)\b", re.IGNORECASE
)
_PREPOSITION = re.compile(
    r"^(?:on|in|at|for|with|without|before|after|near|by|from|around|under|over|between|within|every|to|not|about)\b",
    re.IGNORECASE,
)
_FINITE = re.compile(
    r"^(?:\S+ ){0,4}?(?:is|are|was|were|will|would|can|could|should|has|have|had|does|do|did|might|may|must|it|they"
    r"|he|she|you|there|this|these|those|that's|it's|i|i'm|i'd|i've|i'll|we)\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\b(?:that|which|who|where|if|so|because|since|when|as long as)\b", re.IGNORECASE)
_PLEASE = re.compile(r"^(?P<what>[^,;:]{2,80}), please$", re.IGNORECASE)
_EMPTY = re.compile(
    r"^(?:yes|no|yeah|sure|ok|okay|that|this|it|these|those|they|both|all|either|which|what|everything|anything|he|she"
    r"|thank|thanks|there|go|you|your|one|none|any of)\b(?! (?:of )?(?:[\w-]+ ){0,2}(?:seats?|rooms?|people))",
    re.IGNORECASE,
)
_SMALL = frozenset({"something", "anything", "nothing", "somewhere", "having", "around", "under", "between", "near"})
_LOOSE = re.compile(
    r"^(?:and|but|so|or|also|then|maybe|perhaps|something like|having|getting|any|some)\b,? ", re.IGNORECASE
)
_ENDING = re.compile(r"(?:,? (?:please|thanks|thank you|too|as well|though|if possible))+$", re.IGNORECASE)
_CLAUSE = re.compile(
    r",? (?:and|but|so|because|since|as) (?:i|we|it|that|they|could|can|would|do|is|are)\b.*$", re.IGNORECASE
)
_HERE = re.compile(r"\b(?:you|your|you're)\b", re.IGNORECASE)
_ASKS_FOR_A_CHOICE = re.compile(
    r"\b(?:would you (?:like|prefer|rather|want)|do you (?:want|prefer|like|need|have (?:a|any|something|specific))"
    r"|prefer\w*|in mind|looking for|which|what (?:kind|type|sort|time|date|day|genre|size|colou?r|style|budget)"
    r"|specific"
    r"|particular|should i|shall i|when (?:would|do|should)|how many|any other|anything else)\b[^?]{0,160}\?",
    re.IGNORECASE,
)


def asks_for_a_choice(turn: str) -> bool:
    """Whether an assistant's turn asks what somebody wants, so that a few words may answer it.

    Example:
        >>> asks_for_a_choice("Great! Would you like an aisle seat?"), asks_for_a_choice("How is Lisbon?")
        (True, False)
    """
    return _ASKS_FOR_A_CHOICE.search(turn[-600:]) is not None


def passing_wish(sentence: str, *, is_answer: bool = False) -> str | None:
    """What a sentence that asks for nothing outright still says is wanted, in the third person; None if nothing.

    Args:
        sentence: One sentence, its opening words off.
        is_answer: It follows a question of the assistant, so that words without a verb are an answer.

    Example:
        >>> passing_wish("A window seat would be ideal."), passing_wish("Just on weekdays, please.", is_answer=True)
        ('would like a window seat', 'wants it just on weekdays')
    """
    text = _ENDING.sub("", sentence.strip().rstrip(".!? "))
    said = _THINKING.sub("", text, count=1)
    for pattern, say in _FORMS:
        hit = pattern.match(said)
        if hit:
            return _told(say(hit), hit["what"])
    return _verbless(sentence, text, is_answer=is_answer)


def _would_like(hit: re.Match[str]) -> str:
    del hit
    return "would like"


def _finds(hit: re.Match[str]) -> str:
    del hit
    return "likes"


def _cares(hit: re.Match[str]) -> str:
    del hit
    return "finds it important"


def _loves(hit: re.Match[str]) -> str:
    del hit
    return "loves"


_FORMS = (
    (_NOTHING_BEATS, _loves),
    (_IF_THERE_IS, _would_like),
    (_IMPORTANT, _cares),
    (_SOUNDS, _finds),
    (_WOULD_BE, _would_like),
)


def _verbless(sentence: str, text: str, *, is_answer: bool) -> str | None:
    ideally, bare = _IDEALLY.match(text), _SOMETHING.match(text)
    please = _PLEASE.match(sentence.strip().rstrip(".! "))
    if not (ideally or bare or please or is_answer) or len(text.split()) > MAX_FRAGMENT_WORDS:
        return None
    what = (ideally or bare or please or {"what": text})["what"]
    if please and not is_answer and what[:1].isupper() and not _DETERMINED.match(what):
        return None
    head = _RELATIVE.split(what, maxsplit=1)[0]
    if not _OPENS_A_PHRASE.match(what) or _FINITE.search(head) or _EMPTY.match(what) or kind_of(what) != "other":
        return None
    only = re.search(r"\b(?:just|only)\b", text[: len(text) - len(what)], re.IGNORECASE)
    lead = "wants it" if _PREPOSITION.match(what) else "wants"
    return _told(f"{lead} {only[0].lower()}" if only else lead, what)


def _told(lead: str, what: str) -> str | None:
    what = _CLAUSE.sub("", what)
    while loose := _LOOSE.match(what):
        what = what[loose.end() :]
    what = what.strip(" ,;:-")
    if not what or _EMPTY.match(what) or _HERE.search(what) or not substance(what):
        return None
    if _FINITE.match(what) and lead != "finds it important":
        return None
    return f"{lead} {rest_in_third_person(_lowered(what))}"


def _lowered(what: str) -> str:
    """A small word without the capital that begins a sentence; any other may be a name, and stays."""
    return what[0].lower() + what[1:] if what.split(" ", 1)[0].lower() in STOP_WORDS | _SMALL else what
