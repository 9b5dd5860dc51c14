"""What a sentence is: a statement about the speaker, or one of the many things that are none."""

from __future__ import annotations

import re
from typing import Literal

SentenceKind = Literal["statement", "question", "hypothetical", "quotation", "request", "courtesy", "other"]

FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|me|my|mine|myself|we|we're|we've|our|ours|us)\b", re.IGNORECASE)

_QUOTED = re.compile(r"[\"\u201c][^\"\u201c\u201d]{1,400}[\"\u201d]|(?<!\w)'[^']{12,400}'(?!\w)")
_SPEECH = re.compile(
    r"\b(?:said|says|saying|told|tells|asked|asks|wrote|writes|writing|quoted?|lyrics?|line|slogan|motto|goes|reads"
    r"|text(?:ed)?|shouted|replied|means?|sentence|phrase|words?|prompt|translate|translation|titled?)\b",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"^(?:and |but |so |then )?(?:he|she|they|someone|somebody|people|everyone|my [\w' ]{1,30}?) "
    r"(?:said|says|told|tells|thinks?|thought|claims?|claimed|asked|asks|wonders?|believes?|kept saying"
    r"|keeps? (?:saying|telling)|always (?:says|tells))\b",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[\s\"\u201d')\]*_\U0001F300-\U0001FAFF\u2600-\u27BF\uFE0F]*$")
_QUESTION_START = re.compile(
    r"^(?:and |so |but |ok(?:ay)?,? |hey,? |hi,? |well,? |also,? |then,? )*(?:(?:what|who|whom|whose|where|why"
    r"|which|how)(?:'s|'re|'d)?\b"
    r"(?! (?:i|we) (?:love|like|enjoy|hate|want|need|am|do|really)\b)(?!ever\b)"
    r"|(?:do|does|did|can|could|would|will|should|is|are|was|were|am|have|has|had|may|shall|might)(?:n't)? "
    r"(?:i|you|we|he|she|it|they|there|this|that|these|those|the|my|your|anyone|someone)\b)",
    re.IGNORECASE,
)
_HYPOTHETICAL = re.compile(
    r"^(?:(?:and|but|so|or|well|hmm|honestly|even|only|then|say)[, ]+)*"
    r"(?:if\b|what if\b|suppose\b|supposing\b|assuming\b|imagine\b|let's say\b|say (?:that )?(?:i|my|we)\b"
    r"|picture (?:me|this)\b|unless\b|in case\b|perhaps\b|maybe\b"
    r"|were i\b|had i\b|i wonder\b|i wish\b|i might\b|i may\b|i could\b|we (?:could|might|would|may)\b"
    r"|i would(?:n't)?(?! (?:(?:also|really|definitely) )?(?:never|rather|prefer|like|love|hate)\b)"
    r"|i'd(?! (?:(?:also|really|definitely|always) )?(?:never|rather|prefer|like|love|hate|been|had|\w+ed)\b))",
    re.IGNORECASE,
)
_INNER_HYPOTHETICAL = re.compile(
    r"\b(?:as if i|as though i|if i (?:were|was|had|could|ever|won)|(?:would|could|might) have \w+(?:ed|en|ne)"
    r"|hypothetically|in theory|(?:in (?:a|an|another|some) )(?:\w+ )?(?:universe|life|lifetime|timeline|reality"
    r"|dimension|world)"
    r"|in my (?:dreams?|imagination|fantasy)|in a dream"
    r"|would be (?:nice|great|cool|fun|amazing|helpful)|wouldn't (?:mind|it))\b",
    re.IGNORECASE,
)
_POLITE_LEAD = (
    r"^(?:(?:oh|ah|wow|ok|okay|yes|yeah|no|well|hi|hello|hey|great|perfect|and|but|so|thanks|thank you|sorry|please"
    r"|honestly|absolutely|definitely|exactly)\b[,.! ]*)*"
)
_I_POLITELY = (
    r"i (?:really |truly |do |so |totally |completely |fully |can |also |definitely )*"
    r"(?:appreciate|hope|agree|understand|see(?: what| that| your| it|\.|,|!|$)|get (?:it|that|what|your)|guess so"
    r"|think so"
    r"|hear (?:you|that)|look forward|admire|apologi[sz]e|doubt it"
    r"|don't (?:know|think so|mind|care|understand|get (?:it|that)|see why)"
    r"|can't (?:wait|thank|believe|imagine|help but|tell|say|remember)|couldn't agree|believe so|suppose so"
    r"|know(?: what| that| it|,|\.|!| right)|mean it|(?:love|like) (?:that|it|this)(?: idea"
    r"| suggestion)?(?: for you)?[.!]*$"
    r"|think (?:that's|it's|this|that|you|those|these|they|it)\b|bet\b|swear\b|promise\b|rest my case)"
)
_IM_POLITELY = (
    r"i'm (?:so |very |really |just |truly |also )*"
    r"(?:glad|sorry|grateful|thankful|happy to hear|happy you|not sure|sure(?! i)|wondering|curious|afraid (?:that"
    r"|so|not)"
    r"|back\b(?! (?:with|together|in|at|from|home)\b)|here\b|ready\b|all ears|impressed|asking|kidding|joking|fine\b"
    r"|good\b[.!]*$|done\b[.!]*$|confused|open to"
    r"|looking forward|eager to|excited to (?:see|hear|learn|try|explore|read|start))"
)
_WOULD_LIKE_AN_ANSWER = (
    r"i was (?:just )?(?:wondering|hoping|curious|asking)"
    r"|i(?:'d| would) (?:really |also |definitely |greatly |much |so )*"
    r"(?:appreciate|love (?:to (?:hear|know|see|learn|explore)|your|some|any|if)"
    r"|like (?:to (?:know|ask|hear|learn|see|confirm|check)|your|some help|you(?! to know that))|be (?:happy|glad"
    r"|grateful"
    r"|interested)|say\b)"
    r"|i (?:just )?(?:need|want|wanted|have) "
    r"(?:your|some|you|help|a (?:quick )?(?:question|favou?r)|to (?:ask|know|thank you|hear))"
)
_WILL_DO = (
    r"i(?:'ll| will) (?:definitely |certainly |surely |be sure to |make sure to |just )*"
    r"(?:let you|be sure|keep (?:that|it|you|this|your|these)|look into|check|take (?:that|a look|your|note)"
    r"|think about"
    r"|be back|wait\b|see\b|do that|remember that|consider|follow|try (?:that|this|it|those|these))"
    r"|we'll see|let me\b|let us\b"
)
_COURTESY = re.compile(
    rf"{_POLITE_LEAD}(?:thanks?\b|thank you|cheers\b|{_I_POLITELY}|{_IM_POLITELY}|{_WOULD_LIKE_AN_ANSWER}|{_WILL_DO}"
    r"|good (?:morning|evening|night)|see you|nice to|my (?:pleasure|bad|apologies|point|question)\b|excuse me)",
    re.IGNORECASE,
)
_REQUEST_LEAD = (
    r"^(?:(?:ok|okay|so|and|then|now|also|just|well|hey|hi|yes|no|great|perfect|alright|kindly|please|pls|maybe)[, ]+)*"
)
_IMPERATIVES = (
    "please|pls|can you|could you|would you|will you|help me|tell me|show me|give me|send me|remind me|explain"
    "|write|make"
    "|create|list|find|suggest|recommend|describe|translate|summari[sz]e|rewrite|compare|draft|generate|add|remove|set"
    "|book|order|play|search|look up|check|fix|correct|let's|lets|don't|do not|never|always|stop|ignore|forget|remember"
    "|note|keep|use|answer|respond|reply|act|be|go|try|take|call|consider|imagine|pretend|assume|delete|erase|update"
    "|change|schedule|plan|walk me|teach me|guide me|proceed|continue|share|provide|include|ask|avoid|ensure|wish me"
    "|bear with|trust me|believe me"
)
_REQUEST = re.compile(rf"{_REQUEST_LEAD}(?:{_IMPERATIVES})\b", re.IGNORECASE)


def unquoted(text: str) -> str:
    """The text with every quoted passage blanked out, its length kept."""
    return _QUOTED.sub(lambda hit: " " * len(hit[0]), text)


def is_question(text: str) -> bool:
    """Whether it asks something. A statement with a tag (", right?") does so too: the speaker is not sure."""
    bare = _TAIL.sub("", text)
    return bare.endswith("?") or _QUESTION_START.match(text) is not None


def is_reported(text: str) -> bool:
    """Whether it tells what somebody else said or thinks."""
    return _REPORTED.match(text) is not None


def is_quotation(text: str) -> bool:
    """Whether its first person is somebody else's: inside quotation marks, or after "he said"."""
    own = unquoted(text)
    if _REPORTED.match(text):
        return True
    if own == text:
        return text.count('"') + text.count("\u201c") > 0 and _SPEECH.search(text) is not None
    return FIRST_PERSON.search(own) is None or _SPEECH.search(own) is not None


def kind_of(text: str) -> SentenceKind:
    """What a sentence is. Only a `statement` may become a claim.

    Example:
        >>> kind_of("I live in Porto."), kind_of("If I lived in Porto, I'd surf."), kind_of("Thanks, I appreciate it!")
        ('statement', 'hypothetical', 'courtesy')
    """
    if is_question(text):
        return "question"
    if is_quotation(text):
        return "quotation"
    if not FIRST_PERSON.search(text):
        return "request" if _REQUEST.match(text) else "other"
    if _COURTESY.match(text):
        return "courtesy"
    if _HYPOTHETICAL.match(text) or _INNER_HYPOTHETICAL.search(text):
        return "hypothetical"
    return "request" if _REQUEST.match(text) else "statement"
