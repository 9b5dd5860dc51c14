"""From YAML text to a trunk: every fault is named with its line and its place in the tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import ValidationError

from treering.errors import InvalidTrunk
from treering.schemas.trunk import Branch, Slot, Trunk
from treering.schemas.trunks.nodes import BadYaml, Listing, Node, Pairs, Scalar, parse
from treering.schemas.value import Value

TRUNK_KEYS = ("name", "version", "description", "tree")
BRANCH_KEYS = ("description", "children")
SLOT_KEYS = tuple(name for name in Slot.model_fields if name != "path")

_TOP = "the top"
_MAX_SHOWN_CHARS = 60  # of a wrong value in a message: enough to find it, and it stays one line
_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")

_Raw = Mapping[str, str | list[str]]
_V = TypeVar("_V", bound=Value)


def read_trunk(text: str, source: str) -> Trunk:
    """The trunk that a YAML text describes.

    Args:
        text: The text of the file.
        source: What to call it in errors: its path.

    Raises:
        InvalidTrunk: The text is not YAML, or not a trunk.

    Example:
        >>> read_trunk("{name: t, version: 1, description: One slot., tree: {name: {description: Name.}}}", "t").name
        't'
    """
    try:
        root = parse(text)
    except BadYaml as error:
        raise InvalidTrunk(f"{source}:{error.line}", f"{error}; see docs/trunks.md for the layout") from error
    return _Reader(source=source).trunk(root)


@dataclass(slots=True, kw_only=True)
class _Reader:
    """One walk over the nodes of one file."""

    source: str
    branches: list[Branch] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)

    def trunk(self, root: Node) -> Trunk:
        keys = self._mapping(root, _TOP)
        self._check_known(keys, TRUNK_KEYS, _TOP, "check the spelling")
        tree = keys.pop("tree", None)
        if tree is None:
            raise self._fault(root, _TOP, "`tree` is missing; put the branches and slots under it")
        self._children(tree, "")
        parts = {"branches": self.branches, "slots": self.slots}
        return self._build(Trunk, root, _TOP, {**self._raw(keys, _TOP), **parts})

    def _children(self, node: Node, parent: str) -> None:
        place = parent or "tree"
        children = self._mapping(node, place)
        if not children:
            raise self._fault(node, place, "has no children; give it slots, or take it out")
        for segment, child in children.items():
            path = f"{parent}.{segment}" if parent else segment
            if not _SEGMENT.fullmatch(segment):
                raise self._fault(child, path, f"the name {segment!r} may hold only letters, digits and underscores")
            self._branch_or_slot(child, path)

    def _branch_or_slot(self, node: Node, path: str) -> None:
        keys = self._mapping(node, path)
        if "children" not in keys:
            self._check_known(keys, SLOT_KEYS, path, "if it is to be a branch, put what it groups under `children`")
            self.slots.append(self._build(Slot, node, path, {"path": path, **self._raw(keys, path)}))
            return
        self._check_known(keys, BRANCH_KEYS, path, "what has `children` is a branch, and a branch holds no claims")
        children = keys.pop("children")
        self.branches.append(self._build(Branch, node, path, {"path": path, **self._raw(keys, path)}))
        self._children(children, path)

    def _mapping(self, node: Node, place: str) -> dict[str, Node]:
        if not isinstance(node, Pairs):
            raise self._fault(node, place, f"expected `key: value` pairs, found {_kind(node)}")
        found: dict[str, Node] = {}
        for key, value in node.pairs:
            name = self._text(key, place)
            if name in found:
                raise self._fault(key, place, f"the key {name!r} is there twice; keep one")
            found[name] = value
        return found

    def _check_known(self, keys: Mapping[str, Node], known: tuple[str, ...], place: str, hint: str) -> None:
        for key, value in keys.items():
            if key not in known:
                raise self._fault(value, place, f"unknown key {key!r} (known: {_listed(known)}); {hint}")

    def _raw(self, keys: Mapping[str, Node], place: str) -> _Raw:
        """Texts and lists of texts as written, for pydantic to read; what is null is left out."""
        raw: dict[str, str | list[str]] = {}
        for key, node in keys.items():
            if isinstance(node, Listing):
                raw[key] = [self._text(item, f"{place}, `{key}`") for item in node.items]
            elif not (isinstance(node, Scalar) and node.text is None):
                raw[key] = self._text(node, f"{place}, `{key}`")
        return raw

    def _text(self, node: Node, place: str) -> str:
        if isinstance(node, Scalar) and node.text is not None:
            return node.text
        raise self._fault(node, place, f"expected a text, found {_kind(node)}; a text that holds `: ` needs quotes")

    def _build(self, kind: type[_V], node: Node, place: str, raw: Mapping[str, object]) -> _V:
        try:
            return kind.model_validate(raw)
        except ValidationError as error:
            raise self._fault(node, place, _first_fault(error)) from error

    def _fault(self, node: Node, place: str, why: str) -> InvalidTrunk:
        return InvalidTrunk(f"{self.source}:{node.line}", f"at {place}: {why}")


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


def _first_fault(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    key = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "missing":
        return f"`{key}` is missing; add it"
    said = first["msg"].removeprefix("Value error, ")
    return f"`{key}`: {said[:1].lower()}{said[1:]}, found {_shown(first['input'])}" if key else said


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _MAX_SHOWN_CHARS else f"{shown[:_MAX_SHOWN_CHARS]}…"


def _listed(keys: tuple[str, ...]) -> str:
    return ", ".join(keys)
