"""Clear signs that a statement is not meant: jokes that say so, and fixed forms of sarcasm. Pure."""

from __future__ import annotations

import re

_JOKE = re.compile(
    r"\b(?:i(?:'m| am| was)|just|only|totally|obviously|completely) (?:(?!not\b|never\b)\w+ )?"
    r"(?:kidding|joking|teasing|messing with you|pulling your leg)\b(?! (?:around )?(?:about|with (?:my|the|our|his"
    r"|her|their)))"
    r"|(?:^|[.!?)\u2026]\s*|\s)(?<!not )(?<!no )(?<!n't )(?:kidding|joking|jk|j/k"
    r"|teasing)(?:,? of course)?\s*[.!:;)]*\s*$|(?:^"
    r"|\s)[:;][pP] (?:just )?(?:kidding|teasing|joking)\b"
    r"|(?:^|\s)/(?:s|j|sarcasm|jk)(?=[\s.!)]|$)|</?(?:irony|sarcasm|joke)>"
    r"|\((?:just )?(?:a )?(?:joke|sarcasm|sarcastic|kidding|jk|/s|irony|ironic|irony off|not)\)|\b(?:irony"
    r"|sarcasm) (?:off|on|mode)\b"
    r"|\b(?:that was|that's|it's|it was|this is) (?:just |only )?a joke\b|\bi(?:'m| am) being (?:sarcastic"
    r"|ironic)\b|\bsarcasm\b[.!)]*$"
    r"|\bapril fools?\b|\*(?:eye ?rolls?|rolls (?:my )?eyes|sarcasm|sarcastic|wink|winks)\*|[\U0001f644]"
    r"|\bi(?:'m| am) (?:(?:the )?(?:queen|king|emperor|president|tsar) of (?:england|france|spain|rome|the (?:world"
    r"|universe|moon|sea))"
    r"|batman|superman|santa claus|the pope)\b",
    re.IGNORECASE,
)
_SARCASM = re.compile(
    r"^\W*(?:oh|ah|well)?,? ?(?:yeah|yes|sure),? (?:right|because)\b|\byeah,? right\b"
    r"|^\W*oh,? (?:great|joy|wonderful|fantastic|lovely|brilliant|perfect|goody|fun|yay|how (?:nice|lovely"
    r"|wonderful))\b"
    r"|\bsaid (?:no one|nobody|no-one) ever\b|\b(?:no one|nobody) ever said\b|\bbecause (?:who|everyone"
    r"|everybody) (?:doesn't|does not|just)? ?"
    r"(?:love|loves|enjoy|enjoys|want|wants|like|likes|need|needs)\b|\bnothing says \w+ (?:like|quite)\b"
    r"|(?:[.!?\u2026-]|\s)\s*(?:NOT|Not)\s?!+\W*$|[\U0001f644]|\bas if!|\bwhat a (?:treat|thrill|joy|dream|delight"
    r"|surprise)\b"
    r"|\b(?:so|just|how|really) (?:lucky|blessed|fortunate)\b[^.!?]{0,50}\b(?:cancel|broke|broken|lost|late|crash"
    r"|stolen|delay|sick|missed|flood)"
    r"|\b(?:world[- ]famous|world[- ]class|legendary|a legend|a genius|a star"
    r"|the best in the world)\b[^.!?]{0,20},? (?:at least|if you ask|according to)\b"
    r"|\bwatching paint dry\b|, (?:what else|obviously)[.!]*$"
    r"|\bthanks a lot,[^.!?]{0,40}\bi (?:really|just|so) "
    r"(?:love|enjoy|like)\b|\bjust what i (?:always )?(?:needed|wanted)\b"
    r"|\bmy (?:absolute |all-time |very )?favou?rite (?:thing|part|hobby|pastime|activity)[^.!?]{0,40}\b(?:waiting"
    r"|stuck|being (?:ignored"
    r"|yelled|shouted|interrupted|woken|late|stuck|ill|sick)|traffic|taxes|queu(?:e|ing)|spam|migraines?|hangovers?)\b"
    r"|\b(?:just|absolutely|totally|simply|really) (?:love|adore|enjoy|live for)s? (?:it when|when|how|being"
    r"|getting|waiting|sitting"
    r"|standing|paying|having)\b[^.!?]{0,60}\b(?:stuck|late|broken|breaks?|crash(?:es|ing)?|fail(?:s|ing)?"
    r"|ignored?s?|yell(?:s|ed|ing)?"
    r"|shout(?:s|ed|ing)?|wak(?:es?|ing)|woken|traffic|queue|rain(?:s|ing)? on|cancel(?:s|led|ed)?|lost|stolen"
    r"|steals?|tax(?:es)?|bills"
    r"|on hold|dies?|dying|explod(?:es|ing)|freez(?:es|ing)|delay(?:s|ed)?|screaming|honk(?:s|ing)?|interrupt(?:s"
    r"|ed)?|4 ?a\.?m|5 ?a\.?m|3 ?a\.?m|hours|fever"
    r"|sick|spam)\b",
    re.IGNORECASE,
)


def is_flagged_joke(text: str) -> bool:
    """Whether a text says of itself that it jokes.

    Example:
        >>> is_flagged_joke("I own the moon, just kidding!"), is_flagged_joke("I'm not joking, I love it.")
        (True, False)
    """
    return _JOKE.search(text) is not None


def is_sarcastic(text: str) -> bool:
    """Whether a sentence has one of the fixed forms of sarcasm. Most sarcasm has none, and is not found.

    Example:
        >>> is_sarcastic("Oh great, another meeting."), is_sarcastic("I love it when my sister visits.")
        (True, False)
    """
    return _SARCASM.search(text) is not None
