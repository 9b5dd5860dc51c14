"""How sentences begin: words that say nothing, and subjects that go without saying."""

from __future__ import annotations

import re

_OPENER = re.compile(
    r"^(?:(?:hi|hello|hey|hey there|hi there|hello there|hi again|yes|yeah|yep|yup|no|nope|nah|oh|ah|aw|wow|ugh"
    r"|well|so|ok|okay|right|sure|true|haha|lol"
    r"|alright|actually|honestly|frankly|seriously|basically|also|plus|and|but|then|anyway|besides|however|though"
    r"|moreover"
    r"|additionally|furthermore|meanwhile|unfortunately|sadly|luckily|thankfully|fortunately|interestingly|personally"
    r"|overall|ultimately|finally|again|currently|now|lately|recently|in fact|in truth|as a result|for me|for one"
    r"|for sure|of course|by the way|btw|fyi|tbh"
    r"|to be honest|to be fair|to be clear|as you know|as i said|as for me|on another note|on a different note"
    r"|in my (?:opinion|view|experience)|on the bright side|on a positive note|on a lighter note|on a side note"
    r"|at first|at the same time|in the end"
    r"|at this point|in general|you know|you see|look"
    r"|listen|i mean"
    r"|thing is|the thing is|the truth is"
    r"|on top of that|on the other hand|that said|in addition|speaking of which|fun fact|update|note|ps|user(?=:)"
    r"|me(?=:)"
    r"|definitely|absolutely|exactly|totally|obviously|clearly|naturally|certainly|needless to say"
    r"|thanks|thank you|thanks a lot|great|perfect|awesome|cool|nice|just so you know|for context|for the record|sorry"
    r"|i(?:'d| would) like you to know that|i want you to know that|you should know that|please (?:remember"
    r"|note) that|(?:remember|note|keep in mind|don't forget"
    r"|be aware) that)(?:[,.:;!\u2026\u2014-]+\s*|\s+(?=(?:i|i'm|i've|i'd|i'll|my|we|our|and|but|so)\b)))+",
    re.IGNORECASE,
)
#: Words before a colon that announce the speaker's own statement; any others announce somebody's words.
_ANNOUNCED = re.compile(
    r"^(?:(?:a |one |another |quick |short |little |small |side |final )*(?:note|fact|word|thing|things|detail|bit of"
    r" (?:context|background)|background|context|update|confession|reminder|disclaimer|summary|answer|correction"
    r"|heads-up)"
    r"(?: (?:about|on|of|for) (?:me|myself|us|my [\w' -]{2,30}|you to know))?|in (?:short|brief|summary|a nutshell"
    r"|other words"
    r"|a word)|to (?:answer your question|sum up|be clear|be honest|start|begin|introduce myself|recap|put it simply)"
    r"|long story short|(?:about|regarding|re|as for|concerning) (?:me|myself|us|my (?!character|hero|story"
    r"|novel)[\w' -]{2,30})"
    r"|the (?:thing|truth|point|problem|reason|good news|bad news|catch|short version|short answer) is"
    r"|here's (?:the thing"
    r"|what i know|my situation|my story|a bit about me)|my (?:situation|background|diet|schedule|routine|problem"
    r"|answer"
    r"|budget|current situation|details|preferences|profile)|so|well|first|second|third|firstly|secondly|also|plus|next"
    r"|finally|dear [\w ]{2,30}|hi [\w ]{2,30}|hello [\w ]{2,30}|dear all|hi all|hello everyone)\s?(?::|\.{3}"
    r"|,(?= (?:I|I'm|my)\b))\s+"
    r"(?=(?:i|i'm|i've|i'd|i'll|my|we|we're|we've|our)\b)",
    re.IGNORECASE,
)
#: Statements whose subject goes without saying, and the words that it goes without.
_ELLIPSES = (
    (
        re.compile(
            r"(?:(?:very|highly|also|severely) )?(?:allergic to|vegan|vegetarian|pregnant|born in|born on)\b",
            re.IGNORECASE,
        ),
        "I'm ",
    ),
    (re.compile(r"been (?!there|that)\w+", re.IGNORECASE), "I've "),
    (
        re.compile(
            r"(?:just|recently|finally) (?:got|moved|started|finished|quit|bought|adopted|turned|lost|joined"
            r"|came back|broke)\b"
            r"|(?:love|hate|can't stand|prefer|enjoy) (?!it\b|that\b|this\b|the idea|your\b|to hear)\w+",
            re.IGNORECASE,
        ),
        "I ",
    ),
)


def opened(text: str) -> str:
    """A sentence without its opening words ("Well, yes, …"), and with a subject that went without saying."""
    opener = _OPENER.match(text)
    text = text[opener.end() :] if opener else text
    announced = _ANNOUNCED.match(text)
    text = text[announced.end() :] if announced else text
    subject = next((words for start, words in _ELLIPSES if start.match(text)), None)
    return f"{subject}{text[0].lower()}{text[1:]}" if subject else text
