"""`treering bench listen`, on suites of a few turns: it runs to its end, and writes the documented numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage, BaseMessage
from typer.testing import CliRunner

from treering.bench.listen_claims import EVERY, FIRST_PERSON
from treering.bench.listen_replay import Ear, claims_of
from treering.bench.results import Results
from treering.bench.suites.perma import read_perma
from treering.cli.app import app
from treering.errors import InvalidInput
from treering.testing import ScriptedChatModel

DATA = Path(__file__).parents[1] / "bench_data"


pytestmark = pytest.mark.usefixtures("bench_home")


def bench(*options: str) -> str:
    done = CliRunner().invoke(app, ["bench", "listen", *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_listener_is_measured_beside_both_baselines_on_clean_and_noisy_dialogs(tmp_path: Path) -> None:
    file = tmp_path / "listen.json"
    shown = bench("--suite", "perma", "--data", str(DATA / "perma"), "--json", str(file))
    written = json.loads(file.read_text())
    assert (written["bench"], written["suite"]) == ("listen", "perma")
    assert list(written["systems"]) == ["local", EVERY, FIRST_PERSON]
    for metrics in written["systems"].values():
        assert {"recall", "precision", "f1", "claims_a_dialog", "f1_noisy"} <= set(metrics)
    every = written["systems"][EVERY]
    assert every["claims_a_dialog"] == 2, "six sentences of the user in three dialogs"
    assert every["recall"] == 1
    ours = written["systems"]["local"]
    assert {"f1_ratio", "f1_fall", "turns_per_s", "turns_per_cpu_s"} <= set(ours)
    assert ours["found"] >= 1
    settings = written["manifest"]["settings"]
    assert (settings["triples"], settings["reachable"], settings["turns"]) == (6, 5, 8)
    assert "f1 falls by" in shown
    assert "at most 5 claims a dialog: met" in " ".join(shown.split())
    Results.model_validate(written)


def test_what_was_kept_of_personamem_is_told_with_the_agreement_of_the_judge(tmp_path: Path) -> None:
    file = tmp_path / "listen.json"
    data = ("--suite", "personamem", "--data", str(DATA / "personamem"), "--json", str(file))
    assert "pairs labelled by hand" in bench(*data, "--show", "contradicting", "3")
    written = Results.model_validate_json(file.read_text())
    assert list(written.systems) == ["local", "judge"]
    assert written.systems["local"]["from_system"] == 0
    assert {"contradicting_rate@0.6", "close_pairs@0.6", "update", "turns_per_s"} <= set(written.systems["local"])
    assert written.systems["judge"]["pairs"] == 100


def test_the_adversarial_corpus_ships_and_is_told_by_kind(tmp_path: Path) -> None:
    file = tmp_path / "listen.json"
    shown = bench("--suite", "adversarial", "--kinds", "recalled", "--show", "alarms", "3", "--json", str(file))
    assert "False alarms" in shown
    assert "under 5 % false alarms: " in " ".join(shown.split())
    written = Results.model_validate_json(file.read_text())
    assert list(written.systems) == ["local", "local: recalled"]
    assert written.systems["local"]["attacks"] >= 12
    assert {"leaks", "losses", "false_alarms", "false_alarm_rate"} <= set(written.systems["local"])


def test_a_model_that_listens_is_metered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def answer(messages: list[BaseMessage]) -> AIMessage:
        del messages
        usage = {"input_tokens": 100, "output_tokens": 7, "total_tokens": 107}
        said = '{"paths": [], "forget": false}'
        return AIMessage(said, usage_metadata=usage)

    model = ScriptedChatModel(answer)
    monkeypatch.setattr("treering.composition.load_chat_model", lambda _: model)
    monkeypatch.setenv("TREERING_MODEL", "test:scripted")
    monkeypatch.setenv("TREERING_MODEL_PRICE", "1/10")
    file = tmp_path / "listen.json"
    data = ("--suite", "perma", "--data", str(DATA / "perma"), "--clean", "--json", str(file))
    shown = bench(*data, "--listener", "model")
    assert "calls_a_window" in shown
    found = Results.model_validate_json(file.read_text()).systems["model"]
    assert found["windows"] == 3, "one a dialog, and no summary is paid for"
    assert (found["calls_a_window"], found["most_calls_a_window"]) == (1, 1)
    assert (found["tokens_in_a_window"], found["tokens_out_a_window"]) == (100, 7)
    assert found["cost_usd"] == pytest.approx(3 * (100 + 70) / 1e6)
    assert found["claims"] == 0
    assert len(model.calls) == 3


def test_what_was_missed_and_what_is_wrong_can_be_listed() -> None:
    data = ("--suite", "perma", "--data", str(DATA / "perma"), "--users", "mia")
    assert "wrong: " in bench(*data, "--clean", "--show", "wrong", "3")
    shown = bench(*data, "--noisy", "--show", "missed", "3")
    assert "missed: " in shown
    assert "falls" not in shown


def test_a_claim_has_evidence_in_every_session_that_says_it() -> None:
    [mia] = read_perma(DATA / "perma")
    with Ear("local", embedder=None) as ear:
        ledger = ear.hear(mia, lambda _: None)
    claims = claims_of(ledger, mia)
    assert claims
    assert ear.cost.turns == 8
    assert {one.session for one in claims} <= {"0.0", "0.1", "1.0"}
    assert all(quote in " ".join(step.text for step in mia.steps) for one in claims for quote in one.quotes)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--suite", "locomo"), "known are perma, personamem, adversarial"),
        (("--suite", "perma", "--listener", "parrot"), "known are local, model"),
        (("--suite", "perma", "--listener", "model"), "TREERING_MODEL"),
        (("--suite", "perma", "--users", "bob"), "bob"),
        (("--suite", "personamem", "--show", "wrong", "3"), "it has contradicting, foreign"),
        (("--suite", "perma", "--show", "all", "3"), "it has missed, wrong"),
    ],
)
def test_what_cannot_be_measured_is_said(options: tuple[str, ...], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        bench("--data", str(DATA / "perma"), *options)
