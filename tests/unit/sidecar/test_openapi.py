"""Whatever the OpenAPI document allows or not: no route breaks, and each answers as it is described."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from prometheus_client import CollectorRegistry

from treering import Memory
from treering.settings import Settings
from treering.sidecar.access import OpenHouse
from treering.sidecar.app import create_app
from treering.sidecar.readiness import Readying

if TYPE_CHECKING:
    import schemathesis

ELSEWHERE = {"proxy", "mcp"}
"""Groups whose answers are those of another program."""


def run_all(memory: Memory, mode: str, examples: int) -> set[str]:
    """Send each route what its description allows (or, to be refused, does not); returns the routes."""
    import schemathesis  # noqa: PLC0415 - 0.15 s, and only where these tests run

    memory.remember("ana", "I live in Porto.")
    memory.flush()
    app = create_app(memory, OpenHouse(), Readying({}), CollectorRegistry())
    schema = schemathesis.openapi.from_asgi("/openapi.json", app).include(path_regex="^/v1/")
    seen = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        raw = schema.raw_schema["paths"][operation.path][operation.method.lower()]
        takes_nothing = not raw.get("parameters") and not raw.get("requestBody")
        if ELSEWHERE & set(raw["tags"]) or (takes_nothing and mode == "negative"):
            continue
        described = {int(status) for status in raw["responses"] if status.isdecimal()}
        assert {401, 403, 422, 429} <= described, f"{operation.label} says nothing of its problems"
        run(operation, described, schemathesis.GenerationMode(mode), examples)
        seen.add(operation.label)
    return seen


def run(
    operation: schemathesis.APIOperation, described: set[int], mode: schemathesis.GenerationMode, examples: int
) -> None:
    of_openapi = import_module("schemathesis.specs.openapi.checks")
    checks = [
        import_module("schemathesis.checks").not_a_server_error,
        of_openapi.content_type_conformance,
        of_openapi.response_schema_conformance,
    ]

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case) -> None:
        answer = case.call()
        assert answer.status_code in described | {404, 405}, "404 and 405: another path than that of a route"
        case.validate_response(answer, checks=checks)

    check()


@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_every_route_answers_as_it_is_described(tmp_path: Path, mode: str) -> None:
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        assert {"POST /v1/messages", "POST /v1/recall", "GET /v1/tree", "POST /v1/undo"} <= run_all(memory, mode, 2)


@pytest.mark.services
def test_every_route_answers_as_it_is_described_on_postgres(tmp_path: Path, postgres_url: str) -> None:
    kept = Settings(home=tmp_path, embedder="hash", database_url=postgres_url)
    with Memory(settings=kept, background=False) as memory:
        run_all(memory, "positive", 1)
