"""Every route of a memory against every right, and against another tenant. Routes that are added are walked too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from treering import Memory
from treering.schemas.access import RIGHTS, Right
from treering.schemas.pages import cursor_at
from treering.sidecar.access import right_of
from treering.sidecar.app import create_app
from treering.sidecar.auth import KeyGate
from treering.sidecar.readiness import Readying

#: What asks for no key, on purpose.
PUBLIC = {"/health/live", "/health/ready", "/version", "/metrics", "/openapi.json", "/", "/inspector"}

#: Requests of routes that the OpenAPI document leaves out; a new one of these is added here.
UNDOCUMENTED: dict[str, dict[str, Any]] = {
    "POST /mcp": {
        "json": {"jsonrpc": "2.0", "id": 1, "method": "ping"},
        "headers": {"X-Treering-User": "ana", "Accept": "application/json, text/event-stream"},
    },
    "GET /v1/models": {},
    "POST /v1/chat/completions": {
        "json": {"model": "m", "user": "ana", "messages": [{"role": "user", "content": "Hi"}]}
    },
}

#: Routes that answer so where nothing is configured behind them.
WITHOUT_UPSTREAM = {"GET /v1/models", "POST /v1/chat/completions"}

HIDDEN = "Tashkent"


@dataclass(frozen=True)
class Asked:
    """A route with a request that it understands."""

    name: str
    right: Right | None
    request: dict[str, Any] = field(hash=False)


#: What the owner has, and what nobody has: of the same length, so that answers can be compared to the byte.
NOBODYS = {"ana": "eve", "m1": "z9", "2024-03-01": "2031-01-09", "k-owner": "k-other"}

#: Parameters that name something, and need not be given.
NAMING = ("cursor", "session", "user", "version", "since")

NASTY = [
    "",
    "\x00",
    "ana\x00",
    "\ud800",
    "../../v1/tree",
    "..%2f..%2fetc/passwd",
    "' OR '1'='1' --",
    "ana'); DROP TABLE scopes; --",
    "\u0430n\u0430",  # in Cyrillic
    "ana\u200b",
    "\uff41\uff4e\uff41",  # in full width
    "ANA",
    "ana ",
    "-1",
    "9" * 30,
    "1e9",
    "%s%n{0}{{7*7}}${jndi:x}",
    "<script>alert(1)</script>",
    "\u202eana",
    "x" * 5_000,
    "\U0010ffff",
]


@dataclass(frozen=True)
class House:
    """A server with memories of Ana at one tenant, and keys of another."""

    memory: Memory
    client: TestClient
    routes: list[Asked]
    owner: dict[Right, str]
    stranger: dict[Right, str]
    ids: dict[str, Any]
    """What the owner has, by the name of a parameter."""

    def send(self, asked: Asked, secret: str, names: Mapping[str, str]) -> tuple[int, dict[str, str], str]:
        """Status, headers and body, where some names are replaced by others; without what differs with each answer."""
        written = json.dumps({"of": asked.request, "to": asked.name.partition(" ")[2]})
        for name, other in names.items():
            written = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", other, written)
        request = json.loads(written)["of"]
        method, _, path = asked.name.partition(" ")
        headers = {**request.pop("headers", {}), "Authorization": f"Bearer {secret}", "Host": "127.0.0.1"}
        answer = self.client.request(method, request.pop("path", path), headers=headers, **request)
        others = nobodys(self.ids)
        told = {key: plain(value, others) for key, value in answer.headers.items() if key != "content-length"}
        return answer.status_code, told, plain(answer.text, others)

    def ask(self, asked: Asked, secret: str | None, **more: str) -> tuple[int, str]:
        """Status and body."""
        request = dict(asked.request)
        headers = {**request.pop("headers", {}), **({} if secret is None else {"Authorization": f"Bearer {secret}"})}
        params = {**request.pop("params", {}), **more}
        method, _, path = asked.name.partition(" ")
        path = request.pop("path", path)
        answer = self.client.request(method, path, headers=headers, params=params, **request)
        return answer.status_code, answer.text


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home: Path = tmp_path_factory.mktemp("house")
    with Memory(home, embedder="hash", background=False) as memory:
        said = [
            {"role": "user", "content": f"I live in {HIDDEN}.", "id": "m1"},
            {"role": "user", "content": f"I work as a baker in {HIDDEN}.", "id": "m4"},
            {"role": "user", "content": f"Please forget that I work as a baker in {HIDDEN}.", "id": "m2"},
        ]
        memory.remember("ana", said, session="2024-03-01", tenant="acme")
        memory.end_session("ana", tenant="acme")
        memory.flush("ana", tenant="acme")
        [claim, *_] = memory.tree("ana", tenant="acme").claims
        [held, *_] = memory.quarantine("ana", tenant="acme")
        memory.remember("ana", {"content": "Later.", "id": "m3"}, session="s2", tenant="acme")
        [job, *_] = memory.jobs("ana", tenant="acme")
        ids = {"claim_id": claim.id, "held_id": held.id, "job_id": job.id, "message_id": "m1"}
        ids |= {"query": "Where does Ana live?"}
        ids |= {"cursor": cursor_at("ana"), "session": "2024-03-01", "user": "ana", "version": 1}
        owner: dict[Right, str] = {right: memory.create_key(right, tenant="acme").secret for right in RIGHTS}
        stranger: dict[Right, str] = {right: memory.create_key(right, tenant="other").secret for right in RIGHTS}
        app = create_app(memory, KeyGate(memory), Readying({}), CollectorRegistry())
        with TestClient(app) as client:
            added = {"params": {"user": "ana"}, "json": {"path": "health.diet", "text": "is vegan"}}
            headers = {"Idempotency-Key": "k-owner", "Authorization": f"Bearer {owner['write']}"}
            assert client.post("/v1/claims", headers=headers, **added).status_code == 200
            yield House(memory, client, list(walk(app, ids)), owner, stranger, ids)


def walk(app: FastAPI, ids: dict[str, Any]) -> Iterator[Asked]:
    """Every route that is not public; none is left out because it is of another kind or has no example."""
    document = app.openapi()
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        path = context.path or getattr(route, "path", None)
        if path in PUBLIC:
            continue
        assert isinstance(route, APIRoute), f"{path}: a route that this test cannot walk; let it be an APIRoute"
        dependant = context.dependant or route.dependant
        for method in sorted(context.methods or route.methods):
            name = f"{method} {path}"
            described = document["paths"].get(path, {}).get(method.lower())
            if described is None:
                assert name in UNDOCUMENTED, f"{name} is in no OpenAPI document: add a request to UNDOCUMENTED"
                request = UNDOCUMENTED[name]
            else:
                request = request_of(name, described, document, ids)
            yield Asked(name, right_in(dependant), request)


def right_in(dependant: Dependant) -> Right | None:
    """What a route asks for, by itself or by what it depends on."""
    found = right_of(dependant.call) if dependant.call is not None else None
    return found or next((right for one in dependant.dependencies if (right := right_in(one))), None)


def request_of(name: str, described: dict[str, Any], document: dict[str, Any], ids: dict[str, Any]) -> dict[str, Any]:
    """A request by the examples of the document, about what the owner has."""
    request: dict[str, Any] = {"params": {}, "path": name.partition(" ")[2]}
    for parameter in described.get("parameters", ()):
        if not parameter.get("required"):
            continue
        value = ids.get(parameter["name"], example_of(parameter, document))
        assert value is not None, f"{name}: give its parameter {parameter['name']!r} an OpenAPI example"
        if parameter["in"] == "path":
            request["path"] = request["path"].replace(f"{{{parameter['name']}}}", str(value))
        elif parameter["in"] == "query":
            request["params"][parameter["name"]] = value
    assert "{" not in request["path"], name
    body = described.get("requestBody")
    if body is not None:
        assert set(body["content"]) == {"application/json"}, f"{name}: its body is no JSON, which this test cannot make"
        example = deepcopy(example_of(body["content"]["application/json"], document))
        assert example is not None, f"{name}: give its body an OpenAPI example"
        if isinstance(example, dict):
            example |= {key: ids[key] for key in ids.keys() & example.keys()}
        request["json"] = example
    return request


def example_of(described: dict[str, Any], document: dict[str, Any]) -> Any:  # noqa: ANN401, PLR0911 - JSON
    """The first example of a parameter, a medium or a schema; for a number without one, the least."""
    if "example" in described:
        return described["example"]
    match described.get("examples"):
        case [first, *_]:
            return first
        case dict(named):
            return next(iter(named.values()))["value"]
    if "$ref" in described:
        return example_of(document["components"]["schemas"][described["$ref"].rpartition("/")[2]], document)
    if "schema" in described:
        return example_of(described["schema"], document)
    for one in described.get("anyOf", ()):
        if (found := example_of(one, document)) is not None:
            return found
    return described.get("minimum", 1) if described.get("type") == "integer" else None


def test_there_are_routes_of_every_right(house: House) -> None:
    assert {asked.right for asked in house.routes} >= set(RIGHTS)
    assert set(UNDOCUMENTED) <= {asked.name for asked in house.routes}


def test_every_route_of_a_memory_says_what_it_asks_for(house: House) -> None:
    assert [asked.name for asked in house.routes if asked.right is None] == []


def test_the_document_says_what_asks_for_a_credential_and_for_which_right(house: House) -> None:
    document = house.client.get("/openapi.json").json()
    assert (
        document["components"]["securitySchemes"]["bearerAuth"].items() >= {"type": "http", "scheme": "bearer"}.items()
    )
    said = {
        f"{method.upper()} {path}": described.get("security")
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    }
    asking = {asked.name: [{"bearerAuth": [asked.right]}] for asked in house.routes if asked.name in said}
    assert said == {name: asking.get(name) for name in said}
    assert {name for name, security in said.items() if not security} == {f"GET {path}" for path in PUBLIC} & set(said)
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            if said[f"{method.upper()} {path}"]:
                told = {status: described["responses"][status] for status in ("401", "403", "429", "503")}
                assert all("application/problem+json" in one["content"] for one in told.values())
                assert "Retry-After" in told["429"]["headers"].keys() & told["503"]["headers"].keys()


def test_without_a_key_nothing_is_answered(house: House) -> None:
    guess = "tr_0123456789ab_" + "0" * 64
    for secret in (None, guess):
        found = {asked.name: house.ask(asked, secret)[0] for asked in house.routes}
        assert {name: status for name, status in found.items() if status != 401} == {}


def test_a_smaller_right_is_not_enough(house: House) -> None:
    found = {
        f"{asked.name} with {right}": house.ask(asked, house.owner[right])[0]
        for asked in house.routes
        for right in RIGHTS[: RIGHTS.index(asked.right)]  # type: ignore[arg-type]
    }
    assert len(found) > len(RIGHTS)
    assert {name: status for name, status in found.items() if status != 403} == {}


def test_another_tenant_finds_nothing_and_changes_nothing(house: House) -> None:
    before = house.memory.export("ana", tenant="acme").model_dump_json(exclude={"exported_at"})
    jobs = house.memory.jobs(states=("queued", "running", "dead", "done", "cancelled"), tenant="acme")
    refused, failed, told = {}, {}, []
    for asked in house.routes:
        assert asked.right is not None
        for more in ({}, {"tenant": "acme"}):
            status, body = house.ask(asked, house.stranger[asked.right], **more)
            if status in (401, 403):
                refused[asked.name] = status
            if status >= 500 and asked.name not in WITHOUT_UPSTREAM:
                failed[asked.name] = status
            if HIDDEN in body:
                told.append(asked.name)
    assert (refused, failed, told) == ({}, {}, [])
    assert house.memory.export("ana", tenant="acme").model_dump_json(exclude={"exported_at"}) == before
    assert house.memory.jobs(states=("queued", "running", "dead", "done", "cancelled"), tenant="acme") == jobs


def plain(text: str, names: Mapping[str, str]) -> str:
    """An answer without the names that were asked for, moments, lengths of time, digests and random ids."""
    for name in (*names, *names.values()):
        text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "(name)", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)", "(moment)", text)
    text = re.sub(r"\b[0-9a-f]{12,64}\b", "(hex)", text)
    return re.sub(r"\d+\.\d+(e-\d+)?", "(number)", text)


def nobodys(ids: Mapping[str, Any]) -> dict[str, str]:
    """For each id of the owner one of the same form that nobody has."""
    hexes = {str(ids[name]): str(ids[name])[::-1] for name in ("claim_id", "held_id")}
    return {**NOBODYS, **hexes, str(ids["job_id"]): "8" * len(str(ids["job_id"]))}


def with_all_names(asked: Asked, house: House) -> Asked:
    """A request that also names what it need not name, and holds the owner's conditions."""
    document = house.client.app.openapi()  # type: ignore[attr-defined] # it is FastAPI's
    method, _, path = asked.name.partition(" ")
    described = document["paths"].get(path, {}).get(method.lower(), {})
    taken = {one["name"] for one in described.get("parameters", ()) if one["in"] == "query"}
    headers = {one["name"] for one in described.get("parameters", ()) if one["in"] == "header"}
    more: dict[str, Any] = {name: house.ids[name] for name in NAMING if name in taken and name in house.ids}
    if asked.name != "GET /v1/people":
        more.pop("cursor", None)
    conditions = {"If-Match": '"1"', "Idempotency-Key": "k-owner"}
    given = {name: value for name, value in conditions.items() if name in headers}
    request = dict(asked.request)
    request["params"] = {**request.get("params", {}), **more}
    request["headers"] = {**request.get("headers", {}), **given}
    return replace(asked, request=request)


def calls_of_mcp(ids: Mapping[str, Any]) -> list[Asked]:
    """Every tool and resource with what the owner has."""
    arguments: list[tuple[str, dict[str, object]]] = [
        ("recall_memory", {"question": "Where does she live?"}),
        ("read_persona", {}),
        ("read_persona", {"path": "home.city"}),
        ("search_history", {"query": "live"}),
        ("remember", {"text": "I like tea."}),
        ("forget", {"claim": ids["claim_id"]}),
        ("forget", {"message": "m1"}),
        ("forget", {"path": "home"}),
        ("forget", {"about": HIDDEN, "confirmation": "0123456789ab"}),
    ]
    read = [f"memory://{kind}{path}" for kind in ("persona", "history") for path in ("", "/home", "/nowhere")]
    bodies = [
        *({"method": "tools/call", "params": {"name": name, "arguments": given}} for name, given in arguments),
        *({"method": "resources/read", "params": {"uri": uri}} for uri in read),
        {"method": "resources/list"},
        {"method": "tools/list"},
    ]
    headers = UNDOCUMENTED["POST /mcp"]["headers"]
    return [Asked("POST /mcp", "write", {"json": {"jsonrpc": "2.0", "id": 1, **b}, "headers": headers}) for b in bodies]


def test_what_is_anothers_is_answered_as_what_nobody_has(house: House) -> None:
    """To the byte, apart from what the request itself said; each of two tenants asks for the first time."""
    unlike = {}
    number = 0
    for asked in [*house.routes, *map(partial(with_all_names, house=house), house.routes), *calls_of_mcp(house.ids)]:
        found = []
        for names in ({}, nobodys(house.ids)):
            number += 1
            key = house.memory.create_key(asked.right or "read", tenant=f"t{number}").secret
            found.append(house.send(asked, key, names))
        if found[0] != found[1]:
            unlike[asked.name] = [part for parts in zip(*found, strict=True) if parts[0] != parts[1] for part in parts]
        assert HIDDEN not in found[0][2] or "about" in str(asked.request)
    assert unlike == {}


def at_every_id(asked: Asked, ids: Mapping[str, Any], value: str) -> Asked:
    """A request with something in place of whatever names something."""
    request = deepcopy(asked.request)
    path = asked.name.partition(" ")[2]
    in_path = quote(value, safe="", errors="surrogatepass")
    request["path"] = re.sub(r"\{\w+\}", lambda _: in_path, path)
    params = {**request.get("params", {}), "cursor": value, "session": value, "version": value, "label": value}
    given = {name: value if name in ids or name in params else old for name, old in params.items()}
    request["params"] = {name: one.encode("utf-8", "surrogatepass") for name, one in given.items()}
    if isinstance(request.get("json"), dict):
        request["json"] |= dict.fromkeys(ids.keys() & request["json"].keys(), value)
        request["content"] = json.dumps(request.pop("json")).encode()
    sent = re.sub(rb"[\x00-\x1f\x7f]", b"", value.encode("utf-8", "surrogatepass"))
    named = dict.fromkeys(("X-Treering-User", "X-Treering-Session", "Idempotency-Key", "If-Match"), sent)
    request["headers"] = {**request.get("headers", {}), **named, "Content-Type": "application/json"}
    return replace(asked, request=request)


@settings(max_examples=60)
@given(data=st.data())
def test_no_id_that_somebody_makes_up_breaks_or_opens_anything(house: House, data: st.DataObject) -> None:
    asked = data.draw(st.sampled_from(house.routes), label="route")
    cursors = [cursor_at(place) for place in (0, 1, 2**63 - 1, "ana", "")]
    damaged = st.sampled_from(cursors).flatmap(
        lambda one: st.integers(0, len(one)).map(lambda at: one[:at] + "~" + one[at:])
    )
    anybodys = (
        st.text(st.characters(exclude_categories=()))
        | damaged
        | st.sampled_from([*NASTY, *map(str, house.ids.values())])
    )
    value = data.draw(anybodys, label="id")
    status, body = house.ask(at_every_id(asked, house.ids, value), house.stranger["admin"])
    assert status < 500 or asked.name in WITHOUT_UPSTREAM, (asked.name, status, body)
    assert HIDDEN not in body


def test_the_owner_finds_what_others_do_not(house: House) -> None:
    """Or the tests above would hold for a server that knows nothing."""
    reading = [asked for asked in house.routes if asked.right == "read"]
    telling = {asked.name for asked in reading if HIDDEN in house.ask(asked, house.owner["read"])[1]}
    assert telling >= {"GET /v1/tree", "GET /v1/messages", "GET /v1/history", "GET /v1/quarantine", "POST /v1/recall"}
