"""Sentences taken apart into clauses that each state one thing, its opening words and afterthoughts put in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.listeners.dates import is_time_phrase
from treering.memory.listeners.filters import FIRST_PERSON, is_question, kind_of, unquoted
from treering.memory.listeners.openings import opened
from treering.memory.listeners.passive import in_first_person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from treering.memory.wording.sentences import Span


MAX_CLAUSES = 6
"""Clauses of one sentence that are looked at; a longer sentence is a list or a flood."""

#: Words around a statement that add nothing to it: "I should have mentioned that I …".
_MATRIX = re.compile(
    r"^i(?:'m| am)? (?:just |also |really |do |still |must |have to |want to |wanted to |should |should have "
    r"|should've |'d like to |forgot to )*"
    r"(?:think|guess|believe|feel like|realized?|realised?|noticed?|found out|found|know|mentioned|mention|said|say"
    r"|told you|tell you|mean|suppose|admit|confess"
    r"|add|clarify|specify|point out|remember|discovered|learned|sure|certain|proud to say|glad to say|happy to say"
    r"|afraid|worried|recall|been more specific)"
    r"(?: (?:this|that|it) (?:earlier|before|already))?(?: (?:earlier|before|already))?[,.]? (?:that )?(?=(?:i|i'm"
    r"|i've|i'd|i'll|my|we|we're|we've|our)\b)",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"(?:\s*;\s+|\s+[\u2013\u2014-]+\s+|\s*[\u2014]\s*|,?\s+(?:and|but|so|yet|though|although|while|whereas"
    r"|however)\s+|,\s+)"
    r"(?=(?:now |then |also |currently |recently |nowadays |today )?(?:(?:i|i'm|i've|i'd|i'll|we|we're|we've)\b"
    r"|(?:my|our) [\w' -]{1,40}? (?:is|are|was|were|has|have|had|loves?|likes?|lives?|works?|hates?|got|moved|goes"
    r"|plays?|enjoys?|prefers?|wants?|keeps?|needs?|died|turned)\b))(?!(?:i|we) (?:\w+ )?(?:believe|think|guess"
    r"|feel|hope|say),)",
    re.IGNORECASE,
)
#: Joints that end a statement whatever it was: what stands before them is weighed by itself.
_CONTRAST = re.compile(r"but|yet|though|while|whereas|however|;", re.IGNORECASE)
#: What is left of "…, and while it was fun, I …" when its end is cut off.
_AFTER_BUT = re.compile(r"\bbut\s+$", re.IGNORECASE)
_LOOSE_END = re.compile(
    r",? (?:and|but|so)(?: (?:while|although|though|during|when|as|if|since|after|before|despite|even)\b[^,]*"
    r"| (?:honestly|actually|then|also|now))?$",
    re.IGNORECASE,
)
_BARE_COMPANION = re.compile(r"^(?:(?:my|our) [\w'-]+(?: [\w'-]+)?|me|i|myself)$", re.IGNORECASE)
_ASKING_TAIL = re.compile(
    r"\s*[,;.\u2013\u2014-]+\s*(?:and |so |but )?(?:what|which|how|where|when|who|why|can|could|do|does|is|are"
    r"|should|would|will|any|got any|know any)\b",
    re.IGNORECASE,
)
_REASON_FIRST = re.compile(
    r"^(?:since|because|as|given that|now that|seeing that|considering(?: that)?)\s+(?=i\b|i'|my\b|we\b|we')",
    re.IGNORECASE,
)
_KEPT_PREFIX = re.compile(
    r"^(?:when|whenever|after|before|while|during|on|at|in|every|since|because|until|from|for|by|around|each|last"
    r"|next|this|yesterday|today|tomorrow|as a|with|as an|unlike|like|thanks to|due to)\b",
    re.IGNORECASE,
)
#: Anything else before a colon and a first person quotes, plays or labels.
_OWN_LABEL = re.compile(
    r"^(?:i(?:'m| am| have|'ve)?\b|[\w -]{2,40} (?:is|are) my )(?!.*\b(?:say|said|says|tell|told|write|wrote|sing"
    r"|read|quote"
    r"|story|hero|novel|character|script|song|poem|text|prompt|line|play)\b)",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"^[^:\n]{1,80}:\s+(?=(?:i|i'm|i've|i'd|i'll|my|we|we're|we've)\b)", re.IGNORECASE)
_FRONTED = re.compile(
    r"^([^,]{2,120}), (?=(?:I|we|my|our)\b)(?!(?:I|we) (?:\w+ )?(?:believe|think|guess|feel|hope|say),)", re.IGNORECASE
)
_FRONTED_TIME = re.compile(r"^([^,]{2,40}?) (?=(?:I|we|my|our)\b)", re.IGNORECASE)
#: Whoever knows better than the speaker: what they found is so.
_FOUND_BY = re.compile(
    r"^(?:my|the|our|a|several|all)(?: [\w-]+)? ?(?:doctors?|dentist|gp|therapist|optician|physio(?:therapist)?|nurse"
    r"|midwife"
    r"|psychiatrist|psychologist|dermatologist|cardiologist|specialist|nutritionist|dietician|allergist|tests?"
    r"|results?) "
    r"(?:just |recently |finally |has |have )*(?:told me|says?|said|confirmed|found out|found|discovered|showed?"
    r"|thinks) (?:that )?"
    r"(?=(?:i have|i am|i'm|i need|i've|i had|i should|i shouldn't|i can't|i must)\b)",
    re.IGNORECASE,
)
#: A condition in the present before a habit in the present: "If it rains, I take the bus", not "If I won, I'd …".
_REAL_CONDITION = re.compile(
    r"^(?P<condition>(?:if|unless) (?!i (?:was|were|could|had|won|ever)\b|you\b|that\b|this\b|so\b|not\b|possible"
    r"|anyone"
    r"|it's (?:possible|ok|okay|available|not|too|easier|fine)|it helps|there (?:is|are) any)(?:(?!\b(?:would|could"
    r"|were|had"
    r"|\w+ed)\b)[^,]){3,60}?)(?:, (?:then )?| (?=(?:I|we)\b))"
    r"(?P<main>(?:I|we) (?!(?:would|could|might|may|will|can|should|'d|'ll|think|guess|hope|\w+ed)\b)(?:always "
    r"|usually |often"
    r" |never |just |only |mostly |prefer to )*[a-z]+ .+)$",
    re.IGNORECASE,
)
#: A short phrase of place, time or occasion in front without a comma: "On weekdays I get up at six".
_FRONTED_PHRASE = re.compile(
    r"^((?:on|in|at|for|during|every|each|before|after|unlike|like|as with|thanks to|because of|due to)(?: (?!(?:my"
    r"|his|her|their) (?:opinion|view"
    r"|mind))[\w'-]+){1,3}?)"
    r" (?=(?:I|we)\b)",
    re.IGNORECASE,
)
_AS_A = re.compile(r"as an? ", re.IGNORECASE)
_ONLY = re.compile(r"^(?:(?:and|but|so|just|only|back|even) )+(?=\w)", re.IGNORECASE)
_AFTERTHOUGHT = re.compile(r",? (?:but|which|so|where|although|though|because)\b|, (?:and|as)\b")
_TRAILER = re.compile(
    r",? (?:by the way|btw|to be honest|tbh|honestly|lol|haha|if that helps|if that matters|as well|please"
    r"|though)[.! ]*$",
    re.IGNORECASE,
)
_SUBJECT_AHEAD = re.compile(r"^(?:i|i'm|i've|i'd|i'll|we|we're|we've|my|our)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A statement in the first person, and the words it stands in."""

    text: str
    """The statement, from its subject on."""
    span: Span
    """Its words in the message."""
    is_whole: bool = True
    """It is the sentence's only clause."""


def clauses(sentence: Span) -> tuple[Clause, ...]:
    """The statements about the speaker that a sentence makes; none for a question, a wish or a courtesy.

    Example:
        >>> from treering.memory.wording.sentences import Span
        >>> [c.text for c in clauses(Span(text="Well, in 2018 I moved, and I'm vegan now.", start=0))]
        ['I moved in 2018', "I'm vegan now."]
    """
    said = _before_the_question(sentence)
    if said is None:
        return ()
    labelled = _LABELLED.match(opened(said.text))
    if labelled and not _OWN_LABEL.match(labelled[0]):
        return ()
    conditional = _under_condition(opened(said.text))
    if conditional is not None:
        return (Clause(text=conditional, span=said),)
    parts = tuple(_coordinated(said))[:MAX_CLAUSES]
    whole = kind_of(_FOUND_BY.sub("", opened(said.text)))
    if whole in ("quotation", "question"):
        return ()
    if whole == "hypothetical":  # "I wonder why, but I know that I love the sea": what follows `but` is no supposition
        parts = tuple(part for part in parts if _AFTER_BUT.search(said.text[: part.start - said.start]))
    found = (_statement(part, is_whole=len(parts) == 1) for part in parts)
    return tuple(clause for clause in found if clause is not None)


def _under_condition(text: str) -> str | None:
    """Turn "If it rains, I take the bus" into "I take the bus if it rains"; None for a thought experiment."""
    hit = _REAL_CONDITION.match(text)
    if hit is None or kind_of(hit["main"]) != "statement":
        return None
    return f"{hit['main'].rstrip(' .!')} {_lowered(hit['condition'])}"


def _before_the_question(sentence: Span) -> Span | None:
    """The sentence, or of one that ends in a question the statement before it."""
    if not is_question(sentence.text):
        return sentence
    for hit in _ASKING_TAIL.finditer(sentence.text):
        front = sentence.cut(0, hit.start())
        if len(front.text.split()) > 2 and _SUBJECT_AHEAD.match(_REASON_FIRST.sub("", opened(front.text))):  # noqa: PLR2004  # subject, verb, object
            return front if not is_question(front.text) else None
    return None


def _coordinated(sentence: Span) -> Iterator[Span]:
    own = unquoted(sentence.text)
    begin = 0
    for hit in _SPLIT.finditer(own):
        if _is_joined(own[begin : hit.start()], hit[0]):
            continue
        yield sentence.cut(begin, hit.start())
        begin = hit.end()
    yield sentence.cut(begin)


def _is_joined(before: str, joint: str) -> bool:
    """Whether what stands before is no statement of its own: a fronted phrase, or a noun that `and` joins."""
    front = opened(before)
    if _CONTRAST.search(joint) and " " in front.strip():
        return False
    if not front.strip(" ,") or not FIRST_PERSON.search(front) or _BARE_COMPANION.match(front):
        return True
    return joint.strip() == "," and not _SUBJECT_AHEAD.match(front)


def _statement(span: Span, *, is_whole: bool) -> Clause | None:
    text = _FOUND_BY.sub("", _LOOSE_END.sub("", _TRAILER.sub("", opened(span.text))), count=1)
    while inner := _MATRIX.match(text):
        text = text[inner.end() :]
    text = _with_subject_first(in_first_person(text))
    if kind_of(text) != "statement":
        return None
    return Clause(text=text.strip(), span=span, is_whole=is_whole)


def _with_subject_first(text: str) -> str:
    """Turn "In 2018, I moved" into "I moved in 2018"; an opening that only sets a mood goes."""
    if _SUBJECT_AHEAD.match(text):
        return text
    phrase = _FRONTED_PHRASE.match(text)
    hit = _FRONTED.match(text) or phrase or _FRONTED_TIME.match(text)
    if hit is None:
        return text
    prefix, main = _ONLY.sub("", hit[1].strip()), text[hit.end() :].rstrip(" .!")
    if "," not in hit[0] and hit is not phrase and not is_time_phrase(prefix) and not _AS_A.match(prefix):
        return text
    if not (is_time_phrase(prefix) or _KEPT_PREFIX.match(prefix)):
        return main
    tail = _AFTERTHOUGHT.search(main)
    at = tail.start() if tail else len(main)
    return f"{main[:at]} {_lowered(prefix)}{main[at:]}"


def _lowered(prefix: str) -> str:
    return prefix if re.match(r"I\b", prefix) else prefix[0].lower() + prefix[1:]
