"""A short command is quick: what it must not import, and what it takes beside what it cannot do without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from treering import Memory
from treering.bench.start import environment_on, programs_on, run
from treering.settings import Settings

ROUNDS = 5

MOST_OF_HELP = 2.0
"""Times the processor time of `import typer`: the bar itself, of which it takes three quarters."""

MOST_OF_RECALL = 1.7
"""Times the processor time of its libraries and its model: it takes 1.3 times as much, and shared cores blur that."""

QUESTION = "Where do I live?"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warm store: everything listened to, indexed, and cached."""
    settings = Settings(home=tmp_path / "home")
    with Memory(settings=settings, background=False) as memory:
        memory.remember("bench", "I live in Porto.")
        memory.flush()
        memory.warm_up()
    return settings


def imported(home: Path, code: str) -> tuple[str, set[str]]:
    """What a program prints, and the modules that it imports."""
    whole = f"import sys\ntry:\n    {code}\nexcept SystemExit: pass\nprint('IMPORTED', *sys.modules)"
    environment = environment_on(Settings(home=home), home / "bytecode")
    done = subprocess.run([sys.executable, "-c", whole], env=environment, capture_output=True, check=True, text=True)
    shown, _, modules = done.stdout.rpartition("IMPORTED ")
    return shown, set(modules.split())


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def command(*words: str) -> str:
    return f"from treering.cli import main; sys.argv = {['treering', *words]!r}; main()"


def test_the_help_imports_no_command_and_nothing_that_a_command_needs(tmp_path: Path) -> None:
    shown, modules = imported(tmp_path, command("--help"))
    assert "Look after" in shown
    ours = {name for name in modules if name.startswith("treering.")}
    assert ours == {"treering.cli"} | {
        f"treering.cli.{name}" for name in ("app", "commands", "help", "options", "page")
    }
    heavy = {"pydantic", "sqlalchemy", "numpy", "onnxruntime", "attr", "markdown_it", "pygments", "asyncio"}
    assert not heavy & packages(modules)
    assert not {"typer.rich_utils", "rich.traceback", "rich.markdown"} & modules


@pytest.mark.parametrize("words", [("--version",), ("tree", "--help"), ("remember", "--help")], ids=" ".join)
def test_what_only_prints_imports_no_store_and_no_model(tmp_path: Path, words: tuple[str, ...]) -> None:
    _, modules = imported(tmp_path, command(*words))
    assert not {"sqlalchemy", "numpy", "onnxruntime"} & packages(modules)  # typer reads options with pydantic
    assert not [name for name in modules if name.startswith(("treering.client", "treering.memory", "treering.schemas"))]


@pytest.mark.parametrize(
    "code",
    [
        command("recall", "bench", QUESTION),
        f"from treering import Memory; print(Memory().recall('bench', {QUESTION!r}).context)",
    ],
    ids=["command", "sdk"],
)
def test_a_recall_on_a_warm_store_imports_only_what_answers_it(settings: Settings, code: str) -> None:
    shown, modules = imported(settings.home, code)
    assert "lives in Porto" in shown
    heavy = {
        "alembic", "anyio", "cryptography", "dateparser", "fastapi", "langchain_core", "langgraph", "networkx", "onnx",
        "opentelemetry", "psycopg", "rapidfuzz", "safetensors", "scipy", "sentence_transformers", "sentencex", "torch",
        "transformers", "yaml",
    }  # fmt: skip
    assert not heavy & packages(modules)
    seldom = {
        "numpy.ma",
        "treering.memory.retrieval.rewriting",
        "treering.memory.retrieval.times.phrases",
        "treering.memory.stores.gates",
        "treering.memory.stores.neglect",
        "treering.memory.stores.upgrading",
    }
    assert not seldom & modules
    rooms = ("bench", "graph", "memory.listeners", "sidecar", "testing", "training")
    assert not [name for name in modules if name.startswith(tuple(f"treering.{room}" for room in rooms))]


def test_a_tree_is_shown_without_an_embedder(settings: Settings) -> None:
    shown, modules = imported(settings.home, command("tree", "bench"))
    assert "lives in Porto" in shown
    assert not {"onnxruntime", "tokenizers"} & packages(modules)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "beside", "most"), [("help", "typer", MOST_OF_HELP), ("recall", "model", MOST_OF_RECALL)]
)
def test_a_new_process_takes_little_more_than_what_it_cannot_do_without(
    settings: Settings, tmp_path: Path, program: str, beside: str, most: float
) -> None:
    programs, environment = programs_on(settings), environment_on(settings, tmp_path / "bytecode")
    for name in (program, beside):
        run(programs[name], environment)  # compiles
    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(run(programs[beside], environment).cpu_s)
        ours.append(run(programs[program], environment).cpu_s)
    assert min(ours) <= most * min(theirs)
