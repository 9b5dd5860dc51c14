"""Relative dates against the date of the message: "last week" becomes "in the week of 2024-02-26"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from treering.memory.retrieval.times.calendar import (
    Period,
    around,
    day,
    month,
    season,
    shifted,
    week,
    weekday,
    weekend,
    written,
    year,
)
from treering.memory.retrieval.times.vocabulary import (
    COUNT,
    DAY_NUMBER,
    DAY_SHIFT,
    FUTURE,
    MONTH,
    SEASONS,
    STEP,
    WEEKDAY,
    WEEKDAYS,
    YEAR,
    counted,
)

_ROLES: dict[str, Literal["since", "until"]] = {
    "to": "until",
    "since": "since", "from": "since", "until": "until", "till": "until", "by": "until", "before": "until",
}  # fmt: skip
_KEPT_LEADS = {"after", "around", "of", "for"}
_LEAD = r"(?:(?P<lead>since|until|till|by|before|after|from|around|back in|back on|on|in|during|for|of|to) )?"

#: Cheap look before the expensive one: most clauses name no time at all.
_MAYBE = re.compile(
    rf"\d|\b(?:ago|last|next|this|since|for|yesterday|today|tonight|tomorrow|weeks?|months?|years?|days?|{WEEKDAY})\b"
    rf"|\b{MONTH}",
    re.IGNORECASE,
)
_PERFECT = re.compile(r"\b(?:have|has|haven't|hasn't)\b|'ve\b|'s been", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A text whose dates stand for themselves, and what they say of its validity."""

    text: str
    since: datetime | None = None
    """Since when it is so, where that was said and is past."""
    until: datetime | None = None
    """Until when it was so, where both ends were said."""
    is_dated: bool = False
    """It names a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    at: datetime
    future: bool
    perfect: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mention:
    period: Period
    words: str
    role: Literal["since", "until", "at"] = "at"


def resolve_dates(text: str, at: datetime) -> Dated:
    """The text with relative dates made absolute, seen from `at`.

    Example:
        >>> resolve_dates("moved to Lisbon last week", datetime(2024, 3, 5, 12, tzinfo=UTC)).text
        'moved to Lisbon in the week of 2024-02-26'
    """
    if not _MAYBE.search(text):
        return Dated(text=text)
    setting = _setting(text, at)
    mentions: list[_Mention] = []

    def replace(hit: re.Match[str]) -> str:
        mention = _read(hit, setting)
        if mention is None:
            return hit[0]
        mentions.append(mention)
        return mention.words

    absolute = _PHRASE.sub(replace, text)
    since, until = _validity(mentions, setting.at)
    return Dated(text=absolute, since=since, until=until, is_dated=bool(mentions))


def is_time_phrase(text: str) -> bool:
    """Whether a phrase says when and nothing else: "In 2018", "Last week", "Since March"."""
    hit = _PHRASE.match(text)
    return hit is not None and hit.end() >= len(text.rstrip(" ,"))


def _setting(text: str, at: datetime) -> _Setting:
    now = at.astimezone(UTC).replace(tzinfo=None)
    return _Setting(at=now, future=bool(FUTURE.search(text)), perfect=bool(_PERFECT.search(text)))


def _read(hit: re.Match[str], setting: _Setting) -> _Mention | None:
    pattern, reader = _RULES[int((hit.lastgroup or "r0")[1:])]
    parts = pattern.fullmatch(hit[0])
    if parts is None:
        return None
    try:
        return reader(parts, setting)
    except (OverflowError, ValueError):  # a date beyond the calendar is no date
        return None


def _validity(mentions: list[_Mention], now: datetime) -> tuple[datetime | None, datetime | None]:
    # a plan for next year is true from the moment it is told: only past dates say since when
    begins = [m.period.start for m in mentions if m.role != "until" and m.period.start <= now]
    ends = [m.period.end for m in mentions if m.role == "until" and m.period.end <= now]
    since = begins[0].replace(tzinfo=UTC) if begins else None
    until = ends[0].replace(tzinfo=UTC) if ends else None
    return since, until if since and until and since <= until else None


def _say(period: Period | None, hit: re.Match[str]) -> _Mention | None:
    if period is None:
        return None
    lead = (hit["lead"] or "").lower()
    if lead in _ROLES:
        return _Mention(period=period, words=f"{lead} {period.bare}", role=_ROLES[lead])
    return _Mention(period=period, words=f"{lead} {period.bare}" if lead in _KEPT_LEADS else period.named)


def _as_written(period: Period | None, hit: re.Match[str]) -> _Mention | None:
    if period is None:
        return None
    return _Mention(period=period, words=hit[0], role=_ROLES.get((hit["lead"] or "").lower(), "at"))


def _day(hit: re.Match[str], setting: _Setting) -> _Mention | None:
    words = hit["day"].lower()
    part = "night" if words in ("tonight", "last night") else (hit["part"] or "").strip().lower()
    part = words.removeprefix("this ") if words.startswith("this ") else part
    period = day(setting.at + timedelta(days=DAY_SHIFT.get(words, 0)))
    return _Mention(period=period, words=f"on the {part} of {period.bare}") if part else _say(period, hit)


def _unit(hit: re.Match[str], setting: _Setting) -> _Mention | None:
    step, unit, at = STEP[hit["which"].lower()], hit["unit"].lower(), setting.at
    if unit in WEEKDAYS:
        return _say(weekday(at, unit, ahead=step >= 0), hit)
    if unit in SEASONS:
        return _say(season(at, unit, step), hit)
    if unit in _UNITS:
        return _say(_UNITS[unit](at, step), hit)
    return _say(written(hit["unit"], at, future=step > 0 or (step == 0 and setting.future)), hit)


_UNITS: dict[str, Callable[[datetime, int], Period | None]] = {
    "week": lambda at, step: week(at + timedelta(weeks=step)),
    "weekend": lambda at, step: weekend(at + timedelta(weeks=step)),
    "month": month,
    "year": lambda at, step: year(at.year + step),
}


def _ago(hit: re.Match[str], setting: _Setting) -> _Mention | None:
    period = _shifted(setting, hit, -1)
    if period and re.search("few|couple", hit["count"]):
        return _Mention(period=period, words=f"around {period.bare}")
    return _say(period, hit)


def _span(hit: re.Match[str], setting: _Setting) -> _Mention | None:
    """Read "for three years", "in two weeks": dates only beside a tense that makes them so."""
    if setting.future:
        return _say(_shifted(setting, hit, 1), hit) if hit["lead"].lower() == "in" else None
    period = _shifted(setting, hit, -1) if setting.perfect else None
    return _Mention(period=period, words=f"since {period.bare}", role="since") if period else None


def _weekday(hit: re.Match[str], setting: _Setting) -> _Mention | None:
    return _say(weekday(setting.at, hit["weekday"].lower(), ahead=setting.future), hit)


def _written(hit: re.Match[str], setting: _Setting) -> _Mention | None:
    words = hit["written"]
    is_ahead = setting.future or (hit["lead"] or "").lower() == "by"
    period = written(words, setting.at, future=is_ahead)
    return _as_written(period, hit) if re.search(r"\d{4}", words) else _say(period, hit)


def _year(hit: re.Match[str], _: _Setting) -> _Mention | None:
    return _as_written(year(int(hit["year"])), hit)


def _shifted(setting: _Setting, hit: re.Match[str], direction: int) -> Period | None:
    unit = hit["unit"].lower().rstrip("s")
    return around(shifted(setting.at, unit, direction * counted(hit["count"].lower())), unit)


_Reader = Callable[[re.Match[str], _Setting], _Mention | None]
_TODAY = r"the day before yesterday|yesterday|last night|tonight|today|tomorrow|this (?:morning|afternoon|evening)"
_OF_LATE = r"(?:the (?:last|past) |over |about |almost |nearly )?"
_UNIT = rf"weekend|week|month|year|spring|summer|autumn|fall|winter|{WEEKDAY}|{MONTH}"
_BEFORE_A_NAME = r"(?P<lead>since|until|till|by|before|after|from|around|in|back in|during|last|of)"
_SOURCES: tuple[tuple[str, _Reader], ...] = (
    (rf"{_LEAD}(?P<day>{_TODAY})(?P<part> (?:morning|afternoon|evening|night))?", _day),
    (rf"{_LEAD}(?:the )?(?P<which>last|past|this|next|coming) (?P<unit>{_UNIT})", _unit),
    (rf"{_LEAD}(?P<count>{COUNT}) (?P<unit>years?|months?|weeks?|days?|hours?) ago", _ago),
    (rf"(?P<lead>for|in) {_OF_LATE}(?P<count>{COUNT}) (?P<unit>years?|months?|weeks?|days?)(?: now)?", _span),
    (rf"{_LEAD}(?P<written>{MONTH} {DAY_NUMBER}(?:,? {YEAR})?)", _written),
    (rf"{_LEAD}(?P<written>(?:the )?{DAY_NUMBER}(?: of)? {MONTH}(?:,? {YEAR})?)", _written),
    (rf"{_LEAD}(?P<written>{MONTH},? (?:of )?{YEAR})", _written),
    (rf"{_BEFORE_A_NAME} (?P<written>{MONTH})", _written),
    (rf"{_LEAD}(?P<written>{YEAR}-\d\d-\d\d)", _written),
    (rf"(?P<lead>on|since|until|till|by|before|after) (?P<weekday>{WEEKDAY})", _weekday),
    (rf"(?P<lead>since|until|till|by|before|after|from|around|in|back in|during|to) (?P<year>{YEAR})", _year),
)
_RULES: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(source, re.IGNORECASE), reader) for source, reader in _SOURCES
)
_NAMED_GROUP = re.compile(r"\?P<[a-z]+>")
_PHRASE = re.compile(
    "|".join(
        rf"(?P<r{number}>(?<![\w-]){_NAMED_GROUP.sub('?:', source)}(?![\w-]))"
        for number, (source, _) in enumerate(_SOURCES)
    ),
    re.IGNORECASE,
)
