"""The page of a run shows its numbers, escapes its names, and loads nothing from anywhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from treering.bench.paired import differences
from treering.bench.results import Results, as_rows, manifest
from treering.bench.score import Marks

EVIL = "<script>alert(1)</script>"


def page_of(numbers: Results) -> str:
    from treering.bench.report.page import page  # noqa: PLC0415 - Matplotlib, which most processes need not import

    return page(numbers, "none")


def marks(*right: float) -> list[Marks]:
    """Of questions that were asked later and later, and took longer and longer."""
    return [
        Marks(
            conversation=f"c{number}",
            question="q",
            category=EVIL,
            values={"accuracy": value, "ms": 1.0 + number, "turns_before": 10.0 * number, "context_tokens": 9},
        )
        for number, value in enumerate(right)
    ]


def results(*, answered: bool = True) -> Results:
    row = {"context_tokens": 1234.0, "p50_ms": 1.25, "turns_per_s": 40.0}
    scores = {"accuracy": 0.75, "accuracy_se": 0.05, f"accuracy:{EVIL}": 0.42, f"accuracy:{EVIL}_se": 0.1}
    systems = {
        "treering": row | (scores if answered else {}),
        EVIL: row | ({"accuracy": 0.5} if answered else {}),
        "none": {"context_tokens": 0.0, "p50_ms": 0.0} | ({"accuracy": 0.25} if answered else {}),
    }
    asked = {"treering": marks(1, 1, 0, 1), EVIL: marks(1, 0, 0, 1)}
    return Results(
        bench="run",
        suite=EVIL,
        systems=systems,
        manifest=manifest({"answerer": EVIL, "questions": 4}),
        differences=differences(asked, "accuracy", None) if answered else (),
        marks={name: as_rows(some) for name, some in asked.items()},
    )


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def shown() -> str:
    return page_of(results())


def test_the_numbers_stand_on_the_page_with_their_errors(shown: str) -> None:
    text = re.sub(r"<[^>]+>", " ", shown)
    for number in ("0.750 ±0.050", "0.420 ±0.100", "1,234", "1.2", "+0.250", "95 % between +0.000 and +0.750"):
        assert number in text
    assert [what in text for what in ("turns said before", "question by question", "milliseconds of waiting")] == [
        True
    ] * 3


def test_pictures_take_the_colours_of_the_page_so_that_they_are_seen_in_the_dark(shown: str) -> None:
    pictures = re.findall(r"<svg.*?</svg>", shown, re.DOTALL)
    assert len(pictures) == 7
    known = {f"var(--{name})" for name in ("ink", "line", "ours", "others", "control")}
    for picture in pictures:
        assert set(re.findall(r"stroke: ([^;\"]+)", picture)) <= {*known, "none"}
        texts = re.findall(r"<text [^>]*>", picture)
        assert texts
        assert [one for one in texts if not any(f"fill: {colour}" in one for colour in known)] == []


def test_names_are_text_and_never_markup(shown: str) -> None:
    parser = Elements()
    parser.feed(shown)
    assert EVIL not in shown
    assert "script" not in {tag for tag, _ in parser.tags}
    assert shown.count("&lt;script&gt;") >= 5


def test_the_page_loads_nothing_and_may_run_nothing(shown: str) -> None:
    parser = Elements()
    parser.feed(shown)
    assert {tag for tag, _ in parser.tags}.isdisjoint({"link", "img", "iframe", "object", "embed"})
    loads = [
        value for _, attrs in parser.tags for name, value in attrs.items() if name in ("src", "href", "xlink:href")
    ]
    assert all(value is not None and value.startswith("#") for value in loads)
    assert "default-src 'none'" in shown


def test_a_run_without_answers_has_no_pictures_of_them() -> None:
    assert "<svg" not in page_of(results(answered=False))


def test_the_same_numbers_make_the_same_page(shown: str) -> None:
    assert page_of(results()) == shown
