"""What a person wants, told by what they ask for: "Could you find a quiet hotel with a pool?"."""

from __future__ import annotations

import re

from treering.memory.listeners.grammar import rest_in_third_person
from treering.memory.listeners.lexicon import GERUNDS
from treering.memory.listeners.substance import substance

_POLITE = r"(?:please|pls|kindly|also|perhaps|maybe|possibly|just|then|instead|so|and)"
_SOFT = rf"(?:{_POLITE},? )*"
_YOU = r"(?:can|could|would|will) (?:you|we)|(?:can|could) i|would it be possible (?:for you )?to|is it possible to"
#: Everything before the verb of a request: "Could you please help me", "I need some help", "Let's".
_REQUEST = re.compile(
    rf"^{_SOFT}(?:"
    rf"(?:{_YOU}) {_SOFT}(?:help|assist) (?:me |us )?(?:(?:out )?(?:with |in |to |by )?)"
    r"|(?:i was (?:just )?(?:wondering|hoping)|i wonder|do you think|it would be (?:great|nice|helpful|good))"
    r" (?:if )?(?:you (?:could|can|might)|we could|i could|it's possible to) "
    r"(?:(?:help|assist) (?:me |us )?(?:(?:with |in |to )?))?"
    rf"|(?:{_YOU}) "
    r"|(?:please|pls|kindly),? (?:(?:help|assist) (?:me |us )?(?:(?:with |in |to )?))?"
    r"|help (?:me|us) (?:(?:with |in |to )?)"
    r"|(?:i|we)(?:'d| would| do|'ll| will)? (?:really |also |just |still |definitely )?"
    r"(?:need|want|like|love|appreciate|could use|use)"
    r" (?:some |a bit of |a little |your |any )?(?:help|assistance|support|guidance|advice) (?:(?:with|in|on|to|for) )?"
    r"|(?:i|we)(?:'d| would) (?:really |also |greatly )?(?:appreciate it|be (?:great|grateful|happy)) if you could "
    r"|(?:i'm|i am|we're) (?:looking for|seeking) (?:some )?(?:help|assistance) (?:(?:with|in|on|to) )?"
    r"|let's (?:also |just |then )?"
    rf"){_SOFT}",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"^{_SOFT}(?=(?:find|recommend|suggest|book|reserve|order|schedule|get|show|add|include|set|make sure|ensure|keep"
    r"|arrange|remind)\b)",
    re.IGNORECASE,
)
_ANY = re.compile(
    rf"^{_SOFT}(?:(?:do you (?:have|know(?: of)?)|are there|is there|got|have you got|know|what about|how about"
    r"|what are|(?:i|we)(?:'d| would) (?:really |also |definitely )?(?:love|like|appreciate|welcome)) )?"
    r"(?:also )?(?:any|some|a few)(?: good| great| nice| other| more)? "
    r"(?=(?:recommendations?|suggestions?|ideas?|tips?|options?|advice|places) (?:for|on|about|to|of|like|with|that"
    r"|near) )",
    re.IGNORECASE,
)

#: Verbs whose object is what the person wants.
_GIVE = re.compile(
    rf"^(?:find|finding|search(?:ing)? for|look(?:ing)? (?:for|up|into)|suggest(?:ing)?|recommend(?:ing)?|show(?:ing)?"
    r"|giv(?:e|ing)|get(?:ting)?|provid(?:e|ing)|shar(?:e|ing)|list(?:ing)?|includ(?:e|ing)|add(?:ing)?|pick(?:ing)?"
    r"|(?:check|checking) for|send(?:ing)?|offer(?:ing)?|identify(?:ing)?|discover(?:ing)?|explor(?:e|ing))"
    rf"(?: out)? {_SOFT}(?:for |to )?(?:(?:me|us) (?:with )?)?",
    re.IGNORECASE,
)
#: Verbs that stay: what they make of their object is part of the wish.
_DO = (
    "book|reserve|order|buy|purchase|rent|plan|schedule|set up|set|arrange|organize|organise|create|curate|compare"
    "|adjust|change|switch|move|track|keep|make sure|ensure|choose|select|decide on|prioritize|prioritise|avoid"
    "|focus on"
    "|stick to|limit|remind me|notify me|alert me|filter|stay updated on|stay updated with|stay up to date with|follow"
    "|monitor|integrate|coordinate|sync|connect|customize|customise|personalize|personalise|optimize|optimise|go with"
    "|start with|stick with"
    "|proceed with|go ahead and|learn|improve|start|stream|play|watch|visit|use|confirm|build|pair|balance|manage"
    "|streamline|simplify|categorize|navigate|access|secure|narrow down|go for|have|understand|refine|incorporate"
    "|design"
)
#: An order to the memory, or to whoever listens, is no wish of this kind.
_TO_THE_MEMORY = re.compile(
    r"^(?:keep|have|bear) (?:(?:that|this|it|these|those) )?in mind\b|^keep (?:that|this|these|those)\b", re.IGNORECASE
)
_DOING = re.compile(rf"^(?:{_DO})\b", re.IGNORECASE)
_GERUND = re.compile(r"^(?P<verb>[a-z]+ing)\b", re.IGNORECASE)
#: What is asked for is knowledge, not a thing.
_KNOWLEDGE = re.compile(
    r"^(?:(?:some|any|a few|more|a|an|the|additional|specific|detailed|further|general|brief|quick) )*"
    r"(?:information|info|details?|insights?|overview|explanation|facts|background|opinions?|thoughts|summary|rundown"
    r"|breakdown|context|examples?|history)\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:some|any|a few|a couple of)(?: (?:good|great|nice))? ", re.IGNORECASE)
_POINTS_BACK = re.compile(
    r"^(?:it|that|this|these|those|them|one|ones|so|there|both|either|all|me|you|him|her)(?:\b(?! (?:to|under|below"
    r"|within|at|in|on|for|with|simple|is|are)\b)|'s (?:available|possible|ok))",
    re.IGNORECASE,
)
_NEXT_REQUEST = re.compile(
    r"(?:,| -|\s[\u2013\u2014])? (?:and|or|but|so)? ?(?:also |maybe |perhaps |then |please )*(?:(?:can|could|would"
    r"|will) "
    r"(?:you|we|i)\b|tell me|let me know|do you|is there|are there|what|how|why|if (?:so|not|that's|possible)|give me"
    r"|explain|i was wondering)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[,;\u2013\u2014-]?\s*(?:if (?:possible|that's (?:possible|ok|okay|alright)|you (?:can|could|don't mind)|available"
    r"|at all possible)|as well|too|please|thanks|thank you|for me|though|or something(?: similar)?|right|again"
    r"|by any chance|in advance|accordingly|this time|instead|for now)\s*[.!?]*$",
    re.IGNORECASE,
)
#: What is asked of the assistant, and how it is told of the person who asks.
_REMIND_ME = re.compile(r"^(?P<verb>remind|notify|alert|warn|wake) me(?: up)?\b(?! of)", re.IGNORECASE)
_DONE_TO_ME = {"remind": "reminded", "notify": "notified", "alert": "alerted", "warn": "warned", "wake": "woken"}
_MAKE_SURE = re.compile(r"^(?:make sure|ensure)(?: that)? (?P<it>it|they)(?:'s|'re| is| are) ", re.IGNORECASE)
#: What is said of somebody else by the way: "a table for my boss, who is vegan" tells nothing of the speaker's diet.
_WHO_IS = re.compile(r",? who(?:'s|'ve| is| are| has| have| had| can't| can| doesn't| don't| \w+s)\b.*$", re.IGNORECASE)
#: Work on texts, sums and knowledge: a task, whoever asks for it.
_WORLDLY = re.compile(
    r"\b(?:capital of|meaning of|definition of|history of|difference between|how (?:do|does|to|it|they)|why|equation"
    r"|function|algorithm|regex|python|javascript|sql|html|code|essay|paragraph|sentence|poem|story about|e-?mail to"
    r"|cover letter|translation|synonyms?|summary of|explanation)\b",
    re.IGNORECASE,
)
_YOU_IN_IT = re.compile(r"\b(?:you|your|you're|yourself)\b", re.IGNORECASE)


def wish(sentence: str) -> str | None:
    """What a request, once its opening words are off, says of the person's own wants; None if nothing.

    Requests about the world, for texts, or for something that anybody would ask alike are no wishes.

    Example:
        >>> wish("Could you find a quiet hotel with a pool?"), wish("Could you explain recursion?")
        ('wants a quiet hotel with a pool', None)
    """
    text = sentence.strip().rstrip("?!. ")
    opening = _REQUEST.match(text) or _BARE.match(text)
    if opening:
        return _wanted(text[opening.end() :])
    anything = _ANY.match(text)
    return _told("wants", text[anything.end() :]) if anything else None


def _wanted(request: str) -> str | None:
    request = _base_form(request)
    if _TO_THE_MEMORY.match(request):
        return None
    give = _GIVE.match(request)
    if give:
        request = request[give.end() :]
        return _told("wants to" if _DOING.match(request) else "wants", request)
    return _told("wants to", request) if _DOING.match(request) else None


def _base_form(request: str) -> str:
    gerund = _GERUND.match(request)
    if gerund and (base := GERUNDS.get(gerund["verb"].lower())):
        return base + request[gerund.end() :]
    return request


def _told(lead: str, what: str) -> str | None:
    cut = _NEXT_REQUEST.search(what)
    what = what[: cut.start()] if cut else what
    while tail := _TAIL.search(what):
        what = what[: tail.start()]
    what = _WHO_IS.sub("", what.strip(" ,;:?!."))
    what = _ARTICLE.sub("", what)
    if not what or _POINTS_BACK.match(what) or _KNOWLEDGE.match(what):
        return None
    if _WORLDLY.search(what) or _YOU_IN_IT.search(what):
        return None
    if not substance(what):
        return None
    return rest_in_third_person(f"{lead} {what}" if lead == "wants" else _to_have_it(what))


def _to_have_it(deed: str) -> str:
    """A deed that is asked for, as a wish: "remind me to …" is to want to be reminded."""
    remind, sure = _REMIND_ME.match(deed), _MAKE_SURE.match(deed)
    if remind:
        return f"wants to be {_DONE_TO_ME[remind['verb'].lower()]}{deed[remind.end() :]}"
    if sure:
        return f"wants {'it' if sure['it'].lower() == 'it' else 'these'} to be {deed[sure.end() :]}"
    return f"wants to {deed[0].lower()}{deed[1:]}"
