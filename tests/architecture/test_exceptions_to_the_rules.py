"""What is longer or looser than the house likes, each with the reason; whatever is mended leaves its table."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

import treering
from tests.architecture.statements import statements

ROOT = Path(treering.__file__).parents[1]

MAX_FUNCTION = 40
"""Lines of code of a function, without its signature, docstrings, comments and empty lines."""

MAX_FILE = 300
"""Lines of a file of the package; most have half of it."""

MAX_TESTS = 400
"""Lines of a file of tests, which are lists of cases more often."""

LONG_FUNCTIONS = {
    "treering/memory/stores/migrations/versions/format_1.py upgrade": "a migration is history, and never changed",
    "treering/memory/stores/migrations/versions/format_2.py _make_tables": "likewise",
}

LONG_FILES = {
    "tests/contract/test_ledger.py": "the contract of one port",
    "tests/contract/test_postgres.py": "servers and locks of PostgreSQL, set up once for all of it",
    "tests/contract/test_upgrades.py": "each step between formats, on one set of rows",
    "tests/contract/test_vector_index.py": "one contract of one port",
    "tests/integration/test_connected.py": "one real server, set up once for all of it",
    "tests/integration/test_consolidation.py": "one way of telling a life in sessions, and a story for each promise",
    "tests/integration/test_memory.py": "the SDK's promises, one after the other",
    "tests/integration/test_proxy.py": "one upstream that behaves in all ways, and what the proxy makes of each",
    "tests/integration/test_trunk_migration.py": "one migration from first to last, and what may break it off",
    "tests/property/lives/test_lives.py": "one machine of rules; Hypothesis wants them in one class",
    "tests/unit/graph/test_base_store.py": "the contract of LangGraph's BaseStore",
    "tests/unit/graph/test_middleware.py": "one agent in all that may befall it",
    "tests/unit/memory/admission/test_rules.py": "a table of sentences for each rule",
    "tests/unit/memory/exchange/foreign/test_formats.py": "a sample of each foreign format",
    "tests/unit/memory/test_feedback.py": "one memory, and each thing that a person may say of a claim",
    "tests/unit/memory/test_retracting.py": "one memory, and each way in which a message goes",
    "tests/unit/sidecar/test_access_matrix.py": "one matrix of routes and rights",
    "tests/unit/sidecar/test_auth.py": "an issuer of tokens, set up once, and all that is wrong with tokens",
    "treering/client/memory.py": "the SDK's own class; half of it is what it says of itself",
    "treering/client/timeline.py": "half of it is what the SDK says of itself",
    "treering/memory/engine.py": "a method a step; what each does is elsewhere",
    "treering/memory/ports/stores.py": "one unit of work, with a Protocol for each of its parts",
    "treering/memory/reading.py": "one snapshot, and each list that is read from it",
    "treering/memory/retrieval/times/phrases.py": "patterns of words about time, more than code",
    "treering/memory/retrieval/times/points.py": "patterns of words about time, more than code",
    "treering/memory/stores/jobs.py": "one port; the statements of waiting jobs are in due.py",
    "treering/memory/stores/ledger.py": "one port; reading entries is in entries.py",
    "treering/memory/stores/tables.py": "the schema, a table after the other",
    "treering/memory/stores/turns.py": "one port; versions of turns are in turn_versions.py",
    "treering/testing/reference/jobs.py": "the same port as in memory/stores, in plain Python",
    "treering/testing/reference/ledger.py": "likewise",
}

#: A file, or a room.
ANY = {
    "examples/openai_client.py": "a request of OpenAI's API, and its answer",
    "treering/bench/suites/files.py": "data sets of others, before their readers look at them",
    "treering/client/remote/exchange.py": "members of an export of another version, passed on as they came",
    "treering/graph/": "LangGraph and LangChain leave states, contexts, updates and answers open",
    "treering/memory/digest.py": "the JSON of an operation, taken apart and put together",
    "treering/memory/exchange/restoring.py": "the members of an export have a type each, under their names",
    "treering/memory/indexes/qdrant_calls.py": "what Qdrant's client takes to make a collection",
    "treering/memory/models/chat.py": "LangChain's structured answers, and errors of providers",
    "treering/memory/models/minilm_graph.py": "attributes of ONNX's nodes",
    "treering/memory/retrieval/candidates.py": "numpy's types know nothing of the columns of a structured array",
    "treering/memory/stores/": "SQLAlchemy's rows, statements and keys of statements",
    "treering/own_yaml.py": "what a YAML file says, before its readers look at it",
    "treering/sidecar/mcp/": "the life of MCP's server, and LangChain's tools, whose types stay out of this room",
    "treering/sidecar/problems.py": "FastAPI's OpenAPI document",
    "treering/sidecar/proxy/conversation.py": "messages of a request, which the upstream gets as they came",
    "treering/telemetry/counters.py": "a table from each kind of happening to the method that takes this kind",
    "treering/telemetry/tracing.py": "OpenTelemetry's propagator, typed by an extra",
    "treering/testing/chat_model.py": "signatures of LangChain's chat models",
    "treering/workers/beat_keeping.py": "Celery's worker has more attributes than its types know of",
}

IGNORED_TYPES = {
    "treering/cli/jobs.py": "typer's Context is Click's by another name",
    "treering/sidecar/connections.py": "uvicorn's own class narrows this argument too",
    "treering/sidecar/problems.py": "FastAPI's documentation says to set this method",
    "treering/workers/metrics.py": "prometheus_client has no types there",
    "treering/workers/queue_lengths.py": "kombu's types lack the answer of a declaration",
}


def files(*tops: str) -> dict[str, str]:
    """The source of each file, by its path."""
    return {
        file.relative_to(ROOT).as_posix(): file.read_text()
        for top in tops
        for file in sorted((ROOT / top).rglob("*.py"))
    }


def functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (
        one for one in statements(ast.parse(source).body) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef, source: str) -> int:
    """Lines on which code stands; a text on its own, such as a docstring, is none."""
    first, last = function.body[0].lineno, function.end_lineno or 0
    code = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
        for line in range(token.start[0], token.end[0] + 1)
    }
    texts = {
        line
        for node in ast.walk(function)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    return len((code - texts) & set(range(first, last + 1)))


def long_functions() -> set[str]:
    return {
        f"{path} {one.name}"
        for path, source in files("treering", "tests", "examples").items()
        if source.count("\n") > MAX_FUNCTION  # a third are shorter, and need not be parsed
        for one in functions(source)
        if (one.end_lineno or 0) - one.lineno >= MAX_FUNCTION and lines_of_code(one, source) > MAX_FUNCTION
    }


def long_files() -> set[str]:
    return {
        path
        for path, source in files("treering", "tests", "examples").items()
        if len(source.splitlines()) > (MAX_TESTS if path.startswith("tests/") else MAX_FILE)
    }


def files_with_any() -> set[str]:
    return {
        path
        for path, source in files("treering", "examples").items()
        if "Any" in source  # most have none, and need not be parsed
        and any(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(ast.parse(source)))
    }


def files_with_ignored_types() -> set[str]:
    return {path for path, source in files("treering", "examples").items() if "# type: ignore" in source}


@pytest.mark.parametrize(
    ("found", "allowed"),
    [
        (long_functions, LONG_FUNCTIONS),
        (long_files, LONG_FILES),
        (files_with_any, ANY),
        (files_with_ignored_types, IGNORED_TYPES),
    ],
    ids=["functions over 40 lines", "files over 300 lines", "Any", "type: ignore"],
)
def test_each_exception_has_its_reason_and_each_reason_its_exception(
    found: Callable[[], set[str]], allowed: Mapping[str, str]
) -> None:
    places = found()
    unexplained = {place for place in places if not place.startswith(tuple(allowed))}
    assert not unexplained, "mend it, or write down the reason"
    mended = {entry for entry in allowed if not any(place.startswith(entry) for place in places)}
    assert not mended, "take it out of the table"


def test_lines_of_code_are_counted_without_what_explains_them() -> None:
    source = '''
def add(
    one: int,
) -> int:
    """Add.

    More.
    """
    # why

    return (
        one + 1
    )
'''
    [add] = functions(source)
    assert lines_of_code(add, source) == 3
