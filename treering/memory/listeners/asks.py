"""What a person asks of the memory itself: to forget, to keep off a subject, to put something right."""

from __future__ import annotations

import re
from dataclasses import dataclass

from treering.memory.listeners.grammar import rest_in_third_person
from treering.memory.listeners.lexicon import RELATIONS

MAX_TOPIC_WORDS = 12
"""Longest subject of a request to forget, in words: more is a story about forgetting, not a request."""

_PLEASE = (
    r"^(?:(?:and|but|so|also|ok(?:ay)?|well|now|then|hey|actually|please|pls|kindly|just|no)[, ]+"
    r"|(?:can|could|would|will) you (?:please )?|i (?:want|need|'d like|would like) you to )*"
)
_FORGET = re.compile(
    rf"{_PLEASE}(?:(?:forget|disregard)(?: about)?|(?:delete|erase|remove|wipe|clear|purge|scrub)(?: out)?"
    r"|(?:don't|do not|stop) (?:remember(?:ing)?|keep(?:ing)?|stor(?:e|ing)|sav(?:e|ing)))\b(?P<what> .+)?$",
    re.IGNORECASE,
)
_IDIOM = re.compile(
    r"^ ?(?:.* for (?:a (?:second|moment|minute|bit|while)|now)\b.*|it|that|this|them|me|you|to\b.*|about (?:it"
    r"|that|this|me)|that i (?:asked|said that)|the (?:last|previous) (?:question|message|one)|i (?:asked"
    r"|said) .{0,12})?[.!]*$",
    re.IGNORECASE,
)
_ABOUT_THE_MEMORY = re.compile(
    r"\b(?:my|me|i|we|our|everything|anything|all|what|whatever|that|memory|memories)\b", re.IGNORECASE
)
_SOMEBODY = re.compile(r"^(?:about )?[A-ZÀ-Þ][\w'-]+(?: [A-ZÀ-Þ][\w'-]+)?$")
_LIST_WORK = re.compile(
    r"\b(?:file|paragraph|sentence|word|line|row|column|task|event|meeting|alarm|reminder|entry|item|list|account"
    r"|app|email|code|step|playlist|calendar|cart|booking|order)s?\b",
    re.IGNORECASE,
)
_EVERYTHING = re.compile(
    r"^(?:all|everything|anything|all of it|all (?:of )?(?:the |my |your )?(?:data|memories|memory|information|info"
    r"|facts|details)|me)"
    r"(?: (?:that )?(?:you(?:'ve| have)? (?:know|learned|learnt|stored|saved|remember|have)|i(?:'ve"
    r"| have)? (?:ever )?(?:told|said|shared)(?: you| to you)?|there is))?(?: (?:about|on|of) me)?$",
    re.IGNORECASE,
)
_TOPIC_FIRST = re.compile(
    r"^(?:about|as for|regarding|concerning) (?P<topic>[^,]{1,80}), (?P<request>.+?"
    r" (?:what(?:ever)?|all|everything|anything)(?: that)?(?: (?:i|you)\b.*)?)$",
    re.IGNORECASE,
)
_WRAPPING = re.compile(
    r"^(?:(?:all|everything|anything|whatever|what|the (?:fact|part|thing|bit|information|details?|stuff)"
    r"|any(?:thing)?|all (?:the )?(?:data|information|memories))\s*)?"
    r"(?:(?:that )?(?:i(?:'ve| have)? (?:ever )?(?:told|said|shared|mentioned)(?: to)?(?: you)?|you(?:'ve"
    r"| have)? (?:know|learned|learnt|stored|saved|remember|have)|there is)\s*)?"
    r"(?:about|on|of|regarding|concerning|that)?\s*",
    re.IGNORECASE,
)

_NEVER = re.compile(
    r"^(?:(?:and|but|so|also|ok(?:ay)?|well|now|then|hey|actually|please|pls|kindly|just|no)[, ]+|i (?:want|need"
    r"|'d like|would like) you to |i'd like you to )*"
    r"(?:(?:please )?(?:never(?: ever)?|don't(?: you)?(?: ever)?|do not(?: ever)?|under no circumstances"
    r"|no need to ever)|(?P<stop>(?:please )?stop|avoid|refrain from|quit))"
    r"(?: again)? (?P<act>bring(?:ing)? up|mention(?:ing)?|talk(?:ing)? (?:to me )?about|discuss(?:ing)?"
    r"|suggest(?:ing)?|recommend(?:ing)?|offer(?:ing)?|ask(?:ing)?(?: me)?|call(?:ing)? me|remind(?:ing)? me (?:of"
    r"|about)"
    r"|us(?:e|ing)|tell(?:ing)? me|jok(?:e|ing) about|refer(?:ring)? to|comment(?:ing)? on|speak(?:ing)? (?:about"
    r"|of)|nam(?:e|ing)|contact(?:ing)?|send(?:ing)? me|giv(?:e|ing) me|push(?:ing)?|shar(?:e|ing)) (?P<what>.+)$",
    re.IGNORECASE,
)
_RATHER_NOT = re.compile(
    r"^(?:i (?:really )?(?:don't|do not|never) want (?:to|you to)|i'd (?:really )?rather (?:not|you didn't)"
    r"|i would rather not|i(?:'d| would) prefer (?:not to|you not to)) (?:ever )?"
    r"(?P<act>bring up|mention|talk about|discuss|suggest|recommend|ask|hear (?:anything )?about|be reminded of"
    r"|be called|be asked about|speak about) (?P<what>.+)$",
    re.IGNORECASE,
)
_TRIVIAL = re.compile(
    r"^(?:it|that|this|them|those|me|anything|so|to)\b[.!]?(?: (?:again|now|please))*$", re.IGNORECASE
)
_TASK_TALK = re.compile(
    r"\b(?:this|the (?:same|above|following)|in (?:your|the) (?:answer|reply|response|essay|text|code))\b",
    re.IGNORECASE,
)

_CALL_ME = re.compile(
    r"^(?i:(?:(?:please|just|but|everyone can|you can|hi|hello),? )*call) me (?P<name>[A-Z][\w'-]+(?: [A-Z][\w'-]+)?)$",
)
_ALWAYS = re.compile(
    r"^(?:please,? )?(?:from now on|always|in (?:the )?future|going forward),? (?:please )?(?:always )?"
    r"(?P<act>answer|reply|respond|write|speak|talk|use|keep|give me|explain|address me|format|include) (?P<what>.+)$",
    re.IGNORECASE,
)

_CORRECTION = re.compile(
    r"^(?:no|nope|sorry|oops|wait|actually|correction|i mean)?[,.!: -]*(?:no[, ]+)?(?:(?:sorry|actually|wait)[, ]+)?"
    r"(?:i (?:meant|mean)(?: to say)?|it(?:'s| is| was)|that(?:'s| is)|make that|should be|it should be) "
    r"(?P<right>[^,.;]{1,60}?),? (?:and )?not (?P<wrong>[^,.;]{1,60}?)[.!]*$",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?P<name>what(?:'s| is) your (?:first |full )?name|what should i call you|and your name)\b"
    r"|what(?:'s| is) (?:the name of your |your )(?P<kin>[a-z]+)(?:'s name| called| named)?\?"
    r"|(?P<city>where do you live|what city (?:do you live|are you) in|where are you based)\b"
    r"|what(?:'s| is) your favou?rite (?P<favourite>[a-z ]{2,30})\?|(?P<age>how old are you)\b",
    re.IGNORECASE,
)
_SHORT_ANSWER = re.compile(
    r"^(?:it's |it is |that's |in |his name is |her name is |their name is |he's "
    r"|she's )?(?P<answer>[\w'À-ÿ-]+(?: [\w'À-ÿ-]+){0,2})[.!]*$",
    re.IGNORECASE,
)
_NO_ANSWER = re.compile(
    r"^(?:yes|no|nope|yeah|yep|sure|ok|okay|none|nothing|maybe|hello|hi|hey|thanks|thank you|i\b.*|why|what|who"
    r"|never mind|not .*|please.*|skip.*|guess.*|good .*|private|secret)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One expression put in the place of another."""

    right: str
    wrong: str


def forget_topic(sentence: str) -> str | None:
    """What the person asks to have forgotten: its subject, empty for everything; None if nothing is asked.

    Example:
        >>> forget_topic("Please forget my ex's name."), forget_topic("Forget it."), forget_topic("Delete everything.")
        ("my ex's name", None, '')
    """
    text = sentence.strip().rstrip(".!? ")
    fronted = _TOPIC_FIRST.match(text)
    if fronted is not None and _FORGET.match(fronted["request"]):
        text = f"forget {fronted['topic']}"
    asked = _FORGET.match(text)
    if asked is None or _IDIOM.match(asked["what"] or ""):
        return None
    what = asked["what"].strip()
    is_personal = _ABOUT_THE_MEMORY.search(what) or _SOMEBODY.match(what)
    if not is_personal or _LIST_WORK.search(what) or len(what.split()) > MAX_TOPIC_WORDS:
        return None
    if _EVERYTHING.match(what):
        return ""
    return _WRAPPING.sub("", what, count=1).strip() or None


def boundary(sentence: str) -> str | None:
    """The claim that a "never do that" amounts to; None if it is none.

    Example:
        >>> boundary("Please don't ever bring up my father.")
        'asked never to bring up their father'
    """
    text = sentence.strip().rstrip(".! ")
    asked = _NEVER.match(text) or _RATHER_NOT.match(text)
    if asked is None or _TRIVIAL.match(asked["what"]) or _TASK_TALK.search(asked["what"]):
        return None
    act = rest_in_third_person(_infinitive(asked["act"].lower()))
    return f"asked never to {act} {rest_in_third_person(_AGAIN.sub('', asked['what']))}"


_AGAIN = re.compile(r",? (?:ever )?(?:again|please|any ?more|to me|with me)$", re.IGNORECASE)
_INFINITIVES = {"us": "use", "jok": "joke", "nam": "name", "giv": "give", "shar": "share", "referr": "refer"}


def _infinitive(act: str) -> str:
    verb, _, rest = act.partition(" ")
    if verb.endswith("ing") and verb != "bring":
        verb = _INFINITIVES.get(verb[:-3], verb[:-3])
    return f"{verb} {rest}".strip()


def standing_wish(sentence: str) -> str | None:
    """The claim in an order that holds from now on: how to answer, what to call the person; None for any other.

    Example:
        >>> standing_wish("Please call me Sam."), standing_wish("From now on, answer in Spanish.")
        ('wants to be called Sam', 'wants the assistant to always answer in Spanish')
    """
    text = sentence.strip().rstrip(".! ")
    name = _CALL_ME.match(text)
    if name:
        return f"wants to be called {name['name']}"
    order = _ALWAYS.match(text)
    if order is None or _TASK_TALK.search(order["what"]):
        return None
    return f"wants the assistant to always {order['act'].lower()} {rest_in_third_person(order['what'])}"


def correction(sentence: str) -> Correction | None:
    """The right and the wrong expression of "no, I meant Porto, not Lisbon"; None if it corrects nothing."""
    found = _CORRECTION.match(sentence.strip())
    return Correction(right=found["right"].strip(), wrong=found["wrong"].strip()) if found else None


def answered(question: str, answer: str) -> str | None:
    """The claim in a short answer to one of a few plain questions; None for any other.

    Example:
        >>> answered("And what's your dog's name?", "Biscuit!")
        'has a dog named Biscuit'
    """
    asked = _QUESTION.search(question.rsplit("\n", 1)[-1][-300:])
    said = _SHORT_ANSWER.match(answer.strip())
    if asked is None or said is None or _NO_ANSWER.match(answer.strip()):
        return None
    words = said["answer"]
    if asked["age"]:
        return f"is {words} years old" if words.isdigit() else None
    if asked["favourite"]:
        return f"their favorite {asked['favourite'].strip()} is {words}"
    return _name_answered(asked, words) if words[0].isupper() else None


def _name_answered(asked: re.Match[str], words: str) -> str | None:
    if asked["name"]:
        return f"is named {words}"
    if asked["kin"] and (asked["kin"].lower() not in RELATIONS or not re.search("name|called", asked[0])):
        return None
    return f"lives in {words}" if asked["city"] else f"has a {asked['kin'].lower()} named {words}"
