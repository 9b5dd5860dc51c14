"""Whether a short answer says yes to what was said just before it. Pure."""

from __future__ import annotations

import re

from treering.memory.wording.folding import fold

MAX_ASSENT_WORDS = 8
"""A longer answer says something of its own, and is heard by itself."""

_LEAD = r"\W*(?:(?:oh|ah|haha|lol|well|hm+|ok(?:ay)?)\W+)*"
#: These say yes whatever follows; the others only where nothing else is said with them: "true crime" is no yes.
_YES = re.compile(
    rf"{_LEAD}(?:yes|yeah|yep|yup|yea|aye|indeed|affirmative|confirmed|you got it|spot on"
    r"|that's (?:right|correct|true|me)"
    r"|that is (?:right|correct|true)|you(?:'re| are) right|oui|ouais|jawohl|claro que si|sim"
    r"|\u0434\u0430|\u306f\u3044|\u662f\u7684?|\u5bf9\u7684|\u6ca1\u9519|\ub124|\u0646\u0639\u0645)(?![\w'])",
    re.IGNORECASE,
)
_LONE_YES = re.compile(
    rf"{_LEAD}(?:correct|exactly|precisely|absolutely|definitely|certainly|of course|sure|right|true"
    r"|i (?:do|am|did|was|have)"
    r"|ya|ja|genau|stimmt|richtig|si|claro|exacto|correcto|exactement|certo|isso|esatto|vero|da|tak|evet|naam|haan"
    r"|\u0432\u0435\u0440\u043d\u043e|\u0939\u093e\u0901|\u0939\u093e\u0902|\u5bf9|\u5c0d|\u3046\u3093"
    r"|\u305d\u3046(?:\u3067\u3059)?|\uc608|\uc751|\u05db\u05df)\s*(?:$|[.,!;:\u2026\u3002\uff0c\uff01\u060c-])",
    re.IGNORECASE,
)
_DOUBT = re.compile(
    r"[?\uff1f]|\b(?:no|not|never|nope|but|except|although|though|only|almost|sort of|kind of|maybe|perhaps|used to|if"
    r"|isn't|don't|didn't|wasn't|haven't|can't|won't|right now|joking|kidding|pero|mais|aber|nicht|nein|mas|ma)\b",
    re.IGNORECASE,
)


def is_assent(text: str) -> bool:
    """Whether a text is a short yes and nothing else, in one of the languages that the pattern knows.

    Example:
        >>> [is_assent(text) for text in ("Yes, exactly!", "Genau.", "Yes, but only in summer", "True crime, mostly")]
        [True, True, False, False]
    """
    plain = fold(text).strip()
    if _DOUBT.search(plain) or len(plain.split()) > MAX_ASSENT_WORDS:
        return False
    return bool(_YES.match(plain) or _LONE_YES.match(plain))
