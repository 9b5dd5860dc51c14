"""A walk over YAML nodes that ends in values: every fault is named with its line and its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import ValidationError

from treering.errors import InvalidMigration, InvalidTrunk
from treering.schemas.trunks.nodes import BadYaml, Listing, Node, Pairs, Scalar, parse
from treering.schemas.value import Value

TOP = "the top"
"""The place of what belongs to the file as a whole."""

_MAX_SHOWN_CHARS = 60  # of a wrong value in a message: enough to find it, and it stays one line

Fault = type[InvalidTrunk] | type[InvalidMigration]
_Raw = Mapping[str, str | list[str]]
_V = TypeVar("_V", bound=Value)


@dataclass(slots=True, kw_only=True)
class Walk:
    """What reading any file takes; each kind of file adds its own rules."""

    source: str
    """What to call the file in errors: its path."""
    error: Fault
    """What to raise."""
    spelt: Mapping[str, str] = field(default_factory=dict)
    """What fields are called in the file, where it is something else."""

    def root(self, text: str) -> Node:
        """The document of a file."""
        try:
            return parse(text)
        except BadYaml as error:
            raise self.error(f"{self.source}:{error.line}", f"{error}; see docs/trunks.md for the layout") from error

    def mapping(self, node: Node, place: str) -> dict[str, Node]:
        """The values of a mapping by key, in the order of the file; equal keys are refused."""
        if not isinstance(node, Pairs):
            raise self.fault(node, place, f"expected `key: value` pairs, found {_kind(node)}")
        found: dict[str, Node] = {}
        for key, value in node.pairs:
            name = self.text(key, place)
            if name in found:
                raise self.fault(key, place, f"the key {name!r} is there twice; keep one")
            found[name] = value
        return found

    def listing(self, node: Node, place: str) -> tuple[Node, ...]:
        """The items of a sequence."""
        if not isinstance(node, Listing):
            raise self.fault(node, place, f"expected a list, found {_kind(node)}")
        return node.items

    def check_known(self, keys: Mapping[str, Node], known: tuple[str, ...], place: str, hint: str) -> None:
        """Refuse keys that nobody reads."""
        for key, value in keys.items():
            if key not in known:
                raise self.fault(value, place, f"unknown key {key!r} (known: {', '.join(known)}); {hint}")

    def raw(self, keys: Mapping[str, Node], place: str) -> _Raw:
        """Texts and lists of texts as written, for pydantic to read; what is null is left out."""
        raw: dict[str, str | list[str]] = {}
        for key, node in keys.items():
            if isinstance(node, Listing):
                raw[key] = [self.text(item, f"{place}, `{key}`") for item in node.items]
            elif not (isinstance(node, Scalar) and node.text is None):
                raw[key] = self.text(node, f"{place}, `{key}`")
        return raw

    def text(self, node: Node, place: str) -> str:
        """The text of a scalar, as written."""
        if isinstance(node, Scalar) and node.text is not None:
            return node.text
        raise self.fault(node, place, f"expected a text, found {_kind(node)}; a text that holds `: ` needs quotes")

    def build(self, kind: type[_V], node: Node, place: str, raw: Mapping[str, object]) -> _V:
        """The value of what was read; the first thing that is wrong with it is the fault."""
        try:
            return kind.model_validate(raw)
        except ValidationError as error:
            raise self.fault(node, place, _first_fault(error, self.spelt)) from error

    def fault(self, node: Node, place: str, why: str) -> InvalidTrunk | InvalidMigration:
        """The error about a node."""
        return self.error(self.where(node), f"at {place}: {why}")

    def where(self, node: Node) -> str:
        """File and line of a node."""
        return f"{self.source}:{node.line}"


def _kind(node: Node) -> str:
    match node:
        case Listing():
            return "a list"
        case Pairs():
            return "`key: value` pairs"
        case Scalar(text=None):
            return "nothing"
        case Scalar(text=text):
            return f"the text {text!r}"


def _first_fault(error: ValidationError, spelt: Mapping[str, str]) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    key = spelt.get(field, field)
    if first["type"] == "missing":
        return f"`{key}` is missing; add it"
    said = first["msg"].removeprefix("Value error, ")
    return f"`{key}`: {said[:1].lower()}{said[1:]}, found {_shown(first['input'])}" if key else said


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _MAX_SHOWN_CHARS else f"{shown[:_MAX_SHOWN_CHARS]}…"
