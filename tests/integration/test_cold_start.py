"""A short command is quick: what it must not import, and what it takes beside what it cannot do without."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from treering import Memory
from treering.bench.start import environment_on, programs_on, run
from treering.settings import Settings

FEWEST_ROUNDS, MOST_ROUNDS = 2, 12
"""More than the fewest only where a busy machine blurred those."""

MOST_OF_HELP = 2.0
"""Times the processor time of `import typer`: the bar itself, of which it takes three quarters."""

MOST_OF_RECALL = 1.7
"""Times the processor time of its libraries and its model: it takes 1.3 times as much, and shared cores blur that."""

QUESTION = "Where do I live?"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warm store, from which programs only read: everything listened to, indexed, and cached."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    with Memory(settings=settings, background=False) as memory:
        memory.remember("bench", "I live in Porto.")
        memory.flush()
        memory.warm_up()
    return settings


Imported = Callable[[Path, str], tuple[str, set[str]]]


@pytest.fixture(scope="module")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was compiled for one program is there for the next."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture(scope="module")
def imported(bytecode: Path) -> Imported:
    """What a program on a store prints, and the modules that it imports."""

    def imported(home: Path, code: str) -> tuple[str, set[str]]:
        whole = f"import sys\ntry:\n    {code}\nexcept SystemExit: pass\nprint('IMPORTED', *sys.modules)"
        environment = environment_on(Settings(home=home), bytecode)
        command = [sys.executable, "-c", whole]
        done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
        shown, _, modules = done.stdout.rpartition("IMPORTED ")
        return shown, set(modules.split())

    return imported


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def command(*words: str) -> str:
    return f"from treering.cli import main; sys.argv = {['treering', *words]!r}; main()"


def test_a_server_imports_no_framework_of_chats(tmp_path: Path, imported: Imported) -> None:
    _, modules = imported(tmp_path, "import treering.sidecar.serving")
    assert "fastapi" in packages(modules)
    assert not {"langchain_core", "langgraph", "mcp", "onnxruntime", "torch"} & packages(modules)


def test_the_help_imports_no_command_and_nothing_that_a_command_needs(tmp_path: Path, imported: Imported) -> None:
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
def test_what_only_prints_imports_no_store_and_no_model(
    tmp_path: Path, words: tuple[str, ...], imported: Imported
) -> None:
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
def test_a_recall_on_a_warm_store_imports_only_what_answers_it(
    settings: Settings, code: str, imported: Imported
) -> None:
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
        "treering.memory.history",
        "treering.memory.ports",
        "treering.memory.retrieval.rewriting",
        "treering.memory.retrieval.times.phrases",
        "treering.memory.stores.gates",
        "treering.memory.stores.neglect",
        "treering.memory.stores.rebuilding",
        "treering.memory.stores.spoken",
        "treering.memory.stores.turn_versions",
        "treering.memory.stores.upgrading",
        "treering.schemas.access",
        "treering.schemas.health",
        "treering.schemas.payloads",
    }
    assert not seldom & modules
    rooms = ("bench", "graph", "memory.listeners", "sidecar", "testing", "training")
    assert not [name for name in modules if name.startswith(tuple(f"treering.{room}" for room in rooms))]


def test_a_tree_is_shown_without_an_embedder(settings: Settings, imported: Imported) -> None:
    shown, modules = imported(settings.home, command("tree", "bench"))
    assert "lives in Porto" in shown
    assert not {"onnxruntime", "tokenizers"} & packages(modules)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "beside", "most"), [("help", "typer", MOST_OF_HELP), ("recall", "model", MOST_OF_RECALL)]
)
def test_a_new_process_takes_little_more_than_what_it_cannot_do_without(
    settings: Settings, bytecode: Path, program: str, beside: str, most: float
) -> None:
    programs, environment = programs_on(settings), environment_on(settings, bytecode)
    for name in (program, beside):
        run(programs[name], environment)  # compiles
    ours: list[float] = []
    theirs: list[float] = []
    while len(ours) < FEWEST_ROUNDS or (len(ours) < MOST_ROUNDS and min(ours) > most * min(theirs)):
        theirs.append(run(programs[beside], environment).cpu_s)
        ours.append(run(programs[program], environment).cpu_s)
    assert min(ours) <= most * min(theirs)
