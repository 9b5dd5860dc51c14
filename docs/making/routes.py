"""The reference of the routes, out of the OpenAPI document of the application."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryDirectory
from typing import Any

from prometheus_client import CollectorRegistry
from tables import cell, table

from treering import Memory, Settings
from treering.sidecar.access import OpenHouse
from treering.sidecar.app import create_app
from treering.sidecar.readiness import Readying

Node = dict[str, Any]


def reference(document: Node | None = None) -> str:
    """Every route by its group, then every value that goes over the wire."""
    document = document or described()
    groups: dict[str, list[str]] = {}
    for method, path, route in operations(document):
        groups.setdefault(route["tags"][0], []).append(_route(method, path, route))
    told = [f"## {name.capitalize()}\n\n" + "\n".join(routes) for name, routes in groups.items()]
    values = [_value(name, value) for name, value in sorted(document["components"]["schemas"].items())]
    return "\n".join([*told, "## Values\n", *values])


def described() -> Node:
    """The OpenAPI document, of an application that is never started."""
    with TemporaryDirectory() as home, Memory(settings=Settings(home=home), background=False) as memory:
        return create_app(memory, OpenHouse(), Readying({}), CollectorRegistry()).openapi()


def operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    """Method, path and description of each route."""
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            yield method.upper(), path, route


def _route(method: str, path: str, route: Node) -> str:
    rights = [right for one in route.get("security", ()) for asked in one.values() for right in asked]
    parameters = [
        (
            f"`{one['name']}`",
            one["in"],
            type_of(one["schema"]) + (", required" if one.get("required") else ""),
            _said(one),
        )
        for one in route.get("parameters", ())
    ]
    body = _content(route.get("requestBody", {}))
    answers = [
        (f"`{status}`", _said(one), _content(one))
        for status, one in sorted(route["responses"].items())
        if status != "default"
    ]
    lines = [f"### {method} {path}\n", cell(route.get("description", "")) + "\n"]
    lines += [f"Right: `{', '.join(rights)}`.\n"] if rights else []
    lines += [table(("Parameter", "in", "type", "meaning"), parameters)]
    lines += [f"Body: {body}\n"] if body else []
    return "\n".join([*lines, table(("Status", "meaning", "body"), answers)])


def _value(name: str, value: Node) -> str:
    required = value.get("required", ())
    rows = [
        (f"`{field}`", type_of(of) + (", required" if field in required else ""), _said(of))
        for field, of in value.get("properties", {}).items()
    ]
    one_of = "" if rows else f"{type_of(value)}\n"
    return "\n".join([f"### {name}\n", _said(value) + "\n", one_of, table(("Field", "type", "meaning"), rows)])


def _said(of: Node) -> str:
    return cell(of.get("description", ""))


def _content(of: Node) -> str:
    return ", ".join(type_of(one.get("schema", {})) or f"`{kind}`" for kind, one in of.get("content", {}).items())


def type_of(of: Node) -> str:
    """A type in words, with links to values."""
    if "$ref" in of:
        name = of["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in of:
            return " or ".join(type_of(one) for one in of[key])
    if "const" in of:
        return f"`{of['const']}`"
    if "enum" in of:
        return ", ".join(f"`{one}`" for one in of["enum"])
    if of.get("type") == "array":
        return f"list of {type_of(of.get('items', {})) or 'anything'}"
    return of.get("format") or of.get("type", "")
