"""English words about time, for statements and for questions."""

from __future__ import annotations

import re
from typing import Literal, get_args

Unit = Literal["hour", "day", "weekend", "week", "month", "quarter", "year", "decade"]

COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "couple of": 2, "a couple of": 2, "three": 3, "few": 3, "a few": 3, "four": 4,
    "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
"""Words that count, with their number."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""In the order of `datetime.weekday`."""

SEASONS = ("spring", "summer", "autumn", "fall", "winter")

DAY_SHIFT = {
    "the day before yesterday": -2, "yesterday": -1, "last night": -1, "tomorrow": 1, "the day after tomorrow": 2,
}  # fmt: skip
"""How many days from today; every other word for a day is today."""

STEP = {"last": -1, "past": -1, "previous": -1, "this": 0, "current": 0, "next": 1, "coming": 1}
"""How many weeks, months … from the running one."""

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

MONTH = (
    r"(?-i:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
)
"""A month with its capital: "may" and "march" are verbs."""

COUNT = r"(?:\d{1,3}|(?:a )?couple of|(?:a )?few|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
WEEKDAY = rf"(?:{'|'.join(WEEKDAYS)})"
YEAR = r"(?:19|20)\d\d"
DAY_NUMBER = r"\d{1,2}(?:st|nd|rd|th)?"
PART_OF_DAY = r"(?:morning|afternoon|evening|night)"

FUTURE = re.compile(
    r"\b(?:will|'ll|won't|going to|gonna|plan(?:s|ning)?|about to|upcoming|due|deadline|appointment|interview"
    r"|(?:training|preparing|signed up|registered) for"
    r"|(?:is|are) (?:on|in|at|next|this|tomorrow)|hop(?:e|es|ing) to|wants? to"
    r"|(?:am|'m|are|is|'re) (?:\w+ )?(?:moving|flying|travell?ing|visiting|getting|starting|leaving|meeting|seeing"
    r"|having"
    r"|attending|hosting|running|going|taking|graduating|retiring|turning|expecting|marrying|throwing)"
    # what is said in the present of one day is a timetable: "I start in June", "she visits in March"
    r"|(?<!to )(?:starts?|begins?|leaves?|moves?|fly|flies|arrives?|graduates?|returns?|visits?|retires?|turns?))\b",
    re.IGNORECASE,
)
"""A statement that speaks of what is to come: its "in June" is the next one."""


_TIME_WORDS = frozenset(
    {*WEEKDAYS, *SEASONS}
    | {name.lower() for name in MONTHS}
    | {name[:3].lower() for name in MONTHS}
    | {unit + ending for unit in get_args(Unit) for ending in ("", "s")}
    | {"sept", "yesterday", "today", "tonight", "tomorrow", "night", "morning", "afternoon", "evening", "lately"}
    | {"recently", "recent", "late", "christmas", "halloween", "valentine", "valentines", "thanksgiving"}
)
_WORD = re.compile(r"[a-z]+")
_NUMBER = re.compile(r"(?:19|20)\d\d|\d(?:st|nd|rd|th)\b|\d0['\u2019]?s|q[1-4]\b")


def may_name_a_time(text: str) -> bool:
    """Whether a text has any word of a calendar, a year or an ordinal: a cheap look before an expensive one.

    Example:
        >>> may_name_a_time("We met in May."), may_name_a_time("We met in 3 places.")
        (True, False)
    """
    lower = text.lower()
    return not _TIME_WORDS.isdisjoint(_WORD.findall(lower)) or _NUMBER.search(lower) is not None


IRREGULAR_PAST = frozenset(
    """
    ate awoke became began bent bit bled blew bore bought bound bred broke brought built burnt came caught chose
    clung crept dealt did dove drank dreamt drew drove dug fed fell felt fled flew forgot forgave fought found
    froze gave got ground grew had heard held hid hung kept knelt knew laid lay learnt led left lent lit lost
    made meant met misled mistook outgrew overcame overslept paid ran rang rebuilt redid rode rose said sang
    sank sat saw sent shone shook shot shrank slept slid sold sought spent spoke spoilt sprang stole stood stuck
    stung struck swam swore swept swung taught threw thought took tore told understood undertook undid was went
    wept were woke won wore wound wove withdrew wrote
    """.split()  # noqa: SIM905 - 130 quoted words in a column would be harder to read
)
"""Past forms that no base form shares, but for a few rare verbs (`found`, `ground`, `lay`, `saw`, `wound`)."""


def counted(words: str) -> int:
    """The number that counting words stand for: "a couple of" is 2.

    Raises:
        KeyError: They do not count.
    """
    return int(words) if words.isdigit() else COUNTS[words]
