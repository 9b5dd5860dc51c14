"""Puts an export into a store, and proves that nothing of it was lost or changed."""

from __future__ import annotations

from functools import cache
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, get_args

from pydantic import TypeAdapter, ValidationError

from treering.errors import InvalidExport, OperationError, ScopeNotEmpty, TrunkMismatch
from treering.memory.exchange.document import CHECKSUM, MEMBERS, SECTIONS, SINGLE, Checksum, part_of
from treering.memory.tree import digest_of
from treering.schemas.export import EXPORT_FORMAT, EXPORT_NUMBER, Export, ExportedHead, ExportedTrunk, ExportSummary
from treering.schemas.jobs import BEHIND_TALK, PRIORITIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from pydantic import JsonValue

    from treering.memory.operations import Forest
    from treering.memory.ports import UnitOfWork
    from treering.schemas.dialogue import Scope
    from treering.schemas.export import Section
    from treering.schemas.trunk import Trunk

PAGE_RECORDS = 1_000
"""Records that are in memory at once."""


class Restoring:
    """One import of an export, within one write transaction.

    Args:
        unit: The transaction: whatever this raises must roll it back.
        scope: Whom it becomes.
        trunk: The trunk of the store.
        source: What error messages call the document.
    """

    def __init__(self, unit: UnitOfWork, scope: Scope, *, trunk: Trunk, source: str) -> None:
        self._unit = unit
        self._scope = scope
        self._trunk = trunk
        self._source = source
        self._opening: dict[str, Any] = {}
        self._counts: dict[Section, int] = {}
        self._expected: dict[Section, int] = {}
        self._checksum = Checksum()
        self._claimed = ""

    def restore(
        self, parts: Iterable[tuple[str, JsonValue]], now: datetime, progress: Callable[[int], None]
    ) -> ExportSummary:
        """Store a document in this empty scope, check it, and queue what follows from it.

        Args:
            parts: The members of the document in their order, lists item by item.
            now: When the jobs may run.
            progress: Told how many items were stored since it was told last.

        Raises:
            ScopeNotEmpty: Something is stored about this person.
            InvalidExport: The document is damaged, cut off, too new, or not what it says it is.
            TrunkMismatch: The trunk of the store has no such slots as the live claims stand in.
        """
        if not self._unit.history.is_empty(self._scope):
            raise ScopeNotEmpty(self._scope.user)
        try:
            self._take(parts, progress)
            head = self._check()
        except OperationError as error:
            raise self._invalid(f"its operations do not follow from each other: {error}") from error
        except ValidationError as error:  # which would quote the person, so it is no cause either
            raise self._invalid(_first_fault(error)) from None
        except UnicodeEncodeError:
            raise self._invalid("it holds a lone surrogate, which no store takes") from None
        except ValueError as error:
            raise self._invalid(str(error)) from None
        for kind in ("listen", "index", "summarise"):
            self._unit.jobs.enqueue(self._scope, kind, now, priority=PRIORITIES[kind] + BEHIND_TALK)
        return ExportSummary(
            tenant=self._scope.tenant,
            user=self._scope.user,
            version=head.version,
            digest=head.digest,
            counts=self._counts,
            sha256=self._claimed,
        )

    def _take(self, parts: Iterable[tuple[str, JsonValue]], progress: Callable[[int], None]) -> None:
        """Store every part, in order, as it comes."""
        ahead = list(MEMBERS)
        for name, group in groupby(parts, key=lambda part: part[0]):
            values = (value for _, value in group)
            if not self._opening and name != MEMBERS[0]:
                raise ValueError("it is no Treering export, or its members are in another order")
            if name not in ahead:
                raise ValueError(
                    f"the member {name!r} stands at the wrong place" if name in MEMBERS else f"unknown member {name!r}"
                )
            missing = [one for one in ahead[: ahead.index(name)] if one in SINGLE]
            if missing:
                raise ValueError(f"the member {missing[0]!r} is missing")
            del ahead[: ahead.index(name) + 1]
            if name == CHECKSUM:
                self._claimed = str(next(values))
            elif name in SECTIONS:
                self._take_list(name, values, progress)
            else:
                self._take_single(name, values)
        if not self._opening:
            raise ValueError("it is no Treering export")
        if ahead:
            raise ValueError("it is cut off: the checksum at the end is missing")

    def _take_single(self, name: str, values: Iterator[JsonValue]) -> None:
        value = next(values)
        part = part_of(name, value)
        self._checksum.add(part)
        if name == "format" and value != EXPORT_FORMAT:
            raise ValueError("it is no Treering export")
        if name == "number" and isinstance(value, int) and value > EXPORT_NUMBER:
            raise ValueError(
                f"it has format {value}, this Treering reads up to {EXPORT_NUMBER}; upgrade the treering package"
            )
        self._opening[name] = _adapter(name).validate_json(part[1], strict=True)
        if name == SINGLE[-1]:
            self._open()

    def _open(self) -> None:
        """All that is said before the lists is known: make room."""
        self._expected = self._opening["counts"]
        key = self._opening["tombstone_key"]
        self._unit.history.begin(self._scope, self._opening["head"], None if key is None else bytes.fromhex(key))

    def _take_list(self, section: Section, values: Iterator[JsonValue], progress: Callable[[int], None]) -> None:
        adapter = _adapter(section)
        while page := list(islice(values, PAGE_RECORDS)):
            parts = [part_of(section, value) for value in page]
            for part in parts:
                self._checksum.add(part)
            self._counts[section] = self._counts.get(section, 0) + len(page)
            if self._counts[section] > self._expected.get(section, 0):
                raise ValueError(f"it has more {section} than it says, {self._expected.get(section, 0)}")
            records = [adapter.validate_json(text, strict=True) for _, text in parts]
            self._unit.history.add(self._scope, section, records)
            progress(len(page))

    def _check(self) -> ExportedHead:
        """Compare what is stored now with what the document says of itself."""
        self._counts = {section: self._counts.get(section, 0) for section in SECTIONS}
        for section in SECTIONS:
            if self._counts[section] != self._expected.get(section, 0):
                raise ValueError(
                    f"it has {self._counts[section]} {section}, and says that there are {self._expected.get(section)}"
                )
        if self._checksum.hex != self._claimed:
            raise ValueError("its checksum does not match: it was changed or damaged")
        broken = self._unit.ledger.first_broken(self._scope)
        if broken is not None:
            raise ValueError(f"the chain of digests breaks at operation {broken}")
        said: ExportedHead = self._opening["head"]
        if (self._counts["batches"], self._counts["operations"]) != (said.version, said.seq):
            raise ValueError(f"its head has {said.version} versions of {said.seq} operations, its ledger has not")
        try:
            self._unit.ledger.rebuild(self._scope)
        except (LookupError, TypeError, AttributeError):  # digests fit, but something is no operation of any version
            raise ValueError("one of its operations has other parts than an operation has") from None
        head = self._unit.ledger.head(self._scope)
        live = [claim for tree in self._trees().values() for claim in tree.claims.values()]
        found = {
            "version": head.version,
            "seq": head.seq,
            "digest": head.digest,
            "heard_seq": head.heard_seq,
            "tree": digest_of(live),
        }
        for name, value in found.items():
            if getattr(said, name) != value:
                raise ValueError(f"its ledger does not lead to its head: the {name} differs")
        return said

    def _trees(self) -> Forest:
        """What the ledger folds to, on the trunk of the store."""
        trunk: ExportedTrunk = self._opening["trunk"]
        exported, here = f"{trunk.name}/{trunk.version}", f"{self._trunk.name}/{self._trunk.version}"
        try:
            trees = self._unit.ledger.trees(self._scope)
        except TrunkMismatch as error:
            raise TrunkMismatch(exported, here) from error
        if any(claim.path not in self._trunk.by_path for tree in trees.values() for claim in tree.claims.values()):
            raise TrunkMismatch(exported, here)
        return trees

    def _invalid(self, why: str) -> InvalidExport:
        return InvalidExport(self._source, why)


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    """Reads a member, or an item of a list."""
    field = Export.model_fields[name]
    if name in SECTIONS:
        return TypeAdapter(get_args(field.annotation)[0])
    return TypeAdapter(field.rebuild_annotation())


def _first_fault(error: ValidationError) -> str:
    """In one line, without the value: it may be long, or private."""
    details = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in details["loc"])
    return f"{error.title} {where} {details['msg'].removeprefix('Value error, ')}"
