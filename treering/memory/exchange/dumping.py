"""Takes everything that is one person's out of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors import UnknownUser
from treering.memory.exchange.document import SECTIONS, Checksum, part_of
from treering.memory.tree import digest_of
from treering.schemas.export import EXPORT_FORMAT, EXPORT_NUMBER, Export, ExportedHead, ExportSummary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from treering.memory.exchange.document import Part
    from treering.memory.ports import UnitOfWork
    from treering.schemas.dialogue import Scope


class Dump:
    """The export of a scope, read while a transaction lasts.

    Args:
        unit: The transaction; what it shows must not change while it lasts.
        scope: Whose memory.
        written_by: The version of Treering.

    Raises:
        UnknownUser: Nothing is stored about this person.
    """

    def __init__(self, unit: UnitOfWork, scope: Scope, *, written_by: str) -> None:
        if unit.history.is_empty(scope):
            raise UnknownUser(scope.user)
        self._unit = unit
        self._scope = scope
        head = unit.ledger.head(scope)
        live = (claim for tree in unit.ledger.trees(scope).values() for claim in tree.claims.values())
        key = unit.history.tombstone_key(scope)
        self.head = ExportedHead(
            version=head.version,
            seq=head.seq,
            digest=head.digest,
            heard_seq=head.heard_seq,
            tree=digest_of(live),
        )
        self.counts = {section: unit.history.count(scope, section) for section in SECTIONS}
        self.opening: dict[str, JsonValue] = {
            "format": EXPORT_FORMAT,
            "number": EXPORT_NUMBER,
            "treering": written_by,
            "tenant": scope.tenant,
            "user": scope.user,
            "trunk": unit.history.trunk(scope).model_dump(mode="json"),
            "head": self.head.model_dump(mode="json"),
            "counts": dict(self.counts.items()),
            "tombstone_key": None if key is None else key.hex(),
        }

    def parts(self) -> Iterator[Part]:
        """The members as canonical JSON, lists item by item, in the order of the document."""
        for name, value in self.opening.items():
            yield part_of(name, value)
        for section in SECTIONS:
            for record in self._unit.history.records(self._scope, section):
                yield part_of(section, record)

    def whole(self) -> Export:
        """All of it as one value, in memory."""
        checksum = Checksum()
        for part in self.parts():
            checksum.add(part)
        lists = {section: tuple(self._unit.history.records(self._scope, section)) for section in SECTIONS}
        return Export.model_validate({**self.opening, **lists, "sha256": checksum.hex})

    def summary(self, checksum: Checksum) -> ExportSummary:
        """What was given out."""
        return ExportSummary(
            tenant=self._scope.tenant,
            user=self._scope.user,
            version=self.head.version,
            digest=self.head.digest,
            counts=self.counts,
            sha256=checksum.hex,
        )
