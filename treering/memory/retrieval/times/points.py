"""Words that name one time: "last summer", "two weeks ago", "7 May 2023", and after a preposition "May" or "2023"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from treering.memory.retrieval.times.calendar import (
    Period,
    around,
    day,
    decade,
    month,
    month_named,
    quarter,
    season,
    season_of,
    shifted,
    week,
    weekday,
    written,
    year,
)
from treering.memory.retrieval.times.holidays import HOLIDAY, holiday
from treering.memory.retrieval.times.vocabulary import (
    COUNT,
    DAY_NUMBER,
    DAY_SHIFT,
    MONTH,
    MONTHS,
    PART_OF_DAY,
    SEASONS,
    STEP,
    WEEKDAY,
    WEEKDAYS,
    YEAR,
    counted,
)

LATELY_DAYS = 60
"""How far back "lately" and "recently" reach."""

_RECENT_DAYS = {"day": 14, "night": 14, "week": 42, "month": 180, "year": 5 * 365}
"""How far back "the other day" and "in recent months" reach."""

_SAME_TIME_DAYS = {"month": 3, "year": 15}
"""How many days either way "this time last year" is."""

_DAY = timedelta(days=1)


Tense = Literal["past", "future"]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """From where times are seen."""

    at: datetime
    """Now, in the person's time zone, without the zone."""
    tense: Tense | None = None
    """Of the text, where it shows: "in May" is the next one of a plan, and "this weekend" may be behind."""

    @property
    def is_ahead(self) -> bool:
        """The text speaks of what is to come."""
        return self.tense == "future"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A time that was named: `start` <= moment < `end`, without a zone."""

    start: datetime
    end: datetime
    stop: int
    """Where its words end in the text."""
    is_floating: bool = False
    """Its words name no year, or no week: which one is meant hangs on from where it is seen."""
    is_vague: bool = False
    """It is meant roughly."""
    is_absolute: bool = False
    """It is written out with its year, so that it is the same from anywhere."""
    needs_lead: bool = False
    """It is a time only after a preposition: "2023"."""
    is_bare: bool = False
    """Also after a preposition it may be something else: "of May", "for Sunday"."""
    is_open: bool = False
    """It goes on; its end is that of the first day."""


Read = Callable[[re.Match[str], View], Point | None]


def point(text: str, at: int, view: View) -> Point | None:
    """The time that is named at a place of a text; None if the words there name none.

    Example:
        >>> named = point("in the third week of last May", 21, View(at=datetime(2024, 3, 5)))
        >>> f"{named.start:%Y-%m-%d} {named.end:%Y-%m-%d}"
        '2023-05-01 2023-06-01'
    """
    for pattern, read in _RULES:
        hit = pattern.match(text, at)
        if hit is not None:
            try:
                found = read(hit, view)
            except (OverflowError, ValueError, KeyError):  # a date beyond the calendar is no date
                found = None
            if found is not None:
                return found
    return None


def of_period(period: Period | None, hit: re.Match[str]) -> Point | None:
    """A period of the calendar as what the words of `hit` name."""
    return None if period is None else Point(start=period.start, end=period.end, stop=hit.end())


def _floating(period: Period, hit: re.Match[str]) -> Point:
    return Point(start=period.start, end=period.end, stop=hit.end(), is_floating=True, needs_lead=True, is_bare=True)


def _day(hit: re.Match[str], view: View) -> Point | None:
    return of_period(day(view.at + DAY_SHIFT.get(hit["day"].lower(), 0) * _DAY), hit)


def _which(hit: re.Match[str], view: View) -> Point | None:
    step = STEP[hit["which"].lower().split()[-1]]
    found = of_period(_stepped(hit["unit"], step, view.at), hit)
    if found and step == 0 and found.start > view.at and view.tense == "past":
        found = of_period(_stepped(hit["unit"], -1, view.at), hit)
    return found


def _this_time(hit: re.Match[str], view: View) -> Point:
    """Read "this time last year"."""
    unit = hit["unit"].lower()
    that, margin = shifted(view.at, unit, STEP[hit["which"].lower()]), _SAME_TIME_DAYS[unit] * _DAY
    return Point(start=day(that - margin).start, end=day(that + margin).end, stop=hit.end(), is_vague=True)


def _before_last(hit: re.Match[str], view: View) -> Point | None:
    last = _stepped(hit["unit"], -1, view.at)
    return of_period(_stepped(hit["unit"], -1, last.start) if last else None, hit)


def _stepped(name: str, step: int, at: datetime) -> Period | None:
    """The unit of that name `step` (-1, 0, 1) from the running one."""
    unit = name.lower()
    if unit in WEEKDAYS:
        return weekday(at, unit, ahead=step > 0) if step else day(week(at).start + WEEKDAYS.index(unit) * _DAY)
    if unit in SEASONS:
        return season(at, unit, step)
    if re.fullmatch(HOLIDAY, unit, re.IGNORECASE):
        return holiday(unit, at.year if step == 0 else at, ahead=step > 0)
    if unit.capitalize() in MONTHS:
        months = MONTHS.index(unit.capitalize()) + 1 - at.month
        return month(at, months - 12 if step < 0 <= months else months + 12 if step > 0 >= months else months)
    return around(shifted(at, unit, step), unit)


def _rolling(hit: re.Match[str], view: View) -> Point | None:
    """Read "the last three weeks", "the past year": up to now, or from now on."""
    words = (hit["count"] or "one").lower()
    unit = hit["unit"].lower().rstrip("s")
    is_next = hit["way"].lower().endswith(("next", "coming"))
    far = shifted(view.at, unit, _number(words) * (1 if is_next else -1))
    start, end = (view.at, far) if is_next else (far, view.at)
    return Point(
        start=day(start).start, end=day(end).end, stop=hit.end(), is_vague=not words.isdigit() and words in _FEW
    )


def _ago(hit: re.Match[str], view: View) -> Point | None:
    return _distant(hit, view, -1)


def _hence(hit: re.Match[str], view: View) -> Point | None:
    return _distant(hit, view, 1)


def _in_some_time(hit: re.Match[str], view: View) -> Point | None:
    """Read "in two weeks": a date only if the text looks ahead."""
    return _distant(hit, view, 1) if view.is_ahead else None


def _distant(hit: re.Match[str], view: View, direction: int) -> Point | None:
    count, unit = hit["count"].lower(), hit["unit"].lower()
    if count.startswith("half"):
        count, unit = ("6", "month") if unit == "year" else ("2", "week") if unit == "month" else ("1", "day")
    is_rough = count in _FEW or bool(hit["about"])
    spread = 1 if is_rough else 0
    number = direction * _number(count)
    first = around(shifted(view.at, unit, number - spread), unit)
    last = around(shifted(view.at, unit, number + spread), unit)
    if first is None or last is None:
        return None
    # nobody counts "two weeks ago" from a Monday on; days are counted
    return Point(start=first.start, end=last.end, stop=hit.end(), is_vague=is_rough or unit not in ("day", "hour"))


def _number(words: str) -> int:
    return 3 if words in ("several", "some") else counted(words)


def _written(hit: re.Match[str], view: View) -> Point | None:
    words = hit["written"]
    found = of_period(written(words, view.at, future=view.is_ahead), hit)
    has_year = re.search(YEAR, words) is not None
    return found and replace(found, is_floating=not has_year, is_absolute=has_year)


def _iso_month(hit: re.Match[str], _: View) -> Point | None:
    return of_period(month(datetime(int(hit["year"]), int(hit["month"]), 1)), hit)  # noqa: DTZ001


def _month(hit: re.Match[str], view: View) -> Point | None:
    name = next(one for one in MONTHS if one.startswith(hit["month"][:3].capitalize()))
    if hit["year"]:
        found = of_period(month(datetime(int(hit["year"]), MONTHS.index(name) + 1, 1)), hit)  # noqa: DTZ001
        return found and replace(found, is_absolute=True)
    return _floating(month_named(view.at, name, ahead=view.is_ahead), hit)


def _weekday(hit: re.Match[str], view: View) -> Point | None:
    return _floating(weekday(view.at, hit["weekday"].lower(), ahead=view.is_ahead), hit)


def _day_of_month(hit: re.Match[str], view: View) -> Point | None:
    """Read "the 5th": the nearest one."""
    number = int(re.sub(r"\D", "", hit["number"]))
    for step in range(3) if view.is_ahead else range(0, -3, -1):
        running = month(view.at, step)
        found = day(running.start + (number - 1) * _DAY)
        is_there = running.start <= found.start < running.end
        if is_there and (found.end > view.at if view.is_ahead else found.start <= view.at):
            return _floating(found, hit)
    return None


def _year(hit: re.Match[str], _: View) -> Point | None:
    found = of_period(year(int(hit["year"])), hit)
    return found and replace(found, needs_lead=True, is_absolute=True)


def _named_year(hit: re.Match[str], _: View) -> Point | None:
    return of_period(year(int(hit["year"])), hit)


def _decade(hit: re.Match[str], _: View) -> Point | None:
    ten = int(hit["ten"]) * 10
    number = int(hit["century"]) * 100 + ten if hit["century"] else ten + (1900 if ten > 20 else 2000)  # noqa: PLR2004
    found = of_period(decade(number), hit)
    return found and replace(found, needs_lead=True)


def _season(hit: re.Match[str], view: View) -> Point | None:
    name = hit["season"].lower()
    if hit["year"]:
        return of_period(season_of(int(hit["year"]), name), hit)
    running = season(view.at, name, 0)
    if view.is_ahead and running.end <= view.at:
        running = season(view.at, name, 1)
    if not view.is_ahead and running.start > view.at:
        running = season(view.at, name, -1)
    return _floating(running, hit)


def _quarter(hit: re.Match[str], view: View) -> Point | None:
    number = int(hit["number"]) if hit["number"] else _NTH.index(hit["nth"].lower()) + 1
    first = datetime(int(hit["year"] or view.at.year), number * 3 - 2, 1)  # noqa: DTZ001
    if hit["year"]:
        return of_period(quarter(first), hit)
    if not view.is_ahead and first > view.at:
        first = first.replace(year=first.year - 1)
    return replace(_floating(quarter(first), hit), is_bare=False, needs_lead=False)


def _holiday(hit: re.Match[str], view: View) -> Point | None:
    if hit["year"]:
        return of_period(holiday(hit["holiday"], int(hit["year"]), ahead=False), hit)
    found = holiday(hit["holiday"], view.at, ahead=view.is_ahead)
    return replace(_floating(found, hit), is_bare=False) if found else None


def _lately(hit: re.Match[str], view: View) -> Point | None:
    unit = hit["unit"]
    reach = _RECENT_DAYS[unit.lower().rstrip("s")] if unit else LATELY_DAYS
    start = day(view.at - reach * _DAY).start
    return Point(start=start, end=day(view.at).end, stop=hit.end(), is_vague=True)


_NTH = ("first", "second", "third", "fourth")
_FEW = {"few", "a few", "couple of", "a couple of", "several", "some"}
_MANY = rf"(?!an? )(?:{COUNT}|several)"
_UNITS = r"(?:hour|day|weekend|week|month|quarter|year|decade)"
_SEASON = rf"(?:{'|'.join(SEASONS)})"
#: In lower case only where no verb or name is meant by it.
_ANY_MONTH = rf"(?:{MONTH}|january|february|april|june|july|august|september|october|november|december)"
_NAMED = rf"weekend|week|month|quarter|year|decade|{_SEASON}|{WEEKDAY}|{_ANY_MONTH}|{HOLIDAY}"
_NO_AMOUNT = (
    r"(?![.,:]?\d| ?(?:%|euros?|dollars?|bucks|pounds|people|km|miles|m(?:et|eet)|steps|k?cal|words|times|kg)\b)"
)

_DAYS = (
    rf"the day before yesterday|the day after tomorrow|yesterday|tomorrow|last night|tonight|today|this {PART_OF_DAY}"
)
_STEPS = r"(?:earlier |later |the )?(?P<which>last|this past|past|previous|this coming|this|current|next|coming)"
_ROUGHLY = r"(?:(?P<about>about|around|roughly|approximately|over|more than|almost|nearly|maybe) )?"
_SOURCES: tuple[tuple[str, Read], ...] = (
    (rf"(?:earlier |later )?(?P<day>{_DAYS})(?: {PART_OF_DAY})?", _day),
    (
        rf"(?P<way>(?:the|these) (?:last|past|previous|next|coming)|past|next) (?P<count>{_MANY}) (?P<unit>{_UNITS}s)",
        _rolling,
    ),
    (rf"(?:the )?(?P<way>past) (?P<count>)(?P<unit>{_UNITS})(?! of\b)", _rolling),
    (r"the (?P<way>last) (?P<count>)(?P<unit>week|month|year|decade)(?! of\b)", _rolling),
    (rf"{_STEPS} (?P<unit>{_NAMED})(?: {PART_OF_DAY})?(?! of\b)", _which),
    (rf"the (?P<unit>{_NAMED}) before last", _before_last),
    (r"this time (?P<which>last|next) (?P<unit>month|year)", _this_time),
    (rf"{_ROUGHLY}(?P<count>{COUNT}|half an?|several|some) (?P<unit>{_UNITS})s? ago", _ago),
    (rf"(?P<about>)(?P<count>{COUNT}) (?P<unit>{_UNITS})s? from (?:now|today)", _hence),
    (rf"in (?P<about>about |around )?(?P<count>{COUNT}) (?P<unit>{_UNITS})s?(?:'s? time)?", _in_some_time),
    (rf"(?P<written>{_ANY_MONTH} {DAY_NUMBER}(?:,? {YEAR}|,{YEAR})?)", _written),
    (rf"(?P<written>(?:the )?{DAY_NUMBER}(?: of)? {_ANY_MONTH}(?:,? {YEAR}|,{YEAR})?)", _written),
    (rf"(?P<written>{YEAR}-\d\d-\d\d|\d{{1,2}}/\d{{1,2}}/{YEAR})", _written),
    (rf"(?P<year>{YEAR})-(?P<month>\d\d)", _iso_month),
    (rf"(?:the month of )?(?P<month>{_ANY_MONTH})(?:,? (?:of )?(?P<year>{YEAR})|(?! \d))", _month),
    (r"(?<=in |ce )(?P<month>may|march)(?P<year>)", _month),
    (rf"(?P<weekday>{WEEKDAY})(?: {PART_OF_DAY})?", _weekday),
    (rf"(?:the )?(?P<season>{_SEASON})(?:(?: of)?,? (?P<year>{YEAR}))?", _season),
    (rf"(?:the )?(?:Q(?P<number>[1-4])|(?P<nth>{'|'.join(_NTH)}) quarter)(?:,? (?:of )?(?P<year>{YEAR}))?", _quarter),
    (rf"(?P<holiday>{HOLIDAY})(?:,? (?:of |in )?(?P<year>{YEAR}))?", _holiday),
    (r"(?:the |(?<=early )|(?<=late )|(?<=mid[- ]))(?P<century>19|20)?(?P<ten>[1-9])0['\u2019]?s", _decade),
    (rf"the year (?P<year>{YEAR})", _named_year),
    (rf"(?P<year>{YEAR}){_NO_AMOUNT}", _year),
    (r"the (?P<number>\d{1,2}(?:st|nd|rd|th))", _day_of_month),
    (r"(?:lately|recently|of late)(?P<unit>)", _lately),
    (r"(?:the other (?=day|night|week)|recent (?=days|weeks|months|years))(?P<unit>\w+)", _lately),
)
_RULES: tuple[tuple[re.Pattern[str], Read], ...] = tuple(
    (re.compile(rf"(?:{source})(?![\w-])", re.IGNORECASE), read) for source, read in _SOURCES
)
