"""Statements that something is over: "I don't eat meat any more", "I quit my job"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from treering.memory.listeners.verbs import third_person


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What a statement says is over."""

    former: str
    """The statement that held before, in the third person, as far as it can be told."""
    negative: str
    """What is so now: the statement for when nothing is known that it ends."""
    is_sure: bool = True
    """It says outright that this was so once; a plain "I don't" may never have been otherwise."""


_EMPLOYED = "has a job, works"
"""What a person who left their work was."""
_ANY_MORE = re.compile(r",? (?:any ?more|any longer|these days|nowadays)\b", re.IGNORECASE)
_LATELY = r"^(?:(?:has|have|had|was|got|is|just|finally|recently|been) )*"
_WORK = r"(?:job|work|position|role|company|firm|employer)"
_STOPPED = r"(?:quit|stopped|gave up|given up|ceased|dropped|abandoned|swore off|sworn off|cut out|done with|over)"
_WHY = r"(?:in|on|to|for|because|last|since)"
_SOURCES = (
    (
        rf"{_LATELY}(?:quit|left|resigned from|lost|leaving|quitting) (?:their|the) (?:\w+ ){{0,2}}{_WORK}\b.*",
        _EMPLOYED,
    ),
    (rf"{_LATELY}(?:fired|laid off|let go|made redundant)\b.*", _EMPLOYED),
    (rf"{_LATELY}{_STOPPED} (?P<what>.+)", "{what}"),
    (rf"{_LATELY}(?:broke|broken|split) up with (?P<what>.+)", "is in a relationship with {what}"),
    (rf"{_LATELY}(?:divorced|separated)(?: from)?(?P<what>.*)", "is married to {what}"),
    (rf"{_LATELY}(?:sold|got rid of|gave away|lost) their (?P<what>[\w -]{{2,40}}?)(?: {_WHY}\b.*)?$", "owns {what}"),
    (
        rf"{_LATELY}(?:cancelled|canceled|unsubscribed from|left|dropped out of|deleted) (?:their |the )?(?P<what>.+)",
        "{what}",
    ),
    (rf"{_LATELY}lost (?:all )?interest in (?P<what>.+)", "likes {what}"),
    (r"^used to (?P<what>.+)", "{what}"),
    (r"^(?:is )?no longer (?P<what>.+)", "{what}"),
)
_RULES = tuple((re.compile(source, re.IGNORECASE), former) for source, former in _SOURCES)
_NEGATIONS = "doesn't|don't|does not|isn't|is not|hasn't|can't|cannot|won't|never"
_NEGATED = re.compile(rf"^(?:really |just )*(?P<verb>{_NEGATIONS}) (?P<rest>.+)", re.IGNORECASE)
_POSITIVE = {"isn't": "is", "is not": "is", "hasn't": "has", "can't": "can", "cannot": "can", "won't": "will"}


def ending(claim: str) -> Ending | None:
    """What a third-person statement ends; None for one that ends nothing.

    Example:
        >>> ending("doesn't eat meat any more").former, ending("quit smoking").former
        ('eat meat', 'smoking')
    """
    any_more = _ANY_MORE.search(claim)
    bare = _ANY_MORE.sub("", claim)
    negated = _NEGATED.match(bare)
    if negated and any_more:
        return Ending(former=_former(negated), negative=_negative(negated))
    for pattern, former in _RULES:
        hit = pattern.match(bare)
        if hit:
            what = hit.groupdict().get("what") or ""
            return Ending(former=former.format(what=what.strip()), negative=bare)
    return Ending(former=_former(negated), negative=claim, is_sure=False) if negated else None


def _former(negated: re.Match[str]) -> str:
    verb = _POSITIVE.get(negated["verb"].lower(), "")
    return f"{verb} {negated['rest']}".strip()


def _negative(negated: re.Match[str]) -> str:
    verb, rest = negated["verb"].lower(), negated["rest"]
    if verb in ("isn't", "is not"):
        return f"is no longer {rest}"
    if verb in _POSITIVE:
        return f"{_POSITIVE[verb]} no longer {rest}"
    first, _, tail = rest.partition(" ")
    return f"no longer {third_person(first)} {tail}".strip()
