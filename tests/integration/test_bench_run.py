"""`treering bench run` from the command line: made, answered, exported, answered elsewhere, scored."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from treering.cli.app import app
from treering.errors import InvalidInput

DATA = Path(__file__).parents[1] / "bench_data" / "personamem"


pytestmark = pytest.mark.usefixtures("bench_home")


def bench(*options: str) -> str:
    done = CliRunner().invoke(app, ["bench", *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_shipped_suite_runs_without_data_and_nobody_without_memory_is_above_a_quarter(tmp_path: Path) -> None:
    shown = bench("run", "--systems", "bm25,none,length-rule", "--json", "run.json")
    written = json.loads((tmp_path / "run.json").read_text())
    assert list(written["systems"]) == ["bm25", "none", "length-rule", "best-length-rules"]
    assert {written["systems"][one]["accuracy"] for one in ("none", "length-rule", "best-length-rules")} == {0.25}
    [beside_bm25, _] = written["differences"]
    assert (beside_bm25["system"], beside_bm25["baseline"], beside_bm25["clusters"]) == ("none", "bm25", 33)
    assert {"context_ndcg@10", "context_stale", "flush_p95_ms", "memory_bytes"} <= set(written["systems"]["bm25"])
    assert written["systems"]["bm25"]["context_recall"] > 0.5
    assert "132 questions on 12 histories" in shown
    assert bench("run", "--systems", "bm25,none,length-rule") == shown  # from what is kept
    with pytest.raises(InvalidInput, match="another run"):
        bench("run", "--systems", "bm25", "--limit", "2")


def test_prompts_are_answered_elsewhere_and_come_back(tmp_path: Path) -> None:
    bench(
        "run",
        "--suite",
        "personamem",
        "--data",
        str(DATA),
        "--systems",
        "none,full-context,length-rule",
        "--answerer",
        "none",
        "--folder",
        "kept",
    )
    assert "4 prompts" in bench("export-prompts", "kept", "prompts.jsonl")
    prompts = [json.loads(line) for line in (tmp_path / "prompts.jsonl").read_text().splitlines()]
    replies = [{"id": one["id"], "reply": "(b)" if "weekend?" in one["prompt"] else "(a)"} for one in prompts]
    (tmp_path / "replies.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in replies))
    shown = bench("score-answers", "kept", "replies.jsonl", "--answerer", "somebody", "--json", "scored.json")
    systems = json.loads((tmp_path / "scored.json").read_text())["systems"]
    assert [systems[one]["accuracy"] for one in ("none", "full-context")] == [1.0, 1.0]
    assert systems["length-rule"]["questions"] == 2
    assert "answered by somebody" in shown
    assert "1 questions are not scored" in shown


class OpenAi(BaseHTTPRequestHandler):
    """Answers (b) to whatever is asked, as OpenAI's API would."""

    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body["messages"][-1]["content"])
        message = {"role": "assistant", "content": "(b)"}
        told = {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }
        answer = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def openai(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was asked of a server on loopback that speaks OpenAI's API."""
    OpenAi.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), OpenAi) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        yield OpenAi.asked
        server.shutdown()
        thread.join()


def test_a_chat_model_answers_each_different_prompt_once(openai: list[str], tmp_path: Path) -> None:
    options = ("--suite", "personamem", "--data", str(DATA), "--systems", "full-context,none", "--folder", "kept")
    bench("run", *options, "--answerer", "openai:scripted", "--json", "run.json")
    assert len(openai) == len(set(openai)) == 4
    bench("run", *options, "--answerer", "openai:scripted")
    assert len(openai) == 4
    systems = json.loads((tmp_path / "run.json").read_text())["systems"]
    assert [systems[one]["accuracy"] for one in ("full-context", "none")] == [0.5, 0.5]
    assert systems["full-context"]["uplift"] == 0


NO_REPLIES = ["no json", "[]", '{"id": "unknown", "reply": "(a)"}', '{"id": 1}', '{"id": "unknown", "reply": null}']


def test_a_line_that_is_no_reply_is_named_and_nothing_is_kept(tmp_path: Path) -> None:
    where = ("--suite", "personamem", "--data", str(DATA), "--folder", "kept")
    bench("run", *where, "--systems", "none", "--answerer", "none")
    bench("export-prompts", "kept", "prompts.jsonl")
    first = json.loads((tmp_path / "prompts.jsonl").read_text().splitlines()[0])["id"]
    for line in NO_REPLIES:
        (tmp_path / "replies.jsonl").write_text(f'{{"id": "{first}", "reply": "(a)"}}\n{line}\n')
        with pytest.raises(InvalidInput, match="line 2"):
            bench("score-answers", "kept", "replies.jsonl")
    assert not (tmp_path / "kept" / "answers.jsonl").exists()


def test_what_is_missing_is_said_before_anything_is_heard(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="--data"):
        bench("run", "--suite", "personamem")
    with pytest.raises(InvalidInput, match="--systems"):
        bench("run", "--systems", "nonsense")
    with pytest.raises(InvalidInput, match="no run"):
        bench("export-prompts", "nowhere", "prompts.jsonl")
    assert not (tmp_path / "treering-runs").exists()
