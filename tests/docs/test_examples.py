"""Every program in examples/ runs, and says what it promises."""

from __future__ import annotations

import importlib.util
import io
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from celery.contrib.testing.worker import start_worker
from fastapi.testclient import TestClient

from treering import Memory
from treering.testing import ScriptedChatModel

EXAMPLES = Path(__file__).parents[2] / "examples"

MAX_LINES = 80
"""An example is read in one go."""

PATIENCE_S = 20.0

COMPARED = {"loves hiking in the mountains", "has three cats"}
"""What is left of what is said twice."""

NewBroker = Callable[[str], dict[str, str]]


@pytest.fixture(autouse=True)
def _without_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the environment has a part in it, and each test has a store of its own."""
    for name in ("MODEL", "PROXY_URL", "BROKER_URL", "DATABASE_URL"):
        monkeypatch.delenv(f"TREERING_{name}", raising=False)
    monkeypatch.setenv("TREERING_HOME", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ModuleType]:
    """Imports a program, which is told some arguments. One process for all: to import LangChain anew costs seconds."""

    def load(name: str, *arguments: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)  # where annotations are looked up
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *arguments])
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture
def shown(loaded: Callable[..., ModuleType], capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a program to its end and gives what it printed."""

    def run(name: str, *arguments: str) -> str:
        loaded(name, *arguments).main()
        printed = capsys.readouterr()
        assert printed.err == ""
        return printed.out

    return run


def test_the_companion_remembers_across_restarts(shown: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("I moved to Lisbon and I love ramen.\n"))
    assert "I know 0 things" in shown("companion", "ana")
    monkeypatch.setattr(sys, "stdin", io.StringIO("In which city do I live?\n"))
    second = shown("companion", "ana")
    assert "I know 2 things" in second
    assert "Lisbon" in second


def test_an_embedder_of_ones_own_finds_across_languages(shown: Callable[..., str]) -> None:
    printed = shown("custom_embedder")
    city, instrument = printed.split("Que instrumento toca?")
    assert "lives in Lisbon" in city
    assert "plays the cello" in instrument


def test_the_health_coach_fills_its_own_slots_and_heeds_them(shown: Callable[..., str]) -> None:
    printed = shown("health_coach")
    tree, *answers = printed.split("\n\n")
    assert "body.injuries: has a torn meniscus" in tree
    assert "training.goal: wants to swim" in tree
    assert "half marathon" not in tree
    for answer in answers:
        assert "boundaries" in answer
    assert "meniscus" in answers[0]
    assert "meniscus" not in answers[2]
    assert "peanuts" in answers[2]


def test_the_agent_looks_into_memory_by_tools(shown: Callable[..., str]) -> None:
    printed = shown("agent")
    first, second = (answer for answer in printed.split("\ntool: ")[1:])
    assert "named Marta" in first
    assert "pottery, she is at the wheel" in second
    assert printed.endswith("ai: A set of glazes, for her pottery.\n")


def test_the_server_streams_what_memory_told_it_to_the_one_who_asks(loaded: Callable[..., ModuleType]) -> None:
    with Memory() as memory:
        app = loaded("chatbot_server").make_app(memory, ScriptedChatModel(lambda prompt: prompt[0].text))
        with TestClient(app) as client:

            def say(user: str, session: str, text: str) -> str:
                return client.post(f"/chat/{session}", json={"text": text}, headers={"X-User": user}).text

            say("ana", "monday", "I moved to Lisbon.")
            memory.flush()
            assert "Lisbon" in say("ana", "friday", "In which city do I live?")
            assert "Lisbon" not in say("bo", "friday", "In which city do I live?")
            ana = {"X-User": "ana"}
            assert client.get("/known", headers=ana).json() == {"home.city": ["moved to Lisbon"]}
            assert client.delete("/known", headers=ana).json()["claims"] == 1
            assert client.get("/known", headers=ana).json() == {}
            assert client.get("/known").status_code == 422, "nobody is talking"


def test_the_agent_of_langchain_cooks_by_what_was_said_on_another_day(shown: Callable[..., str]) -> None:
    monday, friday = shown("langchain_agent").split("friday, human: ")
    assert "monday, ai: Noted." in monday
    assert "'without': 'peanuts'" in friday
    assert friday.endswith("friday, ai: How about grilled sardines?\n")


def test_a_model_behind_the_proxy_is_shown_what_the_client_did_not_send(shown: Callable[..., str]) -> None:
    assert shown("openai_client", "ana", "I'm allergic to peanuts.") == "I'm allergic to peanuts.\n"
    assert "allergic to peanuts" in shown("openai_client", "ana", "What am I allergic to?")
    assert "peanuts" not in shown("openai_client", "bo", "What am I allergic to?")


async def test_the_client_of_mcp_forgets_in_two_steps(
    loaded: Callable[..., ModuleType], capfd: pytest.CaptureFixture[str]
) -> None:
    await loaded("mcp_client", "ana").main()
    offered, _, recalled, listed, done, searched = capfd.readouterr().out.split("\n> ")
    assert "forget" in offered
    assert "moved to Lisbon" in recalled
    assert "Nothing is erased yet" in listed
    assert "Erased for good" in done
    assert "Nothing like this was said" in searched


def test_what_one_guest_of_a_party_says_is_not_taken_for_anothers(shown: Callable[..., str]) -> None:
    trees = dict(line.split(": ", 1) for line in shown("party").partition("\n\n")[0].splitlines())
    assert "loves jazz" in trees["self"]
    assert "hates jazz" in trees["person:Bo"]
    assert "is a vet" in trees["person:Ines"]
    assert "made in Leeds" in trees["agent:Sol"]
    assert "hates" not in trees["self"]
    assert "Porto" not in trees["self"]


def test_what_mem0_kept_is_placed_once_and_gives_way_to_what_is_newer(shown: Callable[..., str]) -> None:
    planned, _, after = shown("from_mem0").partition("version 1, and after the same once more 1\n")
    assert [line.partition(":")[0] for line in planned.splitlines()] == ["placed", "placed", "placed", "held"]
    assert "window seat -> preferences.transport (mapped)" in planned
    assert "moved to Lisbon" in after
    assert "allergic to shellfish" in after
    assert "Porto" not in after


def say_it_twice(user: str) -> None:
    """One thing in two conversations, which nobody ended."""
    with Memory(background=False) as memory:
        for session in ("one", "two"):
            memory.remember(user, "I love hiking in the mountains.", session=session)
        memory.remember(user, "I have two cats.", session="one")
        memory.remember(user, "I have three cats.", session="two")


def test_a_night_compares_everybody_without_a_broker() -> None:
    for user in ("ana", "bo"):
        say_it_twice(user)
    # A process of its own: Celery shares tasks of one name among all applications of a process.
    done = subprocess.run([sys.executable, EXAMPLES / "nightly.py"], check=True, capture_output=True, text=True)
    assert {line.partition(":")[0] for line in done.stdout.splitlines()} == {"ana", "bo"}
    assert done.stderr == ""


@pytest.mark.services
def test_what_beat_sends_at_night_a_worker_behind_redis_does(
    loaded: Callable[..., ModuleType], new_broker: NewBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = new_broker("redis")
    monkeypatch.setenv("TREERING_BROKER_URL", broker["broker_url"])
    say_it_twice("ana")
    nightly = loaded("nightly")
    nightly.app.conf.task_default_queue = broker["broker_prefix"]
    with start_worker(nightly.app, pool="solo", perform_ping_check=False, shutdown_timeout=60):
        [entry] = nightly.app.conf.beat_schedule.values()
        nightly.app.send_task(entry["task"])
        end = time.monotonic() + PATIENCE_S
        while {claim.text for claim in nightly.memory().tree("ana").claims} != COMPARED:
            assert time.monotonic() < end
            time.sleep(0.05)
    nightly.memory().close()


@pytest.mark.parametrize("program", sorted(EXAMPLES.glob("*.py")), ids=lambda program: program.name)
def test_examples_are_short_listed_and_run_here(program: Path) -> None:
    assert len(program.read_text("utf-8").splitlines()) < MAX_LINES
    assert f'"{program.stem}"' in Path(__file__).read_text("utf-8")
    assert f"[{program.name}]({program.name})" in (EXAMPLES / "README.md").read_text("utf-8")
