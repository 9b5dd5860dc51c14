"""First person to third: "I love my dog" becomes "loves their dog", with no subject in front."""

from __future__ import annotations

import re
from typing import Final

from treering.memory.listeners.lexicon import (
    ADVERBS,
    AFTER_VERB,
    COORDINATED,
    FILLERS,
    LIKING,
    MODALS,
    NO_VERBS,
    RELATIONS,
    SAME_IN_PAST,
)
from treering.memory.listeners.verbs import is_past, third_person

_KIN_MODIFIER = (
    r"(?:older |younger |elder |little |big |oldest |youngest |eldest |middle |best |closest |close |late |new "
    r"|old |only |twin |half-?|"
    r"first |second |former |current |dear |beloved |\d+[- ]year[- ]old )*"
)
_RELATION = re.compile(
    rf"^(?:my|our) (?P<who>{_KIN_MODIFIER}(?P<noun>[a-zé]+(?:-[a-z]+)*))(?P<poss>'s)?\b", re.IGNORECASE
)
_NAME = r"[A-ZÀ-Þ][\w'-]*(?: [A-ZÀ-Þ][\w'-]*)?"

_HABIT = re.compile(
    r"\b(?:always|usually|often|sometimes|every|each|daily|weekly|regularly|a lot|on weekends|in the (?:mornings?"
    r"|evenings?)|most)\b"
)
_PAST_HINT = re.compile(
    r"\b(?:recently|just|already|once|finally|\d{4}|yesterday|ago|last|in the (?:night|week|year)|on the night)\b"
)
_PRONOUNS: Final = {
    "i": "they", "i'm": "they're", "i've": "they've", "i'd": "they'd", "i'll": "they'll", "me": "them", "my": "their",
    "mine": "theirs", "myself": "themselves", "we": "they", "we're": "they're", "we've": "they've", "we'd": "they'd",
    "we'll": "they'll", "us": "them", "our": "their", "ours": "theirs", "ourselves": "themselves",
}  # fmt: skip
_AM = re.compile(r"\bI am\b", re.IGNORECASE)
_WAS = re.compile(r"\bI was\b", re.IGNORECASE)
#: The name of a work, in quotation marks: the person in it is not the speaker.
_TITLE = re.compile(r"((?<![\w'])['\"\u201c][A-ZÀ-Þ0-9][^'\"\u201c\u201d]{1,60}['\"\u201d](?!\w))")
_WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:['-][A-Za-zÀ-ÿ]+)*")
_SUBJECT = re.compile(r"^(?:I|we)(?P<clitic>'(?:m|ve|d|ll|re))?\b,?\s*", re.IGNORECASE)
#: Before `and`: what follows is no second verb of the speaker, but goes with `to`, a modal, or another subject.
_BINDS_BASE = re.compile(r"\b(?:(?:to|help|let|make|can|will) \w+|that|which|who|where)\b")
_VERB_SHAPE = re.compile(r"[A-Za-z]+(?:'t)?(?:-[a-z]+)?")
_POINTS_BACK = re.compile(r"(?:it|that|this|these|those|there|they|he|she|you|which|what|who)\b", re.IGNORECASE)
#: The same person again after `and`: "loves jazz and she hates rock" is one statement on one person.
_AND_THEY = re.compile(r",? (and|but) (?:she|he) (?=[a-z]+)")
#: "Tom, who lives in Oslo, is a pilot": the second thing that is said of him.
_AND_IS = re.compile(r", (?=(?:is|was|has|works|lives|plays|loves|likes|hates|\w+s) )")
_BOTH = re.compile(r"^((?:we're|we are|we|we've)) (?:both|all) ", re.IGNORECASE)
_WANTS = frozenset({"like", "love", "prefer", "rather", "hate", "never", "want", "choose"})


def third_person_claim(clause: str) -> str | None:
    """The clause as a statement about the speaker, without subject; None if it has no form that can be turned.

    Example:
        >>> third_person_claim("I love hiking with my dog"), third_person_claim("My sister Ana lives in Porto")
        ('loves hiking with their dog', 'has a sister named Ana who lives in Porto')
    """
    text = _BOTH.sub(r"\1 ", clause.strip().rstrip(".!;:,… "))
    subject = _SUBJECT.match(text)
    if subject:
        return _from_i(subject["clitic"] or "", text[subject.end() :])
    if re.match(r"(?:my|our) ", text, re.IGNORECASE):
        return _from_my(text)
    turned = rest_in_third_person(text)
    return turned if turned != text and not _POINTS_BACK.match(text) else None


def rest_in_third_person(text: str) -> str:
    """The text with its first-person pronouns turned, and the verbs `am` and `was` after them; titles stay.

    Example:
        >>> rest_in_third_person("like I do, my dog loves 'My Fair Lady'")
        "like they do, their dog loves 'My Fair Lady'"
    """
    parts = _TITLE.split(text)
    parts[::2] = [_WORD.sub(_turn_pronoun, _WAS.sub("they were", _AM.sub("they are", part))) for part in parts[::2]]
    return "".join(parts)


def _turn_pronoun(word: re.Match[str]) -> str:
    if word[0] == "US":  # the country
        return word[0]
    return _PRONOUNS.get(word[0].lower(), word[0])


def _from_i(clitic: str, rest: str) -> str | None:
    words = rest.split(" ")
    adverbs: list[str] = []
    if rest.lower().startswith("no longer "):
        words, adverbs = words[2:], ["no longer"]
    while words and _is_adverb(words[0]):
        adverbs.append(words.pop(0).strip(",").lower())
    if not words:
        return None
    kept = [word for word in adverbs if word not in FILLERS and word != "too"]
    helper = _helper(clitic, words[0].lower())
    if helper:
        return " ".join([helper, *kept, rest_in_third_person(_coordinate(words, finite=True))])
    if words[0].lower() in NO_VERBS or not _VERB_SHAPE.fullmatch(words[0].rstrip(",")):
        return None
    verb = words[0].rstrip(",")
    turned = _finite(verb, rest)
    tail = _coordinate(words, finite=turned != verb)[len(words[0]) :].lstrip()
    return " ".join([*kept, turned, rest_in_third_person(tail)]).strip()


def _is_adverb(word: str) -> bool:
    word = word.lower()
    return word == "too," or word.strip(",") in FILLERS | ADVERBS


def _helper(clitic: str, following: str) -> str:
    if clitic in ("'d", "'D"):
        return "would" if following in _WANTS or not (is_past(following) or following in ("been", "had")) else "had"
    return {"'m": "is", "'re": "is", "'ve": "has", "'ll": "will"}.get(clitic.lower(), "")


def _finite(verb: str, rest: str) -> str:
    word = verb.lower()
    if word in SAME_IN_PAST:
        present = _HABIT.search(rest) or (word == "read" and not _PAST_HINT.search(rest))
        return third_person(word) if present else word
    return third_person(word)


def _coordinate(words: list[str], *, finite: bool) -> str:
    """The words again, a second verb after `and` turned like the first: "wake up and run" to "wakes up and runs"."""
    text = " ".join(words)
    if not finite or words[0].lower() in MODALS or _BINDS_BASE.search(re.split(r" (?:and|or|but|then) ", text)[0]):
        return text
    strict = words[0].lower() in LIKING
    return re.sub(
        r"\b(and|but|or|then) ((?:then |also |always |usually |often |sometimes |never )?)(don't|am|have"
        r"|[a-z]+)(?= (\w+)|$)",
        lambda hit: _second_verb(hit, strict=strict),
        text,
    )


def _second_verb(hit: re.Match[str], *, strict: bool) -> str:
    verb, following = hit[3], hit[4] or ""
    sure = verb in ("don't", "am", "have", "need", "want", "prefer")
    if sure or (verb in COORDINATED and (not strict or following in AFTER_VERB)):
        return f"{hit[1]} {hit[2]}{third_person(verb)}"
    return hit[0]


def _from_my(text: str) -> str | None:
    text = re.sub(r"^([Mm]y|[Oo]ur) (\w+)'s (?=named|called)", r"\1 \2 is ", text)
    named = re.match(
        r"my (?:full |first |real |given )?name(?: is|'s) (.+?)(?:,? (?:and )?not .+)?$", text, re.IGNORECASE
    )
    if named:
        return f"is named {rest_in_third_person(named[1])}"
    companion = re.match(r"my ([\w -]{2,30}?) and I (.+)", text, re.IGNORECASE)
    if companion:
        turned = _from_i("", companion[2])
        return turned and f"{'is' + turned[3:] if turned.startswith('are ') else turned} with their {companion[1]}"
    relation = _RELATION.match(text)
    if relation and relation["noun"].lower() in RELATIONS:
        return _relation(relation, text[relation.end() :].strip())
    return rest_in_third_person(text)


def _relation(relation: re.Match[str], rest: str) -> str | None:
    who = _article(relation["who"])
    if relation["poss"]:
        name = re.match(rf"name (?:is|was) ({_NAME})(.*)", rest)
        return (
            f"has {who} named {name[1]}{rest_in_third_person(name[2])}"
            if name
            else rest_in_third_person(f"their {relation['who']}'s {rest}")
        )
    called = re.match(r"(?:is|are) (?:named|called) (.+)", rest)
    if called:
        return f"has {who} named {rest_in_third_person(called[1])}"
    name = re.match(rf",? ?({_NAME}),? (?:who )?(?=[a-z])(.+)", rest)
    if name:
        rest = _AND_IS.sub(" and ", name[2], count=1) if " who " in relation.string else name[2]
        return f"has {who} named {name[1]} who {rest_in_third_person(rest)}"
    rest = _AND_THEY.sub(r" \1 ", rest)
    if not rest or not re.match(r"[a-z']+ ", rest + " "):
        return None
    return (
        f"has {who} who {rest_in_third_person(rest)}"
        if re.match(r"[a-z]+ ", rest)
        else rest_in_third_person(f"their {relation['who']} {rest}")
    )


def _article(who: str) -> str:
    who = who.lower()
    last = who.split()[-1]
    if (last.endswith("s") and last != "boss") or last == "children":
        return who
    return ("an " if who[0] in "aeiou" else "a ") + who
