"""The rules of the house that linters do not know."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import treering
from tests.architecture.statements import statements

ROOT = Path(treering.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

#: Where a framework may be imported; nowhere else, not even inside a function.
HOMES = {
    "sqlalchemy": ("memory/stores", "testing/faults.py"),
    "alembic": ("memory/stores",),
    "psycopg": ("memory/stores",),
    "cryptography": ("memory/stores",),
    "qdrant_client": ("memory/indexes",),
    "langgraph": ("graph", "client/memory.py", "client/remote/memory.py", "client/asynchronous.py"),
    "langchain_core": ("graph", "memory/models", "testing", "composition.py", "client"),
    "langchain": ("memory/models", "composition.py", "graph/middleware.py"),
    "onnxruntime": ("memory/models",),
    "sentence_transformers": ("memory/models",),
    "torch": (),
    "celery": ("workers",),
    "fastapi": ("sidecar",),
    "tenacity": ("client/remote",),
    "uvicorn": ("sidecar",),
    "mcp": ("sidecar",),
    "mcp_types": ("sidecar",),
    "matplotlib": ("bench/report",),
    "jinja2": ("bench/report",),
    "prometheus_client": ("telemetry/counters.py", "workers/metrics.py", "sidecar", "client/memory.py"),
}

#: The pure core: time, chance and the environment come in as arguments.
PURE = (
    "schemas",
    "memory/admission/",
    "memory/calls.py",
    "memory/charting.py",
    "memory/conditions.py",
    "memory/consolidation/",
    "memory/digest.py",
    "memory/drafting.py",
    "memory/forgetting/plan.py",
    "memory/forgetting/wishes.py",
    "memory/gating.py",
    "memory/judgement.py",
    "memory/moving.py",
    "memory/operations.py",
    "memory/parsing",
    "memory/planning.py",
    "memory/repetition.py",
    "memory/retrieval/",
    "memory/reverting.py",
    "memory/summaries/",
    "memory/tombstones.py",
    "memory/tree.py",
    "memory/whose.py",
    "memory/withdrawal.py",
    "memory/wording/",
)
IMPURE = {"os", "random", "secrets", "socket", "subprocess", "time", "uuid"}

REFUSED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}

MAX_LINES = 400


def place(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


class Looked(NamedTuple):
    """What the rules ask of a file: it is parsed once for all of them, and they are told at once for all files."""

    imported: frozenset[str]
    docstring: str | None
    caches: int


@cache
def look(file: Path) -> Looked:
    tree = ast.parse(file.read_text())
    imported: set[str] = set()
    caches = 0
    for node in statements(tree.body):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module)
        elif isinstance(node, ast.FunctionDef):
            caches += sum(is_cache(ast.unparse(decorator)) for decorator in node.decorator_list)
    return Looked(frozenset(imported), ast.get_docstring(tree), caches)


def is_cache(decorator: str) -> bool:
    return decorator.startswith(("lru_cache", "cache", "functools.")) and not decorator.startswith("cached_property")


def test_a_framework_stays_in_its_room() -> None:
    strays = [
        f"{place(file)} imports {name}"
        for file in FILES
        for name in look(file).imported
        if (homes := HOMES.get(name.partition(".")[0])) is not None and not place(file).startswith(homes)
    ]
    assert strays == []


@pytest.mark.parametrize("home", sorted({*PURE, *(one for homes in HOMES.values() for one in homes)}))
def test_each_room_that_a_rule_names_is_there(home: str) -> None:
    """Or the rule would hold for nobody, since a page became a folder or has another name."""
    assert any(place(file).startswith(home) for file in FILES)


def test_the_pure_core_has_no_clock_chance_or_environment() -> None:
    for file in FILES:
        if not place(file).startswith(PURE):
            continue
        assert not IMPURE & {name.partition(".")[0] for name in look(file).imported}, place(file)
        source = file.read_text()
        assert "datetime.now" not in source, place(file)
        assert "date.today" not in source, place(file)


def test_a_file_is_short_says_what_room_it_is_and_is_no_lumber_room() -> None:
    for file in FILES:
        assert len(file.read_text().splitlines()) <= MAX_LINES, place(file)
        assert look(file).docstring, f"{place(file)}: the first line says what the room is for"
        assert file.stem not in REFUSED_NAMES, place(file)
        assert file.parent.name not in REFUSED_NAMES, place(file)


#: Functions whose results are kept, and that see no words of people: slots, files, tables.
WORDLESS_CACHES = {
    "memory/exchange/restoring.py": 1,
    "memory/listeners/heads/files.py": 1,
    "memory/listeners/routing.py": 1,
    "memory/models/personal_data.py": 1,
    "memory/prompts/versions.py": 1,
    "memory/stores/encryption/resealing.py": 1,
    "memory/stores/entries.py": 1,
    "memory/stores/opening.py": 1,
    "memory/stores/turns.py": 1,
    "memory/stores/upsert.py": 2,
}


def test_a_cache_of_words_is_one_that_forgetting_clears() -> None:
    kept = {place(file): look(file).caches for file in FILES if place(file).startswith("memory/")}
    found = {file: caches for file, caches in kept.items() if caches}
    assert found == WORDLESS_CACHES, "use `word_cache`, or say that it sees no words"


def test_public_names_are_sorted_whole_and_there() -> None:
    assert list(treering.__all__) == sorted(treering.__all__)
    for name in treering.__all__:
        assert getattr(treering, name) is not None
    assert set(treering.__all__) <= set(dir(treering))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = treering.Nothing


HEAVY = ("sqlalchemy", "torch", "langgraph", "langchain_core", "qdrant_client", "celery", "onnxruntime", "numpy")


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import treering", (*HEAVY, "pydantic", "typer")),
        ("import treering.cli", HEAVY),
        (
            "from treering import Memory",
            ("torch", "langgraph", "langchain_core", "qdrant_client", "celery", "onnxruntime", "httpx2", "tenacity"),
        ),
        ("import treering.testing", HEAVY),
    ],
)
def test_importing_is_light(statement: str, absent: tuple[str, ...]) -> None:
    code = f"import sys; {statement}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(absent) & set(done.stdout.split())
