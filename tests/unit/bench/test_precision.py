"""Beliefs become claims as the page of benchmarks says, and a context is held to every expectation."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from treering.bench.gold.precision import read_expectations
from treering.bench.precision import Verdict, bench_precision, numbers
from treering.bench.suites.precision import read_precision
from treering.bench.systems.beliefs import BeliefMemory
from treering.errors import InvalidInput
from treering.testing import HashEmbedder

DATA = Path(__file__).parents[2] / "bench_data" / "precision"


@pytest.fixture(scope="module", params=["treering", "treering-tree"])
def verdicts(request: pytest.FixtureRequest) -> dict[str, Verdict]:
    system: str = request.param
    return {one.question: one for one in bench_precision(DATA, [system], HashEmbedder)[system]}


def test_what_is_pinned_open_or_universal_is_there_and_what_is_over_or_anothers_is_not(
    verdicts: dict[str, Verdict],
) -> None:
    assert verdicts["roses"].faults == ()
    assert verdicts["nobody"].faults == ()
    assert verdicts["none"].faults == ()
    assert not any(one.leaks for one in verdicts.values())


def test_what_does_not_hold_is_told_in_words(verdicts: dict[str, Verdict]) -> None:
    found, *others = sorted(verdicts["wrong-on-purpose"].faults)
    assert found == "pinned must not have b-soil"
    assert others[:2] == ["prelude does not say tulips", "prelude is not empty"]
    assert "relevant lacks b-boat-hull" in others


def test_what_cannot_be_asked_says_why(verdicts: dict[str, Verdict]) -> None:
    reasons = {name: one.not_expressible for name, one in verdicts.items() if one.not_expressible}
    assert set(reasons) == {"empty", "two"}
    assert "tokens" in reasons["two"]


def test_a_session_learns_as_it_goes(verdicts: dict[str, Verdict]) -> None:
    assert [verdicts[f"talk#{turn}"].faults for turn in range(3)] == [(), (), ()]


def test_a_superseded_belief_lives_on_as_history_only() -> None:
    suite = read_precision(DATA)
    memory = BeliefMemory(HashEmbedder(), "tree", suite.beliefs)
    try:
        question = next(one for one in suite.questions if one.id == "roses")
        surfaced = memory.ask(question)
    finally:
        memory.close()
    assert "drip hose. (roses new, watering roses)" in surfaced.context
    assert "by hand" not in surfaced.context


def test_numbers_count_cases_and_weigh_relevant_beliefs() -> None:
    cases = [
        Verdict(question="a", found=frozenset("xy"), wanted=frozenset("x"), faults=("relevant has y as well",)),
        Verdict(question="b", found=frozenset("z"), wanted=frozenset("zw"), leaks=frozenset("z")),
        Verdict(question="c", not_expressible="why"),
        Verdict(question="d", found=frozenset("q")),
    ]
    found = numbers(cases)
    assert (found["cases"], found["passed"], found["failed"], found["not_expressible"], found["leaks"]) == (
        4,
        2,
        1,
        1,
        1,
    )
    assert (found["precision"], found["recall"], found["f1"]) == (0.6667, 0.6667, 0.6667)


def test_expectations_are_read_from_every_section() -> None:
    rules = {(one.section, one.rule) for one in read_expectations(DATA)["roses"]}
    assert {("prelude", "says"), ("prelude", "something"), ("pinned", "include"), ("questions", "exclude")} <= rules
    assert {(one.section, one.rule) for one in read_expectations(DATA)["talk#0"]} == {(None, "exclude")}
    assert {(one.section, one.rule) for one in read_expectations(DATA)["talk#2"]} == {("pinned", "include")}


def test_wrong_files_and_systems_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no beliefs"):
        bench_precision(DATA, ["bm25"], HashEmbedder)
    with pytest.raises(InvalidInput, match=r"beliefs\.seed\.json"):
        read_precision(tmp_path)
    shutil.copytree(DATA, tmp_path / "copy")
    (tmp_path / "copy" / "retrieval.cases.json").write_text('[{"caseId": "x"}]')
    with pytest.raises(InvalidInput, match="PrecisionMemBench"):
        read_precision(tmp_path / "copy")
    with pytest.raises(InvalidInput, match="PrecisionMemBench"):
        read_expectations(tmp_path / "copy")
