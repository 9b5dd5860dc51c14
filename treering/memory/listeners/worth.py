"""How much a statement deserves to be kept: facts, tastes, habits, ties, plans and dates above passing talk."""

from __future__ import annotations

import re

from treering.memory.listeners.substance import names, substance, told
from treering.memory.listeners.verbs import is_past
from treering.memory.word_caches import word_cache

MAX_CLAIM_WORDS = 25
"""Longest claim, in words; a longer one is cut where a clause ends."""
MIN_CLAIM_WORDS = 2
"""Shortest claim, in words."""
MIN_HEAD_WORDS = 5
"""Words that a cut leaves at least: a verb and what it is about."""
LONG_WINDED_WORDS = 18
"""Words from which a claim counts as talk."""

_ADVERBS = (
    r"^(?:(?:really|always|usually|often|also|still|absolutely|currently|recently|only|mostly|now|finally|sometimes"
    r"|already) )*"
)
_IS = (
    r"is (?:particularly |really |also |very |mostly )?(?:interested|keen|leaning|considering)|is (?:a|an|the|from"
    r"|married|single|divorced|retired|based|\d|named|called|intolerant|pregnant|training|learning"
    r"|studying|working|living|moving|planning|saving|getting|in the mood|\w+ years old)"
)
_TASTES = (
    r"loves?|likes?|enjoys?|hates?|dislikes?|prefers?|adores?|can't stand|avoids?|would (?:also |really )?(?:prefer"
    r"|rather|never|hate)"
    r"|tends?|usually|never|always|is (?:not |no longer |really |so )*(?:allergic|vegan|vegetarian|afraid|into"
    r"|fascinated|passionate|scared|a (?:big "
    r"|huge )?fan)"
)
_STATES = (
    r"has (?!to\b|had\b|been (?:thinking|wondering|looking|considering|able)\b|high hopes|no idea)\w+|must (?:always"
    r"|never)"
    r"|lives?|works?|studies|owns?|plays?|speaks?|drives?|drinks?|eats?|smokes?|runs?|wakes?|goes|cooks?|reads?"
    r"|watches|listens|travels?|plans?|hopes|dreams|values?|believes?|supports?|volunteers?|collects?|writes"
    r"|teaches|doesn't|isn't|can't|cannot|no longer|takes|follows|suffers|celebrates?"
)
_WISHES = r"wants?|needs?|would (?:also |really )?(?:like|love)|is (?:looking|thinking|trying)|hopes?"
_TASTE = re.compile(rf"{_ADVERBS}(?:{_TASTES})\b|^(?:usually|always|never|often|mostly) ")
_FACT = re.compile(rf"{_ADVERBS}(?:{_IS}|was (?:born|diagnosed|raised|promoted|a|an)|{_STATES})\b")
#: On the way to something: what is sought is no habit and no taste yet.
_SEEKING = re.compile(
    rf"{_ADVERBS}is (?:\w+ly )?(?:planning|looking|interested|keen|leaning|considering|getting|in the)\b"
)
_WISH = re.compile(rf"{_ADVERBS}(?:{_WISHES})\b")
#: What somebody is: "is left-handed", "is not religious"; no mood, and nothing under way.
_STATE = re.compile(
    rf"{_ADVERBS}is (?!\w+ing\b|(?:sure|glad|happy|excited|open|fine|good|ready|back|here|new|able|about|going|curious"
    r"|confident|particularly|really|interested|keen|flexible|afraid (?:that|not))\b)[a-z-]+"
)
#: What somebody does as a rule: "breeds pigeons"; no talk and no thought.
_HABIT = re.compile(
    rf"{_ADVERBS}(?!(?:is|was|has|does|wants|needs|thinks|feels|finds|seems|means|sees|knows|says|tells|asks|hopes"
    rf"|guesses"
    r"|wonders|appreciates|understands|agrees|realizes|realises|notices|remembers|imagines|supposes|this|its|yes|sounds"
    r"|looks|makes|gets (?!up)|keeps|us|as|needs|requires|considers)\b)[a-z]{2,}s (?=\w)"
)
#: Said in few words, as people put what they mean for good: "works in data protection".
_PLAIN = re.compile(r"^(?:[\w'-]+[ .]*){2,9}$")
_DISPOSITION = re.compile(
    r"\b(?:allerg|favou?rite|prefer|vegan|vegetarian|birthday|anniversary|every (?:day|week|morning|night|evening"
    r"|year|sunday|monday)|passion|hobby|because|afraid|diagnos|named)",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"^(?:(?:really|still|also|truly|always|often|sometimes|never|had|has) )*(?:felt|feels like|found themselves"
    r"|finds themselves"
    r"|realized|realised|discovered|found (?!a|an)|been able|hoped|wanted|aimed|remembers?|noticed|thinks? (?:about"
    r"|of|it|that)|thought|guesses"
    r"|wonders|said|says|mentioned|asked|means|meant|sees|saw|knows|knew|understands|(?:told|tells) (?:you|them|me)"
    r"|is (?:sure|glad"
    r"|happy that|looking forward|excited|wondering|curious|talking|saying|asking|just)|was (?:just|wondering"
    r"|hoping|able|excited|amazed|struck|thrilled|happy|sad|nervous|surprised|glad|relieved)"
    r"|will (?:definitely|see|try|check|take|give|keep)|hopes? (?:that|you|it|this|to hear)|agrees?|appreciates?"
    r"|hates? to (?:admit|say)|recalls?|gave it|has (?:to (?:say|admit)|no idea|high hopes)|can (?:see|imagine|tell)"
    r"|could|couldn't help"
    r"|left feeling|was left|met (?:in|at|on|through|when|during|last))\b"
)
_PRONOUN_ONLY = re.compile(
    r"\b(?:it|that|this|those|these|so|one|such)$|(?<!to )(?<!for )(?<!with )\bthem$|^\w+ (?:it|this|that|those"
    r"|these)\b",
    re.IGNORECASE,
)
#: A noun that only the talk around it explains: "these companies", "both options".
_POINTS_AT = re.compile(
    r"\b(?:these|those|this|both|each) (?!(?:week|month|year|summer|winter|spring|autumn|fall|weekend|morning|evening"
    r"|afternoon|night|day|time)\b)[a-z]+"
    r"|\bthat (?:text|code|question|essay|error|one|idea|list|plan|version|step|result|option|answer|area|place)s?\b"
)
#: Chores around a task rather than what the person is or likes.
_CHORE = re.compile(
    r"\b(?:make sure|ensur\w+|confirm\w*|double-check|insights?|analys[ei]s|information|details?|detailed|summar(?:y"
    r"|ies)"
    r"|overview|comparisons?|compare|updates?|reports?|alerts?)\b"
)
#: When, with whom, for whom: what one person wants otherwise than the next.
_CIRCUMSTANCE = re.compile(
    r"\b(?:mornings?|evenings?|afternoons?|nights?|weekends?|weekdays?|\d+ ?[ap]m|budget|wife|husband|spouse|partner"
    r"|family|friends?|kids?|children|son|daughter|solo|alone|couple)\b",
    re.IGNORECASE,
)
_HERE = re.compile(r"\b(?:you|your|yours|you're|you've)\b", re.IGNORECASE)
#: The sentence has another subject than the speaker: a capital, or a noun phrase.
_ANOTHER_SUBJECT = re.compile(r"^(?:[A-ZÀ-Þ]|(?:the|an?|each|every|this|all|being|having|it)\b)")
_STRONG_JOINT = re.compile(r"[,;:]\s|\s[\u2013\u2014-]\s|\s(?=(?:which|where|because|while|although|but|so that)\b)")
_WEAK_JOINT = re.compile(r"\s(?=(?:and|as|that|when|who|if|to|for|with|by|through|from)\b)")
_DANGLING = re.compile(
    r"(?:[,;:\s\u2013\u2014-]|\b(?:and|but|or|to|for|with|by|of|in|at|on|from|that|which|as|the|a|an|their|so"
    r"|because|when|while|who|if|it's|not|only|more|very|honestly|actually|then|also|yet))+$"
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
    """How much a third-person statement deserves to be kept, about -0.5 to 1.2; `routing` is its score in its slot."""
    return routing + promise(claim, is_dated=is_dated)


@word_cache(maxsize=4_096)
def promise(claim: str, *, is_dated: bool) -> float:
    """The part of its worth that a statement's own words tell, about -1.0 to 0.6."""
    score = _form_worth(claim) + 0.15 * bool(_DISPOSITION.search(claim)) + _substance_worth(claim)
    score += 0.1 * is_dated + 0.05 * bool(_SPECIFIC.search(claim))
    score -= (
        0.4 * bool(_VAGUE.match(claim)) + 0.25 * bool(_PRONOUN_ONLY.search(claim)) + 0.3 * bool(_HERE.search(claim))
    )
    score -= 0.1 * bool(_POINTS_AT.search(claim)) + 0.1 * bool(_CHORE.search(claim))
    score += 0.1 * bool(_CIRCUMSTANCE.search(claim))
    score -= 0.2 * bool(_ANOTHER_SUBJECT.match(claim)) + 0.1 * (len(claim.split()) > LONG_WINDED_WORDS)
    return score


def _form_worth(claim: str) -> float:
    if _TASTE.match(claim):
        return 0.3
    if _FACT.match(claim):
        return 0.25 if _PLAIN.match(claim) else 0.2
    if _WISH.match(claim):
        return 0.15
    if _STATE.match(claim) or _HABIT.match(claim):
        return 0.25 if _PLAIN.match(claim) else 0.15
    first = claim.split(" ", 1)[0]
    return 0.1 * (is_past(first) and first not in ("was", "had"))


def _substance_worth(claim: str) -> float:
    """What it says of its own: words beside talk and task words, names, measures."""
    is_settled = any(form.match(claim) for form in (_TASTE, _FACT, _STATE, _HABIT)) and not _SEEKING.match(claim)
    own = len(told(claim) if is_settled else substance(claim))
    if own == 0:
        return -0.5
    if _ANOTHER_SUBJECT.match(claim):  # the longer such a sentence, the less it is about the speaker
        return 0.0
    return min(0.05 * (own - 2), 0.25) + min(0.06 * names(f"x {claim}"), 0.18)
