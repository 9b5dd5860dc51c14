"""The trunks of a store: which there have been, and on which one each ledger stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from treering.errors import TrunkMismatch
from treering.memory.stores.tables import batches, heads, trunks
from treering.memory.stores.upsert import upsert
from treering.schemas.trunk import Trunk

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from treering.memory.operations import Forest
    from treering.schemas.migration import Standing
    from treering.schemas.operations import Head

_GET = select(trunks.c.trunk).where(trunks.c.name == bindparam("name"), trunks.c.version == bindparam("version"))
_ALL = select(trunks.c.trunk).order_by(trunks.c.name, trunks.c.version)
_STANDING = (
    select(heads.c.trunk_name, heads.c.trunk_version, func.count())
    .where(heads.c.version > 0)
    .group_by(heads.c.trunk_name, heads.c.trunk_version)
)
_AT = select(batches.c.trunk_name, batches.c.trunk_version).where(
    batches.c.scope_id == bindparam("scope_id"), batches.c.version == bindparam("version")
)


class SqlTrunkStore:
    """Every trunk that a ledger of the store has stood on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str, version: int) -> Trunk | None:
        """The trunk of this name and version."""
        found = self._connection.execute(_GET, {"name": name, "version": version}).scalar()
        return None if found is None else Trunk.model_validate_json(found)

    def put(self, trunk: Trunk) -> None:
        """Keep a trunk; see the port."""
        known = self.get(trunk.name, trunk.version)
        if known is None or (known != trunk and known.by_path.keys() <= trunk.by_path.keys()):
            row = {"name": trunk.name, "version": trunk.version, "trunk": trunk.model_dump_json()}
            self._connection.execute(upsert(self._connection, trunks), row)

    def trunks(self) -> list[Trunk]:
        """All of them, by name and version."""
        return [Trunk.model_validate_json(text) for text in self._connection.execute(_ALL).scalars()]

    def standing(self) -> list[Standing]:
        """How many ledgers stand on which trunk."""
        from treering.schemas.migration import Standing  # noqa: PLC0415 - 4 ms that a recall need not pay

        found = [
            Standing(trunk=None if name is None else f"{name}/{version}", people=people)
            for name, version, people in self._connection.execute(_STANDING)
        ]
        return sorted(found, key=lambda standing: standing.trunk or "")

    def at(self, scope_id: int, version: int, loaded: Trunk) -> Trunk:
        """The trunk that a scope stood on at a version; the one that is loaded where none was recorded."""
        row = self._connection.execute(_AT, {"scope_id": scope_id, "version": version}).one_or_none()
        if (
            row is None
            or row.trunk_name is None
            or (row.trunk_name, row.trunk_version) == (loaded.name, loaded.version)
        ):
            return loaded
        return self.get(row.trunk_name, row.trunk_version) or loaded


def check_standing(head: Head, trunk: Trunk, forest: Forest) -> None:
    """Refuses to read or write a scope as if it stood on a trunk that it does not stand on.

    Its claims would be silently invisible there, or mean something else. Without claims there is nothing to be missed.

    Raises:
        TrunkMismatch: It has claims, and its latest version was committed on another trunk.
    """
    if forest and head.trunk_name is not None and (head.trunk_name, head.trunk_version) != (trunk.name, trunk.version):
        raise TrunkMismatch(f"{head.trunk_name}/{head.trunk_version}", trunk.label)


def check_slots(head: Head, trunk: Trunk, forest: Forest) -> None:
    """Refuses a trunk without a slot that holds a live claim, whatever it is called.

    Raises:
        TrunkMismatch: A claim has no slot.
    """
    for tree in forest.values():
        for path in tree.by_path:
            if path not in trunk.by_path:
                name = trunk.label if head.trunk_name is None else f"{head.trunk_name}/{head.trunk_version}"
                raise TrunkMismatch(f"{name} with a slot {path!r}", f"{trunk.label} without it")
