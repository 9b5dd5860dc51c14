"""From YAML text to a trunk: every fault is named with its line and its place in the tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from treering.errors import InvalidTrunk
from treering.schemas.trunk import Branch, Slot, Trunk
from treering.schemas.trunks.nodes import Node
from treering.schemas.trunks.walking import TOP, Fault, Walk

TRUNK_KEYS = ("name", "version", "description", "tree")
BRANCH_KEYS = ("description", "children")
SLOT_KEYS = tuple(name for name in Slot.model_fields if name != "path")

_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")


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
    reader = _TrunkWalk(source=source)
    return reader.trunk(reader.root(text))


@dataclass(slots=True, kw_only=True)
class _TrunkWalk(Walk):
    """One walk over the nodes of one file."""

    error: Fault = InvalidTrunk
    branches: list[Branch] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)

    def trunk(self, root: Node) -> Trunk:
        keys = self.mapping(root, TOP)
        self.check_known(keys, TRUNK_KEYS, TOP, "check the spelling")
        tree = keys.pop("tree", None)
        if tree is None:
            raise self.fault(root, TOP, "`tree` is missing; put the branches and slots under it")
        self._children(tree, "")
        parts = {"branches": self.branches, "slots": self.slots}
        return self.build(Trunk, root, TOP, {**self.raw(keys, TOP), **parts})

    def _children(self, node: Node, parent: str) -> None:
        place = parent or "tree"
        children = self.mapping(node, place)
        if not children:
            raise self.fault(node, place, "has no children; give it slots, or take it out")
        for segment, child in children.items():
            path = f"{parent}.{segment}" if parent else segment
            if not _SEGMENT.fullmatch(segment):
                raise self.fault(child, path, f"the name {segment!r} may hold only letters, digits and underscores")
            self._branch_or_slot(child, path)

    def _branch_or_slot(self, node: Node, path: str) -> None:
        keys = self.mapping(node, path)
        if "children" not in keys:
            self.check_known(keys, SLOT_KEYS, path, "if it is to be a branch, put what it groups under `children`")
            self.slots.append(self.build(Slot, node, path, {"path": path, **self.raw(keys, path)}))
            return
        self.check_known(keys, BRANCH_KEYS, path, "what has `children` is a branch, and a branch holds no claims")
        children = keys.pop("children")
        self.branches.append(self.build(Branch, node, path, {"path": path, **self.raw(keys, path)}))
        self._children(children, path)
