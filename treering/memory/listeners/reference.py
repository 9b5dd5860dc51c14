"""What `it`, `he` and `she` at the start of a sentence stand for, where the sentence before leaves no doubt."""

from __future__ import annotations

import re

from treering.memory.listeners.lexicon import PETS, RELATIONS

_KIN = "|".join(sorted(RELATIONS, key=len, reverse=True))
_ONES_OWN = re.compile(
    r"\bmy (?P<what>(?:(?:new|old|current|first|last|own|favou?rite|weekend|summer|part-time|full-time|dream) )*"
    r"(?:job|office|company|school|university|college|house|flat|apartment|home|car|bike|shop|bakery|business|band|team"
    r"|garden|neighbou?rhood|gym|church|clinic|studio|village|town|hometown|course|thesis|book|blog|podcast|boat|phone"
    r"|laptop|restaurant|caf[eé]|dentist|birthday|wedding|flight|appointment))\b",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(
    rf"\b(?:have|got|adopted|own|bought|rescued) (?:an? )(?:(?!and\b|or\b)[\w-]+ ){{0,3}}?(?P<who>{_KIN})\b(?!-)",
    re.IGNORECASE,
)
_RELATION = re.compile(rf"(?<!-)\b(?:{_KIN})\b(?!-)", re.IGNORECASE)
_IT = re.compile(
    r"^it(?:'s| is) (?=(?:at|in|on|near|called|named|by|close to|next to|just|about|only|part-time|full-time)\b)",
    re.IGNORECASE,
)
_IT_WAS = re.compile(r"^it was (?=(?:at|in|on|near|called|named|by|close to|next to)\b)", re.IGNORECASE)
_CALLED = re.compile(
    r"^(?:(?P<pronoun>he|she|it)(?:'s| is)|(?:his|her|its) name(?:'s| is)) (?:called "
    r"|named )?(?P<name>[A-ZÀ-Þ][\w'-]*)\b",
    re.IGNORECASE,
)
_NAME_FOLLOWS = re.compile(r"(?:called|named|name(?:'s| is)) $", re.IGNORECASE)


def antecedent(sentence: str) -> str | None:
    """The one thing or relation of the speaker's own that a sentence names; None where it names none or several.

    Example:
        >>> antecedent("I love my new job."), antecedent("I have a dog."), antecedent("My car is by my house.")
        ('my new job', 'my dog', None)
    """
    owned = [hit["what"].lower() for hit in _ONES_OWN.finditer(sentence)]
    people = [hit["who"].lower() for hit in _SOMEBODY.finditer(sentence)]
    if len(owned) + len(people) != 1 or (people and len(_RELATION.findall(sentence)) > 1):
        return None
    return f"my {(owned or people)[0]}"


def resolved(sentence: str, before: str | None) -> str | None:
    """The sentence with the thing of the sentence before in the place of its pronoun; None where that is not sure.

    Example:
        >>> resolved("It's in Porto.", "I love my new job."), resolved("He's called Rex.", "I have a dog.")
        ('my new job is in Porto.', 'my dog is called Rex')
    """
    one = antecedent(before) if before else None
    if one is None:
        return None
    noun = one.removeprefix("my ").rsplit(" ", 1)[-1]
    called = _CALLED.match(sentence)
    if called and (_NAME_FOLLOWS.search(sentence[: called.start("name")])) and called["name"][0].isupper():
        return f"{one} is called {called['name']}" if noun in RELATIONS else None
    if noun in RELATIONS - PETS:
        return None
    for pattern, verb in ((_IT, "is"), (_IT_WAS, "was")):
        hit = pattern.match(sentence)
        if hit:
            return f"{one} {verb} {sentence[hit.end() :]}"
    return None
