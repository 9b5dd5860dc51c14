"""From YAML to a migration between two trunks: every fault is named with its line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from treering.errors import InvalidMigration
from treering.schemas.migration import Drop, Merge, Migration, Portion, Rename, Split, Step
from treering.schemas.trunks.nodes import Pairs, Scalar, parse
from treering.schemas.trunks.walking import TOP, Fault, Walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from treering.schemas.trunks.nodes import Node

MIGRATION_KEYS = ("from", "to", "steps")
STEP_KEYS = ("rename", "merge", "split", "drop")

_SPELT = {"origin": "from", "target": "to", "source": "from", "sources": "from"}

MAX_MIGRATION_BYTES = 1_048_576
"""Largest migration file, in bytes (1 MiB), as for trunks."""


def load_migration(path: str | Path) -> Migration:
    """The migration in a YAML file.

    Raises:
        InvalidMigration: The file is not there, cannot be read, or breaks the rules of migrations. Whether it fits its
            two trunks is seen when it is checked against them.
    """
    file = Path(path)
    try:
        content = file.read_bytes()
    except (OSError, ValueError) as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else f"cannot be read: {error}"
        raise InvalidMigration(str(path), f"{why}; give the path of a readable YAML file") from error
    if len(content) > MAX_MIGRATION_BYTES:
        raise InvalidMigration(str(path), f"has {len(content)} bytes, over the limit of {MAX_MIGRATION_BYTES}")
    try:
        return read_migration(content.decode(), str(path))
    except UnicodeDecodeError as error:
        raise InvalidMigration(str(path), f"is not UTF-8 text ({error.reason}); save it as UTF-8") from error


def is_migration(path: str | Path) -> bool:
    """Whether a file is meant as a migration, by its keys; one that cannot be read is not."""
    try:
        root = parse(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # whoever loads it says why
        return False
    keys = {key.text for key, _ in root.pairs if isinstance(key, Scalar)} if isinstance(root, Pairs) else set()
    return "tree" not in keys and not keys.isdisjoint(MIGRATION_KEYS)


def read_migration(text: str, source: str) -> Migration:
    """The migration that a YAML text describes.

    Args:
        text: The text of the file.
        source: What to call it in errors: its path.

    Raises:
        InvalidMigration: The text is not YAML, or not a migration.

    Example:
        >>> read_migration("{from: t/1, to: t/2, steps: [rename: {from: name, to: called}]}", "t").name
        't/1->t/2'
    """
    walk = _MigrationWalk(source=source)
    return walk.migration(walk.root(text))


@dataclass(slots=True, kw_only=True)
class _MigrationWalk(Walk):
    error: Fault = InvalidMigration
    spelt: Mapping[str, str] = field(default_factory=lambda: _SPELT)

    def migration(self, root: Node) -> Migration:
        keys = self.mapping(root, TOP)
        self.check_known(keys, MIGRATION_KEYS, TOP, "check the spelling")
        steps = keys.pop("steps", None)
        items = self.listing(steps, "steps") if steps is not None else ()
        read = tuple(self._step(node, f"step {number}") for number, node in enumerate(items, start=1))
        ends = {"origin": keys.get("from"), "target": keys.get("to")}
        raw = self.raw({key: node for key, node in ends.items() if node is not None}, TOP)
        for key, name in (("origin", "from"), ("target", "to")):
            if key not in raw:
                raise self.fault(root, TOP, f"`{name}` is missing; name the trunk and its version, e.g. core/1")
        return self.build(Migration, root, TOP, {**raw, "steps": read, "where": self.source})

    def _step(self, node: Node, place: str) -> Step:
        keys = self.mapping(node, place)
        self.check_known(keys, STEP_KEYS, place, "a step is one of these")
        if len(keys) != 1:
            raise self.fault(node, place, f"holds {len(keys)} steps; begin each with a dash of its own")
        [(kind, body)] = keys.items()
        where = {"where": self.where(node)}
        match kind:
            case "rename":
                return self.build(Rename, node, place, {**self._ends(body, place, "source"), **where})
            case "merge":
                self.listing(self._pair(body, place)["from"], f"{place}, `from`")
                return self.build(Merge, node, place, {**self._ends(body, place, "sources"), **where})
            case "split":
                return self._split(body, place, where)
            case _:
                return self.build(Drop, node, place, {"path": self.text(body, place), **where})

    def _ends(self, body: Node, place: str, source: str) -> dict[str, object]:
        keys = self._pair(body, place)
        raw = self.raw(keys, place)
        return {source: raw.get("from"), "to": raw.get("to")}

    def _split(self, body: Node, place: str, where: dict[str, str]) -> Split:
        keys = self._pair(body, place)
        portions = [self._portion(node, f"{place}, `to`") for node in self.listing(keys["to"], f"{place}, `to`")]
        raw = {"source": self.text(keys["from"], f"{place}, `from`"), "to": portions, **where}
        return self.build(Split, body, place, raw)

    def _portion(self, node: Node, place: str) -> Portion:
        keys = self.mapping(node, place)
        self.check_known(keys, ("path", "when"), place, "check the spelling")
        return self.build(Portion, node, place, self.raw(keys, place))

    def _pair(self, body: Node, place: str) -> dict[str, Node]:
        keys = self.mapping(body, place)
        self.check_known(keys, ("from", "to"), place, "check the spelling")
        for name in ("from", "to"):
            if name not in keys:
                raise self.fault(body, place, f"`{name}` is missing; add it")
        return keys
