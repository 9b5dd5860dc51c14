"""`treering bench run` on questions that are answered freely: here, elsewhere, and judged elsewhere too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from treering.cli.app import app
from treering.errors import InvalidInput

DATA = Path(__file__).parents[1] / "bench_data"


pytestmark = pytest.mark.usefixtures("bench_home")


def bench(*options: str) -> str:
    done = CliRunner().invoke(app, ["bench", *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def asked(file: str) -> dict[str, str]:
    return {one["id"]: one["prompt"] for one in map(json.loads, Path(file).read_text().splitlines())}


def reply(file: str, replies: dict[str, str]) -> None:
    Path(file).write_text("".join(json.dumps({"id": one, "reply": text}) + "\n" for one, text in replies.items()))


def scored(*options: str) -> dict[str, Any]:
    bench("score-answers", *options, "--json", "scored.json")
    found: dict[str, Any] = json.loads(Path("scored.json").read_text())
    return found


def test_free_answers_and_their_verdicts_are_given_elsewhere_and_come_back() -> None:
    where = ("--suite", "locomo", "--data", str(DATA / "locomo"), "--folder", "kept")
    bench("run", *where, "--systems", "full-context,none,length-rule", "--answerer", "none")
    bench("export-prompts", "kept", "prompts.jsonl")
    reply(
        "replies.jsonl",
        {
            one: "Her dog is Comet." if "greyhound called Comet" in text else "?"
            for one, text in asked("prompts.jsonl").items()
        },
    )

    by_words = scored("kept", "replies.jsonl", "--answerer", "somebody")
    full, none, rule = (by_words["systems"][one] for one in ("full-context", "none", "length-rule"))
    assert (full["accuracy:single-hop"], full["accuracy:adversarial"], none["accuracy"]) == (0.5, 0.0, 0.0)
    assert rule["accuracy:adversarial"] == rule["abstained_rightly"] == rule["abstained_wrongly"] == 1.0
    assert "all words" in by_words["manifest"]["settings"]["free answers"]

    bench("export-prompts", "kept", "judge.jsonl", "--judge-answers-of", "somebody")
    judge = asked("judge.jsonl")
    assert not any("near the lighthouse" in text for text in asked("prompts.jsonl").values() if "(nothing)" in text)
    assert any("near the lighthouse" in text for text in judge.values())
    reply("verdicts.jsonl", {one: "RIGHT" if "Her dog is Comet." in text else "?!" for one, text in judge.items()})

    given = ("kept", "replies.jsonl", "--answerer", "somebody", "--verdicts", "verdicts.jsonl", "--judge", "my-judge")
    judged = scored(*given)
    full = judged["systems"]["full-context"]
    marked = [full[one] for one in ("accuracy", "contained", "verdict_unreadable", "unscored")]
    assert marked == pytest.approx([5 / 6, 1 / 6, 1 / 6, 0], abs=1e-4)
    assert judged["manifest"]["settings"]["free answers"] == "judged by my-judge"
    assert scored(*given)["systems"] == judged["systems"]


def test_requests_are_told_as_not_scored_without_a_judge() -> None:
    where = ("--suite", "realmem", "--data", str(DATA / "realmem"), "--folder", "kept")
    shown = bench("run", *where, "--systems", "bm25,none", "--json", "run.json")
    row = json.loads(Path("run.json").read_text())["systems"]["bm25"]
    assert (row["unscored"], "accuracy" in row) == (1.0, False)
    assert row["context_recall"] > 0
    assert "realmem: 3 questions" in shown
    assert "100% of the free answers are not scored" in " ".join(shown.split())
    with pytest.raises(InvalidInput, match="nothing to judge"):
        bench("run", *where, "--answerer", "none", "--judge", "openai:scripted")


def test_verdicts_on_what_was_not_asked_are_refused() -> None:
    where = ("--suite", "locomo", "--data", str(DATA / "locomo"), "--folder", "kept")
    bench("run", *where, "--systems", "none")
    with pytest.raises(InvalidInput, match="answered nothing freely"):
        bench("export-prompts", "kept", "judge.jsonl", "--judge-answers-of", "nobody")
    bench("export-prompts", "kept", "prompts.jsonl")
    reply("replies.jsonl", dict.fromkeys(asked("prompts.jsonl"), "Comet"))
    reply("verdicts.jsonl", dict.fromkeys(asked("prompts.jsonl"), "RIGHT"))
    with pytest.raises(InvalidInput, match=r"verdicts\.jsonl, line 1"):
        bench("score-answers", "kept", "replies.jsonl", "--verdicts", "verdicts.jsonl")
