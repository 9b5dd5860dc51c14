"""How much a statement deserves to be kept: facts, tastes, habits, ties, plans and dates above passing talk."""

from __future__ import annotations

import re

MAX_CLAIM_WORDS = 25
"""Longest claim, in words; a longer one is cut where a clause ends."""
MIN_CLAIM_WORDS = 2
"""Shortest claim, in words."""
MIN_HEAD_WORDS = 5
"""Words that a cut leaves at least: a verb and what it is about."""
LONG_WINDED_WORDS = 18
"""Words from which a claim counts as talk."""

_FACT = re.compile(
    r"^(?:(?:really|always|usually|often|never|still|absolutely|currently|recently|only|mostly|now|particularly"
    r"|especially|finally|sometimes|strongly|already) )*"
    r"(?:is (?:a|an|the|allergic|vegan|vegetarian|from|married|single|divorced|retired|based|\d|named|called|into"
    r"|afraid|intolerant|pregnant|training"
    r"|learning|studying|working|living|moving|planning|saving|getting|trying|interested|passionate|\w+ years old)"
    r"|was (?:born|diagnosed|raised|promoted|a|an)|has (?:a|an|two|three|four|been|no|never|always|lived|worked"
    r"|started|decided|asthma|diabetes)"
    r"|loves?|likes?|enjoys?|hates?|dislikes?|prefers?|adores?|can't stand|avoids?|would (?:prefer|rather|love|like"
    r"|never|hate)|usually|tends?"
    r"|lives?|lived|works?|worked|moved|grew up|studies|studied|owns?|plays?|played|speaks?|drives?|drinks?|eats?"
    r"|smokes?|runs?|wakes?|goes|cooks?|reads?|watches|listens|travels?|wants?|plans?|hopes|dreams|needs"
    r"|values?|believes?|supports?|volunteers?|collects?|writes|wrote|teaches|taught|joined|started|began|bought"
    r"|adopted|got|graduated|married|quit"
    r"|stopped|gave up|lost|won|attended|visited|organi[sz]ed|created|launched|hosted|founded|published|finished"
    r"|doesn't|isn't|can't|cannot|no longer|takes|follows|suffers|celebrates?)\b"
)
_DISPOSITION = re.compile(
    r"\b(?:allerg|favou?rite|prefer|vegan|vegetarian|birthday|anniversary|every (?:day|week|morning|night|evening"
    r"|year|sunday|monday)|passion|hobby|because|afraid|diagnos|named)",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"^(?:(?:really|still|also|truly|always|often|sometimes) )*(?:felt|feels like|found themselves|finds themselves"
    r"|realized|realised|remembers?|noticed|thinks? (?:about|of|it|that)|thought|guesses"
    r"|wonders|said|says|mentioned|asked|means|meant|sees|saw|knows|knew|understands|told|tells|is (?:sure|glad"
    r"|happy that|looking forward|excited|wondering|curious|talking|saying|asking|just)|was (?:just|wondering"
    r"|hoping|able|excited|amazed|struck|thrilled)"
    r"|will (?:definitely|see|try|check|take|give|keep)|hopes? (?:that|you|it|this|to hear)|agrees?|appreciates?"
    r"|recalls?|gave it|has to (?:say|admit)|can (?:see|imagine|tell)|could)\b"
)
_PRONOUN_ONLY = re.compile(
    r"\b(?:it|that|this|those|these|so|one|them all|such)$|^\w+ (?:it|this|that|those|these)\b", re.IGNORECASE
)
_HERE = re.compile(r"\b(?:you|your|yours|you're|you've)\b", re.IGNORECASE)
_ERRAND = re.compile(
    r"\b(?:is looking for|need(?:s)? (?:help|some|to find|information)|would like (?:to|some|help)"
    r"|is trying to (?:find|figure|understand|decide)|wants to (?:know|find|make sure|understand|see))\b"
)
_STRONG_JOINT = re.compile(r"[,;:]\s|\s[\u2013\u2014-]\s|\s(?=(?:which|where|because|while|although|but|so that)\b)")
_WEAK_JOINT = re.compile(r"\s(?=(?:and|as|that|when|who|if|to|for|with|by|through|from)\b)")
_DANGLING = re.compile(
    r"(?:[,;:\s\u2013\u2014-]|\b(?:and|but|or|to|for|with|by|of|in|at|on|from|that|which|as|the|a|an|their|so"
    r"|because|when|while|who|if|it's|not|only|more|very))+$"
)
_SPECIFIC = re.compile(r"(?<!^)\b[A-Z][a-z]+|\d")


def shortened(claim: str) -> str | None:
    """The claim, cut to 25 words where a clause ends; None where no part of it can stand alone.

    Example:
        >>> shortened("loves tea")
        'loves tea'
    """
    words = claim.split()
    if len(words) < MIN_CLAIM_WORDS:
        return None
    if len(words) <= MAX_CLAIM_WORDS:
        return claim
    head = " ".join(words[:MAX_CLAIM_WORDS])
    cut = _DANGLING.sub("", head[: _last(_STRONG_JOINT, head) or _last(_WEAK_JOINT, head) or len(head)])
    return cut if len(cut.split()) >= MIN_CLAIM_WORDS else None


def _last(joint: re.Pattern[str], head: str) -> int | None:
    ends = (hit.start() for hit in joint.finditer(head))
    return max((end for end in ends if len(head[:end].split()) >= MIN_HEAD_WORDS), default=None)


def worth(claim: str, *, is_dated: bool, routing: float) -> float:
    """How much a third-person statement deserves to be kept, about -0.5 to 1.2; `routing` is its slot's cosine."""
    score = routing
    score += 0.2 * bool(_FACT.match(claim)) + 0.15 * bool(_DISPOSITION.search(claim))
    score += 0.1 * is_dated + 0.05 * bool(_SPECIFIC.search(claim))
    score -= (
        0.25 * bool(_VAGUE.match(claim)) + 0.25 * bool(_PRONOUN_ONLY.search(claim)) + 0.3 * bool(_HERE.search(claim))
    )
    score -= 0.1 * bool(_ERRAND.search(claim)) + 0.05 * (len(claim.split()) > LONG_WINDED_WORDS)
    return score
