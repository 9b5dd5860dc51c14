"""What a question counts from is found among the claims, and only if it is plain which one is meant."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from treering.memory.retrieval.times.anchors import anchored, landmarks
from treering.memory.retrieval.times.interval import Interval
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


RESOLVE = anchored(landmarks(TREE, NOW), all_near, NOW, Interval(begin=moment("2024-03-01"), end=moment("2024-03-02")))


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
    assert RESOLVE(clause) == Interval(begin=moment(begin), end=moment(end))


@pytest.mark.parametrize("clause", ["I started the job", "my divorce", "the pandemic", "I", ""])
def test_what_is_not_known_or_not_plain_has_no_time(clause: str) -> None:
    assert RESOLVE(clause) is None


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
    timing = timed(question, NOW, RESOLVE)
    assert (timing.phrase, timing.question) == (phrase, rest or question)
    assert timing.interval == Interval(begin=moment(begin) if begin else None, end=moment(end) if end else None)
    assert not timing.is_strict
