"""The compose file: valid, hardened, and closed but for the api on loopback."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

OURS = ("migrate", "api", "worker", "beat")
STORES = ("postgres", "redis", "rabbitmq", "qdrant")
WATCHERS = ("prometheus", "grafana")


@pytest.fixture
def compose(deploy: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((deploy / "compose.yaml").read_text())
    return loaded


def test_it_is_a_compose_file(compose: dict[str, Any]) -> None:
    schema = json.loads(files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").read_text())
    check = jsonschema.validators.validator_for(schema)(schema)
    check.validate(compose)
    compose["services"]["api"]["port"] = 1
    assert not check.is_valid(compose)


def test_its_services_are_those_of_a_deployment(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {*OURS, *STORES, *WATCHERS}
    assert {name: compose["services"][name]["command"][0] for name in OURS} == {name: name for name in OURS}
    assert compose["services"]["beat"]["deploy"]["replicas"] == 1
    assert compose["services"]["redis"]["profiles"] == ["redis"]
    assert compose["services"]["rabbitmq"]["profiles"] == ["rabbitmq"]
    assert all(compose["services"][name]["profiles"] == ["observability"] for name in WATCHERS)


@pytest.mark.parametrize("name", [*OURS, *STORES, *WATCHERS])
def test_a_service_may_do_no_more_than_it_has_to(name: str, compose: dict[str, Any]) -> None:
    service = compose["services"][name]
    limits = service["deploy"]["resources"]["limits"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "memory"} <= set(limits)
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert name in ("api", "worker", "beat") or "healthcheck" in service  # those three have that of the image
    assert service.get("privileged") is None


def test_only_the_api_and_charts_are_published_and_on_loopback(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {
        "api": ["127.0.0.1:${API_PORT:-8377}:8377"],
        "grafana": ["127.0.0.1:${GRAFANA_PORT:-3000}:3000"],
    }
    assert compose["networks"]["stores"] == {"internal": True}
    assert all(compose["services"][name]["networks"] == ["stores"] for name in STORES)
    assert "stores" not in compose["services"]["grafana"]["networks"], "who breaks into it reaches no store"


def test_images_of_others_are_pinned(compose: dict[str, Any]) -> None:
    for name in (*STORES, *WATCHERS):
        tag = compose["services"][name]["image"].partition(":")[2]
        assert re.match(r"v?\d", tag), f"{name} is pinned to no version"


def test_what_keeps_something_keeps_it_in_a_named_volume(compose: dict[str, Any]) -> None:
    used = {mount.partition(":")[0] for service in compose["services"].values() for mount in service.get("volumes", ())}
    assert {name for name in used if not name.startswith("./")} == set(compose["volumes"])


def test_every_variable_is_in_the_example(compose: dict[str, Any], deploy: Path) -> None:
    example = (deploy / ".env.example").read_text()
    told = set(re.findall(r"^#? ?([A-Z_]+)=", example, re.MULTILINE))
    asked = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (deploy / "compose.yaml").read_text()))
    assert asked == told - {"COMPOSE_PROFILES"}
    assert not re.search(r"PASSWORD=\S", example), "an example has no password that somebody could leave as it is"


def test_it_waits_for_what_it_needs(compose: dict[str, Any]) -> None:
    for name in ("api", "worker", "beat"):
        needed = compose["services"][name]["depends_on"]
        assert needed["migrate"] == {"condition": "service_completed_successfully"}
        assert needed["redis"] == {"condition": "service_healthy", "required": False}
    assert compose["services"]["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
