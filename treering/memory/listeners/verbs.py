"""English verbs: which form stands there, and the third person of the present."""

from __future__ import annotations

from treering.memory.listeners.lexicon import BASE_IN_ED, MODALS
from treering.memory.retrieval.times.vocabulary import IRREGULAR_PAST

_IRREGULAR = {"am": "is", "'m": "is", "are": "is", "'re": "is", "have": "has", "'ve": "has", "do": "does"}
_NEGATED = {"don't": "doesn't", "haven't": "hasn't", "aren't": "isn't", "ain't": "isn't", "weren't": "wasn't"}
_VOWELS = "aeiou"


def is_past(verb: str) -> bool:
    """Whether a finite verb can only be past.

    Example:
        >>> is_past("moved"), is_past("went"), is_past("need")
        (True, True, False)
    """
    word = verb.lower()
    if word in IRREGULAR_PAST:
        return True
    return word.endswith("ed") and word not in BASE_IN_ED


def third_person(verb: str) -> str:
    """The form of a present verb after `he` or `she`; past forms and modals stay.

    Example:
        >>> third_person("carry"), third_person("am"), third_person("moved"), third_person("don't")
        ('carries', 'is', 'moved', "doesn't")
    """
    word = verb.lower()
    if word == "were":
        return "was"
    if word in MODALS or is_past(word) or word in {"is", "has", "does", "was", "didn't", "wasn't", "hadn't"}:
        return verb
    if word in _IRREGULAR or word in _NEGATED:
        return _IRREGULAR.get(word) or _NEGATED[word]
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return verb[:-1] + "ies"
    if word.endswith(("s", "x", "z", "ch", "sh", "o")):
        return verb + ("es" if not word.endswith("quiz") else "zes")
    return verb + "s"
