"""What a question counts from is found among the claims, and only if it is plain which one is meant."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from treering.memory.retrieval.times.anchors import Landmark, anchored, landmarks
from treering.memory.retrieval.times.interval import Anchors, Interval
from treering.memory.retrieval.times.timing import timed
from treering.memory.tree import PersonaTree
from treering.schemas.claims import Claim
from treering.schemas.trunk import Slot, Trunk

NOW = datetime(2024, 3, 5, 12, tzinfo=UTC)
PATHS = ("home", "events", "birthday", "plans")
TRUNK = Trunk(
    name="t",
    version=1,
    description="a few slots",
    branches=(),
    slots=tuple(Slot(path=path, description=path, cardinality="many" if path == "events" else "one") for path in PATHS),
)
KNOWN = [
    ("home", "lives in Porto", "2012-04-01", None),
    ("home", "moved to Lisbon on 2022-09-10", "2022-09-10", None),
    ("events", "had knee surgery on 2023-04-03", "2023-04-03", None),
    ("events", "adopted the dog Rex in March 2021", "2021-03-01", None),
    ("events", "lived in Rome", "2008-01-01", "2010-06-01"),
    ("events", "went on a trip to Peru", "2019-05-02", "2019-05-20"),
    ("events", "started a job at the library", "2015-02-01", None),
    ("events", "started a job at the museum", "2018-02-01", None),
    ("birthday", "was born on 29 February 1992", "1992-02-29", None),
    ("plans", "plans to move to Berlin", "2024-02-01", None),
]


def moment(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def claim(path: str, text: str, since: str, until: str | None) -> Claim:
    return Claim(
        id=hashlib.sha256(text.encode()).hexdigest()[:24],
        path=path,
        text=text,
        valid_from=moment(since),
        valid_to=moment(until) if until else None,
        recorded_at=NOW,
        origin="manual",
    )


CLAIMS = {one.id: one for one in (claim(*fields) for fields in KNOWN)}
TREE = PersonaTree(trunk=TRUNK, claims=CLAIMS)


def all_near(_clause: str) -> Mapping[str, float]:
    return dict.fromkeys(CLAIMS, 0.5)


def resolver() -> Anchors:
    last_talk = Interval(begin=moment("2024-03-01"), end=moment("2024-03-02"))
    return anchored(landmarks(TREE, NOW), all_near, NOW, last_talk)


@pytest.mark.parametrize(
    ("clause", "begin", "end"),
    [
        ("I moved to Lisbon", "2022-09-10", "2022-09-11"),
        ("I moved", "2022-09-10", "2022-09-11"),  # the move to Berlin is but a plan
        ("my surgery", "2023-04-03", "2023-04-04"),
        ("we adopted Rex", "2021-03-01", "2021-04-01"),
        ("I lived in Rome", "2008-01-01", "2010-06-01"),
        ("I lived in Porto", "2012-04-01", "2022-09-10"),  # over since the move
        ("my trip to Peru", "2019-05-02", "2019-05-20"),
        ("my birthday", "2024-02-29", "2024-03-01"),
        ("our last conversation", "2024-03-01", "2024-03-02"),
    ],
)
def test_a_clause_is_resolved_to_when_the_claim_was_so(clause: str, begin: str, end: str) -> None:
    assert resolver()(clause) == Interval(begin=moment(begin), end=moment(end))


@pytest.mark.parametrize("clause", ["I started the job", "my divorce", "my knee exam", "the pandemic", "I", ""])
def test_what_is_not_known_or_not_plain_has_no_time(clause: str) -> None:
    assert resolver()(clause) is None


def test_words_in_common_are_not_enough() -> None:
    assert anchored(landmarks(TREE, NOW), lambda _clause: {}, NOW)("my surgery") is None


def test_a_birthday_on_a_leap_day_returns_in_every_year() -> None:
    now = moment("2023-06-01")
    assert anchored(landmarks(TREE, now), all_near, now)("my birthday") == Interval(
        begin=moment("2023-03-01"), end=moment("2023-03-02")
    )


@pytest.mark.parametrize(
    ("question", "phrase", "begin", "end", "rest"),
    [
        ("What rent did I pay before I moved?", "before I moved", None, "2022-09-10", "What rent did I pay?"),
        ("What have I cooked since my surgery?", "since my surgery", "2023-04-03", None, "What have I cooked?"),
        ("Before I moved what rent did I pay?", "Before I moved", None, "2022-09-10", "What rent did I pay?"),
        (
            "When I lived in Rome, what did I drive?",
            "When I lived in Rome",
            "2008-01-01",
            "2010-06-01",
            "What did I drive?",
        ),
        # what may be talked of by its name stays in the question
        ("What did I get on my birthday?", "on my birthday", "2024-02-29", "2024-03-01", None),
        ("Whom did I meet after my trip to Peru?", "after my trip to Peru", "2019-05-20", None, "Whom did I meet?"),
        ("Who came two days before my surgery?", "two days before my surgery", "2023-04-01", "2023-04-02", "Who came?"),
        ("Who came the week after my surgery?", "the week after my surgery", "2023-04-04", "2023-04-11", "Who came?"),
        ("Who fed Rex shortly after I moved?", "shortly after I moved", "2022-09-11", "2022-10-11", "Who fed Rex?"),
        (
            "Was I ill during my trip to Peru in May 2018?",
            "during my trip to Peru in May 2018",
            "2018-05-01",
            "2018-06-01",
            None,
        ),
        (
            "What recipe did you send since our last chat?",
            "since our last chat",
            "2024-03-01",
            None,
            "What recipe did you send?",
        ),
    ],
)
def test_a_question_counts_from_what_happened(
    question: str, phrase: str, begin: str | None, end: str | None, rest: str | None
) -> None:
    timing = timed(question, NOW, resolver())
    assert (timing.phrase, timing.question) == (phrase, rest or question)
    assert timing.interval == Interval(begin=moment(begin) if begin else None, end=moment(end) if end else None)
    assert not timing.is_strict


def known(*texts: tuple[str, str, str]) -> list[Landmark]:
    """Path, text and day of claims, in this order."""
    return [
        Landmark(id=f"{number}", text=text, path=path, begin=moment(day), end=None)
        for number, (path, text, day) in enumerate(texts)
    ]


def test_what_has_begun_is_known_from_its_first_moment_and_ends_after_it() -> None:
    begun = moment("2018-02-01")
    assert "started a job at the museum" in {one.text for one in landmarks(TREE, begun)}
    assert all(one.begin <= begun for one in landmarks(TREE, begun))
    assert "plans to move to Berlin" not in {one.text for one in landmarks(TREE, NOW)}
    short = claim("events", "was in Rome", "2008-01-01", "2008-01-01")
    tree = PersonaTree(trunk=TRUNK, claims={short.id: short})
    assert [one.end for one in landmarks(tree, NOW)] == [None]


@pytest.mark.parametrize(("cosine", "is_found"), [(0.2, True), (0.18, False)])
def test_a_claim_has_to_be_near(cosine: float, *, is_found: bool) -> None:
    resolve = anchored(known(("a", "started the job", "2020-01-01")), lambda _clause: {"0": cosine}, NOW)
    assert (resolve("I started the job") is not None) is is_found


@pytest.mark.parametrize(("second", "is_plain"), [(0.8, True), (0.82, False)])
def test_the_next_one_has_to_be_far_behind(second: float, *, is_plain: bool) -> None:
    jobs = known(("a", "started the job", "2020-01-01"), ("a", "started the job", "2022-01-01"))
    found = anchored(jobs, lambda _clause: {"0": 1.0, "1": second}, NOW)("I started the job")
    assert (found and found.begin) == (moment("2020-01-01") if is_plain else None)


def test_equals_of_one_week_are_one() -> None:
    for day, is_one in [("2020-01-08", True), ("2020-01-09", False)]:
        jobs = known(("a", "started the job", "2020-01-01"), ("a", "started the job", day))
        assert (anchored(jobs, lambda _clause: {"0": 1.0, "1": 1.0}, NOW)("I started the job") is not None) is is_one


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("had knee surgery", "2023-04-04"),
        ("had knee surgery on 3 April", "2023-04-04"),
        ("had knee surgery in April, a month after 3 March", "2023-05-01"),
    ],
)
def test_what_happened_lasts_as_long_as_the_time_that_its_claim_names_or_a_day(text: str, end: str) -> None:
    begin = "2023-04-01" if "in April" in text else "2023-04-03"
    found = anchored(known(("a", text, begin)), lambda _clause: {"0": 1.0}, NOW)("my surgery")
    assert found == Interval(begin=moment(begin), end=moment(end))


@pytest.mark.parametrize(
    ("text", "now", "begin"),
    [
        ("celebrates the anniversary", "2024-03-05", "2023-07-09"),
        ("celebrates the anniversary", "2023-07-09", "2023-07-09"),
        ("celebrates the anniversary", "2023-07-08", "2022-07-09"),
        ("plans in May the anniversary on 3 July", "2024-03-05", "2023-07-03"),
    ],
)
def test_what_returns_every_year_did_so_on_the_day_that_is_named_or_that_it_began(
    text: str, now: str, begin: str
) -> None:
    found = anchored(known(("a", text, "2010-07-09")), lambda _clause: {"0": 1.0}, moment(now))("our anniversary")
    assert found == Interval(begin=moment(begin), end=moment(begin) + timedelta(days=1))


def test_my_birthday_is_nobody_else_s() -> None:
    ana = ("events", "was at the birthday of Ana", "2023-05-05")
    mine = ("birthday", "was born on 3 July 1992", "1992-07-03")
    assert anchored(known(ana, mine), lambda _clause: {}, NOW)("my birthday") == Interval(
        begin=moment("2023-07-03"), end=moment("2023-07-04")
    )
    assert anchored(known(ana), lambda _clause: {}, NOW)("my birthday") is None


def test_the_clause_is_what_is_compared() -> None:
    asked: dict[str, dict[str, float]] = {"I started the job": {"0": 1.0}}
    resolve = anchored(known(("a", "started the job", "2020-01-01")), lambda clause: asked.get(clause, {}), NOW)
    assert resolve("I started the job") is not None
