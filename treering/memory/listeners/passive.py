"""Sentences in which the speaker is the object, told of the speaker: "The doctor put me on metformin"."""

from __future__ import annotations

import re

from treering.memory.listeners.grammar import rest_in_third_person
from treering.memory.listeners.verbs import third_person

_SUBJECT = r"(?P<who>(?:[A-ZÀ-Þa-z][\w'-]*)(?: [\w'-]+){0,4}?)"
_ADVERB = r"(?:just |finally |recently |also |actually |then |once |even )?"
#: What somebody does to somebody, and how the one it is done to tells it. A tail of `on`, `off`, `to` … stays behind.
_DONE = {
    "put": "put", "prescribed": "prescribed", "diagnosed": "diagnosed", "promoted": "promoted", "hired": "hired",
    "fired": "fired", "laid": "laid", "raised": "raised", "brought": "brought", "taught": "taught",
    "offered": "offered", "awarded": "awarded", "elected": "elected", "accepted": "accepted",
    "rejected": "rejected", "transferred": "transferred", "moved": "moved", "adopted": "adopted",
    "invited": "invited", "nominated": "nominated", "appointed": "appointed", "demoted": "demoted",
    "let": "let", "dumped": "dumped", "left": "left", "referred": "referred", "vaccinated": "vaccinated",
    "named": "named", "chose": "chosen", "gave": "given", "got": "given", "bought": "given", "made": "made",
    "advised": "advised", "warned": "warned", "assigned": "assigned", "trained": "trained",
}  # fmt: skip
_ACTED = re.compile(
    rf"^{_SUBJECT} {_ADVERB}(?:has |have |had )?(?P<verb>{'|'.join(_DONE)}) (?:me|us)"
    r"(?P<rest>(?: .+)?)$"
)
#: Verbs that need these words after `me`, as "made me laugh" and "let me know" say nothing of what was done.
_NEEDS = {
    "put": r"on\b|through (?:school|college|university)", "laid": r"off\b", "brought": r"up\b", "let": r"go\b",
    "left": r"(?:$|for\b|after\b|last\b|in \d)", "made": r"(?:a|an|the|redundant|manager|partner|head|captain)\b",
    "got": r"(?:a|an|my|the|two|three|some|tickets)\b", "gave": r"(?:a|an|my|two|three|some)\b",
    "bought": r"(?:a|an|my|the|two|three|some|tickets)\b", "named": r"(?:after|head|manager|captain)\b",
    "moved": r"(?:to|into|from|up)\b", "invited": r"to\b"
}  # fmt: skip
_NOBODY = re.compile(r"^(?:they|someone|somebody|people|it|that|this|he|she|you|which|what|who)$", re.IGNORECASE)
_DETERMINED = re.compile(r"^(?:my|our|the|an?)\b", re.IGNORECASE)
_BY = re.compile(r"^(?:my|our|the|a|an|[A-ZÀ-Þ])")

#: Feelings that something stirs, and how the one who has them tells it.
_STIRS = {
    "scare": "is scared of", "frighten": "is frightened of", "terrif": "is terrified of", "bore": "is bored by",
    "annoy": "is annoyed by", "irritate": "is irritated by", "disgust": "is disgusted by",
    "fascinate": "is fascinated by",
    "inspire": "is inspired by", "interest": "is interested in", "stress": "is stressed by", "worr": "is worried about",
    "calm": "is calmed by", "relax": "is relaxed by", "excite": "is excited about", "amuse": "is amused by",
    "depress": "is depressed by", "exhaust": "is exhausted by", "drain": "is drained by", "intrigue": "is intrigued by",
}  # fmt: skip
_STIRRED = re.compile(
    rf"^(?P<what>(?!(?:it|that|this|which|he|she|they|you|what)\b)[\w'À-ÿ-]+(?: [\w'À-ÿ-]+){{0,7}}?) "
    rf"(?:really |always |just |still |totally |absolutely |often |sometimes )?(?P<verb>{'|'.join(_STIRS)})"
    r"(?:e?s|ies|y)? (?:me|us)(?: out| a lot| so much| to death| deeply| really)*$",
    re.IGNORECASE,
)
_GIVES = re.compile(
    r"^(?P<what>(?!(?:it|that|this|which|he|she|they|you|what|i|we)\b)[\w'À-ÿ-]+(?: [\w'À-ÿ-]+){0,6}?) "
    r"(?:always |usually |often |sometimes |really )?gives? me (?P<gift>(?:a |an |the |bad |terrible |awful |severe )*"
    r"(?:heartburn|headaches?|migraines?|hives|rash(?:es)?|nightmares?|anxiety|stomach (?:aches?|pains?)|cramps|gas"
    r"|indigestion|energy|comfort|joy|chills|creeps|goosebumps|peace))$",
    re.IGNORECASE,
)
_TOOK = re.compile(
    r"^it (?P<took>took|has taken|takes) me (?P<long>(?:only |about |around |over |almost |nearly |more than )*[\w'-]+"
    r"(?: [\w'-]+){0,3}?) (?P<what>to .+)$",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"^(?i:people|everyone|everybody|(?:all )?my (?:friends|family|colleagues|mates|parents)|they|most people"
    r"|(?:the )?kids at school) (?:usually |often |all |always |just |mostly )?calls? me (?P<name>[A-ZÀ-Þ][\w'-]*"
    r"(?: [A-ZÀ-Þ][\w'-]*)?)$",
)
_CLEFT = re.compile(
    r"^(?:what|all|the (?:one |only )?thing(?: that)?) (?:i|we) (?P<adverb>really |always |just |only )?"
    r"(?P<verb>want|need|love|hate|enjoy|like|miss|prefer|fear|value|dislike)"
    r"(?P<most>(?: most| the most| more than anything| best| right now| now)?) (?:is|are) (?P<what>.+)$",
    re.IGNORECASE,
)
_NOTHING_MORE = re.compile(
    r"^there(?:'s| is) nothing (?:that )?(?:i|we) (?P<verb>love|like|enjoy|hate|want|fear"
    r"|value) more than (?P<what>.+)$",
    re.IGNORECASE,
)
_OCCASION = r"(?P<what>(?:\d+\w* )?(?:birthday|anniversary|wedding anniversary|wedding|name day))"
_IS_MY_DAY = re.compile(rf"^(?P<when>on [\w -]+?) is (?:my|our) {_OCCASION}$", re.IGNORECASE)
_MY_DAY_IS = re.compile(rf"^it(?:'s| is| was) (?:my|our) {_OCCASION} (?P<when>on .+|in .+)$", re.IGNORECASE)
_TOGETHER = re.compile(r"^(?P<who>[A-ZÀ-Þ][\w'-]*(?: [A-ZÀ-Þ][\w'-]*)?) and (?:I|me) (?P<rest>.+)$")
_MY_PET = re.compile(
    r"^(?P<name>[A-ZÀ-Þ][\w'-]*(?: [A-ZÀ-Þ][\w'-]*)?),? (?P<who>my [a-z -]{2,30}),? (?P<rest>[a-z].+)$"
)
_WITH_ME = re.compile(
    r"^(?:me and my (?P<after>[\w' -]{2,30}?)|my (?P<before>[\w' -]{2,30}?) and me) (?=[a-z])", re.IGNORECASE
)
_HAVE_GOT = re.compile(r"^(I|we)(?:'ve| have) got (?!to\b)", re.IGNORECASE)
#: What each of several is.
_WE_ARE = re.compile(
    r"^(?:we're|we are) (?:both |all )?(?P<one>[a-z]+(?:ian|vegan|er|or|ist|parent|student|agnostic|artist|nurse))s\b",
    re.IGNORECASE,
)
#: "It was my father who taught me": the same as "my father taught me".
_IT_WAS = re.compile(r"^it(?:'s| is| was) (?=(?:my|our|the|a|[A-ZÀ-Þ])[\w' -]{1,40}? who )", re.IGNORECASE)
_WHO = re.compile(r"^(?P<who>(?:my|our|the|a|[A-ZÀ-Þ])[\w' -]{1,40}?) who (?=\w)", re.IGNORECASE)


def from_object(text: str) -> str | None:
    """A sentence about something done to the speaker, as a statement about the speaker; None for any other.

    Example:
        >>> from_object("The doctor put me on metformin"), from_object("It took me two years to learn the violin")
        ('was put on metformin by the doctor', 'took two years to learn the violin')
    """
    text = text.strip().rstrip(".!;:,\u2026 ")
    if _IT_WAS.match(text):
        text = _WHO.sub(r"\g<who> ", _IT_WAS.sub("", text), count=1)
    for pattern, say in _FORMS:
        hit = pattern.match(text)
        if hit and (told := say(hit)):
            return rest_in_third_person(told)
    return None


def in_first_person(text: str) -> str:
    """The sentence with the speaker in front, where that takes no more than another order of words.

    Example:
        >>> in_first_person("Ana and I broke up"), in_first_person("Biscuit, my dog, hates thunder")
        ('I broke up with Ana', 'my dog Biscuit hates thunder')
    """
    text = _WITH_ME.sub(lambda hit: f"My {hit['after'] or hit['before']} and I ", text)
    text = _HAVE_GOT.sub(r"\1 have ", text)
    text = _WE_ARE.sub(lambda hit: f"I'm {'an' if hit['one'][0] in 'aeiou' else 'a'} {hit['one']}", text)
    together = _TOGETHER.match(text)
    if together:
        return f"I {together['rest'].rstrip('.! ')} with {together['who']}"
    pet = _MY_PET.match(text)
    return f"{pet['who']} {pet['name']} {pet['rest']}" if pet and "," in text[: pet.end("who") + 1] else text


def _passive(hit: re.Match[str]) -> str | None:
    verb, rest, who = hit["verb"], hit["rest"].strip(), hit["who"]
    needed = _NEEDS.get(verb)
    if (needed and not re.match(needed, rest)) or who.lower() in ("i", "we", "you"):
        return None
    if re.match(r"(?:that|to know|if|how|what|why)\b", rest):
        return None
    told = f"was {_DONE[verb]} {rest}".rstrip()
    if _NOBODY.match(who) or not _BY.match(who):
        return told
    return f"{told} by {who[0].lower() + who[1:] if _DETERMINED.match(who) else who}"


def _stirred(hit: re.Match[str]) -> str:
    what = hit["what"]
    return f"{_STIRS[hit['verb'].lower()]} {what[0].lower() + what[1:] if what[1:2].islower() else what}"


def _gets(hit: re.Match[str]) -> str:
    what = hit["what"]
    return f"gets {hit['gift']} from {what[0].lower() + what[1:]}"


def _took(hit: re.Match[str]) -> str:
    verb = "takes" if hit["took"].lower() == "takes" else "took"
    return f"{verb} {hit['long']} {hit['what']}"


def _is_called(hit: re.Match[str]) -> str:
    return f"is called {hit['name']}"


def _cleft(hit: re.Match[str]) -> str:
    most = "" if "now" in hit["most"] else hit["most"]
    return f"{hit['adverb'] or ''}{third_person(hit['verb'].lower())} {hit['what']}{most}"


def _more_than_anything(hit: re.Match[str]) -> str:
    return f"{third_person(hit['verb'].lower())} {hit['what']} more than anything"


def _day(hit: re.Match[str]) -> str:
    return f"has their {hit['what']} {hit['when']}"


_FORMS = (
    (_TOOK, _took),
    (_CALLED, _is_called),
    (_CLEFT, _cleft),
    (_NOTHING_MORE, _more_than_anything),
    (_IS_MY_DAY, _day),
    (_MY_DAY_IS, _day),
    (_GIVES, _gets),
    (_STIRRED, _stirred),
    (_ACTED, _passive),
)
