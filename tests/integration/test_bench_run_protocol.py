"""The protocol of `treering bench run`: the key is read last, providers may fail, and what it takes is told before."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from treering.bench.choice.prompts import PROMPTS
from treering.bench.gold.quartet import GOLD
from treering.bench.results import Results
from treering.bench.suites.files import WrongShape
from treering.cli.app import app
from treering.errors import InvalidInput, ModelUnavailable

DATA = Path(__file__).parents[1] / "bench_data" / "personamem"
PERSONAMEM = ("run", "--suite", "personamem", "--data", str(DATA), "--folder", "kept")


pytestmark = pytest.mark.usefixtures("bench_home")


def bench(*options: str) -> str:
    done = CliRunner().invoke(app, ["bench", *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def results(*options: str) -> Results:
    bench(*options, "--json", "run.json")
    return Results.model_validate_json(Path("run.json").read_bytes())


class Provider(BaseHTTPRequestHandler):
    """Speaks OpenAI's API: replies to each prompt what its script says, in turn; at its end (b)."""

    protocol_version = "HTTP/1.1"
    script: ClassVar[list[tuple[int, bytes]]] = []
    asked: ClassVar[Counter[str]] = Counter()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = body["messages"][-1]["content"]
        times = self.asked[prompt]
        self.asked[prompt] += 1
        status, answer = self.script[times] if times < len(self.script) else (200, _completion("(b)"))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("retry-after-ms", "1")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None: ...


def _completion(words: str) -> bytes:
    message = {"role": "assistant", "content": words}
    return json.dumps(
        {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": "scripted",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 3, "total_tokens": 103},
        }
    ).encode()


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Provider]]:
    Provider.script.clear()
    Provider.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        yield Provider
        server.shutdown()
        thread.join()


ASKED = (*PERSONAMEM, "--systems", "full-context,none", "--answerer", "openai:scripted", "--price", "10/20")


def test_limits_failures_and_nonsense_of_a_provider_are_survived_and_only_answers_are_counted(
    provider: type[Provider],
) -> None:
    provider.script += [(429, b"{}"), (500, b"oops"), (200, b"<html>a proxy</html>")]
    full, none = results(*ASKED).systems.values()
    assert set(provider.asked.values()) == {4}
    assert [full["answer_input_tokens"], full["answer_output_tokens"], full["answer_cost"]] == [200, 6, 0.00212]
    assert full["accuracy"] == none["accuracy"] == 0.5
    again = results(*ASKED)
    assert set(provider.asked.values()) == {4}, "what is kept is not asked again"
    assert again.systems["full-context"]["answer_cost"] == 0.00212


def test_a_prompt_that_is_refused_counts_as_wrong_and_where_all_are_the_run_ends(provider: type[Provider]) -> None:
    provider.script += [(400, b"{}")] * 9
    with pytest.raises(ModelUnavailable, match="every prompt was refused"):
        bench(*ASKED)
    assert not Path("kept/answers.jsonl").exists()
    refused = next(one for one in provider.asked if "(nothing)" in one)
    provider.script.clear()
    provider.script += [(400, b"{}")]
    provider.asked.clear()
    provider.asked.update(dict.fromkeys(_prompts() - {refused}, 1))
    full, none = results(*ASKED).systems.values()
    assert "refused_prompts" not in full
    assert [none["refused_prompts"], none["unreadable"]] == [1, 0.5]


def _prompts() -> set[str]:
    bench("export-prompts", "kept", "prompts.jsonl")
    return {json.loads(line)["prompt"] for line in Path("prompts.jsonl").read_text().splitlines()}


def test_what_a_run_takes_is_told_before_nobody_is_asked_and_nothing_is_written(
    provider: type[Provider], tmp_path: Path
) -> None:
    before = set(tmp_path.rglob("*"))
    foreseen = results(*ASKED[:-4], "--answerer", "openai:scripted", "--price", "10/20", "--dry-run")
    assert not provider.asked
    assert set(tmp_path.rglob("*")) - before == {tmp_path / "run.json"}
    ran = results(*ASKED)
    assert len(provider.asked) == 4
    for system, row in foreseen.systems.items():
        assert row["prompts"] * 100 == ran.systems[system]["answer_input_tokens"]
        assert row["answer_cost"] == pytest.approx((row["answer_input_tokens"] * 10 + row["prompts"] * 5 * 20) / 1e6)
    assert foreseen.systems["full-context"]["answer_input_tokens"] > foreseen.systems["none"]["answer_input_tokens"]


def test_a_chat_model_that_would_listen_is_not_asked_but_its_calls_are_told(
    provider: type[Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TREERING_MODEL", "openai:scripted")
    treering, dense = results(*PERSONAMEM, "--systems", "treering,dense", "--dry-run").systems.values()
    assert not provider.asked
    assert treering["listening_calls"] > 0
    assert treering["listening_tokens"] > 100 * treering["listening_calls"]
    assert "hearing_s" not in treering
    assert dense["listening_calls"] == 0
    assert "hearing_s" in dense


def test_what_is_right_is_read_when_everything_was_answered() -> None:
    bench("make", "--level", "easy", "quartet")
    Path("quartet", GOLD).write_text("no gold\n")
    with pytest.raises(WrongShape):
        bench("run", "--data", "quartet", "--systems", "bm25,none", "--limit", "2", "--folder", "kept")
    bench("export-prompts", "kept", "prompts.jsonl")
    asked, answered = (
        [json.loads(line) for line in Path(file).read_text().splitlines()]
        for file in ("prompts.jsonl", "kept/answers.jsonl")
    )
    assert {one["id"] for one in asked} == {one["prompt"] for one in answered} != set()


def test_shuffled_options_are_asked_in_another_order_and_marked_alike(tmp_path: Path) -> None:
    asked = (*PERSONAMEM[:-1], "as-they-are", "--systems", "none,length-rule")
    shuffled = (*PERSONAMEM[:-1], "shuffled", "--systems", "none,length-rule", "--shuffle", "3")
    plain, other = results(*asked), results(*shuffled)
    assert plain.systems["length-rule"]["accuracy"] == other.systems["length-rule"]["accuracy"]
    assert (plain.manifest.settings.get("shuffle"), other.manifest.settings["shuffle"]) == (None, 3)
    bench("export-prompts", "as-they-are", "plain.jsonl")
    bench("export-prompts", "shuffled", "other.jsonl")
    assert (tmp_path / "plain.jsonl").read_text() != (tmp_path / "other.jsonl").read_text()
    with pytest.raises(InvalidInput, match="another run"):
        bench(*shuffled[:-1], "4")


def test_the_manifest_tells_what_a_score_hangs_on() -> None:
    told = results(*PERSONAMEM, "--systems", "dense,none").manifest.settings
    assert told["answerer"] == "words"
    assert told["prompt for options"] == PROMPTS["options"]
    assert len(str(told["sha256 of questions_tiny.csv"])) == 64
    assert str(told["embedder_fingerprint"]).startswith("hash")
    assert told["workers"] == 1


def test_a_price_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"0\.40/1\.60"):
        bench(*PERSONAMEM, "--price", "cheap")
