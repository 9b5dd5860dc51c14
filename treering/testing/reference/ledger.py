"""The ledger: a list of entries, and the claims that they come to. The past is folded from the start, each time."""

from __future__ import annotations

import hashlib
import json
from types import MappingProxyType
from typing import TYPE_CHECKING

from treering.errors import FenceLost, TrunkMismatch, UnknownVersion, VersionConflict
from treering.memory.digest import canonical, chain, commitment, reunite, separate, without_words
from treering.memory.operations import claim_of, fold, plant, replay, subject_of, without_bare
from treering.memory.ports.erasure import Spoken
from treering.memory.tree import PersonaTree
from treering.schemas.claims import SELF
from treering.schemas.export import ExportedBatch, ExportedOperation, ExportedSubject
from treering.schemas.migration import Standing
from treering.schemas.operations import Add, Commit, Delete, Head, LedgerEntry, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime

    from treering.memory.operations import Forest
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Scope
    from treering.schemas.operations import Batch, Operation, OperationKind
    from treering.schemas.trunk import Trunk
    from treering.testing.reference.state import Person, State

ALIAS_CHARS = 24
"""Hex digits of the commitment in an alias."""


class ReferenceLedger:
    """The append-only list of operations of a scope, and the tree it folds to."""

    def __init__(self, state: State, *, trunk: Trunk, salt: Callable[[], bytes], fingerprint: str) -> None:
        self._state = state
        self._trunk = trunk
        self._salt = salt
        self._fingerprint = fingerprint

    def head(self, scope: Scope) -> Head:
        """Where the ledger stands."""
        person = self._state.of(scope)
        version, seq = person.index_marks.get(self._fingerprint, (0, 0))
        marks = {"last_seq": len(person.turns), "indexed_version": version, "indexed_seq": seq}
        wishes = sum(one.verdict is not None and one.verdict.forgets is not None for one in person.held.values())
        return person.head.model_copy(update={**marks, "wishes": wishes})

    def trees(self, scope: Scope, *, version: int | None = None) -> dict[str, PersonaTree]:
        """The tree of every subject that has live claims, now or at a version of the past."""
        person = self._state.of(scope)
        if version is not None and not 0 <= version <= person.head.version:
            raise UnknownVersion(version, person.head.version)
        if version is None or version == person.head.version:
            return self._present(person)
        trunk = self._trunk if version == 0 else self._trunk_of(person.batches[version - 1])
        return without_bare(replay(trunk, _operations(person, version)))

    def on(self, trunk: Trunk) -> ReferenceLedger:
        """The same ledgers on another trunk."""
        return ReferenceLedger(self._state, trunk=trunk, salt=self._salt, fingerprint=self._fingerprint)

    def version_at(self, scope: Scope, moment: datetime) -> int:
        """The version that was the last to be recorded at a moment."""
        batches = self._state.of(scope).batches
        return max(((one.recorded_at, one.version) for one in batches if one.recorded_at <= moment), default=(None, 0))[
            1
        ]

    def commits(self, scope: Scope, *, after_version: int = 0, through_version: int | None = None) -> list[Commit]:
        """Committed batches, oldest first."""
        return [
            Commit(batch_id=batch.id, **batch.model_dump(include=set(Commit.model_fields)))
            for batch in self._state.of(scope).batches
            if after_version < batch.version and (through_version is None or batch.version <= through_version)
        ]

    def commit(self, scope: Scope, batch: Batch, *, expected_version: int, fence: int | None = None) -> Head:
        """Apply a batch, if the scope is still at `expected_version`; see the port."""
        person = self._state.made(scope)
        head = self.head(scope)
        if fence is not None and fence < head.fence:
            raise FenceLost(fence, head.fence)
        if self.knows(scope, batch.id):
            return head
        if head.version != expected_version:
            raise VersionConflict(expected_version, head.version)
        if batch.operations:
            self._append(person, batch, plant(self._trunk, batch.operations, self._present(person)))
        heard = max(head.heard_seq, batch.heard_through or 0)
        person.head = person.head.model_copy(update={"heard_seq": heard})
        return self.head(scope)

    def move(self, scope: Scope, batch: Batch, *, expected_version: int) -> Head:
        """Put the scope onto this trunk, with a batch that moves its claims; see the port."""
        person = self._state.made(scope)
        if person.head.version != expected_version:
            raise VersionConflict(expected_version, person.head.version)
        after = plant(self._trunk, batch.operations, self._live(person))
        self._check_slots(person, after)
        if batch.operations:
            self._append(person, batch, after)
        self._stand(person)
        return self.head(scope)

    def knows(self, scope: Scope, batch_id: str) -> bool:
        """Whether a batch with this id made a version."""
        return any(batch.id == batch_id for batch in self._state.of(scope).batches)

    def entries(
        self, scope: Scope, *, after_version: int = 0, through_version: int | None = None
    ) -> Iterator[LedgerEntry]:
        """Committed operations, oldest first."""
        person = self._state.of(scope)
        for one in person.operations:
            if after_version < one.version and (through_version is None or one.version <= through_version):
                batch = person.batches[one.version - 1]
                yield LedgerEntry(
                    seq=one.seq,
                    version=one.version,
                    batch_id=batch.id,
                    author=batch.author,
                    recorded_at=batch.recorded_at,
                    reverts=batch.reverts,
                    operation=_operation(person, one),
                    digest=one.digest,
                )

    def entries_about(
        self, scope: Scope, claim_ids: Sequence[str], *, kind: OperationKind | None = None
    ) -> list[LedgerEntry]:
        """Operations (of one kind) that carry one of these claims or are aimed at it, oldest first."""
        about = [entry for entry in self.entries(scope) if claim_of(entry.operation) in claim_ids]
        return [entry for entry in about if kind is None or entry.operation.kind == kind]

    def entries_after(
        self, scope: Scope, seq: int = 0, *, paths: Sequence[str] | None = None, limit: int | None = None
    ) -> list[LedgerEntry]:
        """Committed operations behind a place, oldest first."""
        behind = [entry for entry in self.entries(scope) if entry.seq > seq]
        return [entry for entry in behind if paths is None or _path_of(entry.operation) in paths][:limit]

    def first_broken(self, scope: Scope) -> int | None:
        """The first entry that does not fit the chain of digests; None for a sound ledger."""
        digest = ""
        for expected, one in enumerate(self._state.of(scope).operations, start=1):
            digest = chain(digest, canonical(one.body), one.commitment)
            has_other_words = (
                one.words is not None
                and commitment(bytes.fromhex(one.salt or ""), canonical(one.words)) != one.commitment
            )
            if one.seq != expected or one.digest != digest or has_other_words:
                return expected
        return None

    def wrong_snapshots(self, scope: Scope) -> list[int]:
        """None: nothing is kept beside the entries."""
        del scope
        return []

    def rebuild(self, scope: Scope) -> None:
        """Put the head at the last entry; marks beyond it go back."""
        person = self._state.of(scope)
        self._settle(person, fold(self._trunk, _operations(person)))
        last = person.operations[-1] if person.operations else None
        version, turns, head = last.version if last else 0, len(person.turns), person.head
        marks = {
            "version": version,
            "seq": last.seq if last else 0,
            "digest": last.digest if last else "",
            "heard_seq": min(head.heard_seq, turns),
        }
        person.head = head.model_copy(update=marks)
        person.index_marks = {
            embedder: (min(indexed, version), min(seq, turns))
            for embedder, (indexed, seq) in person.index_marks.items()
        }

    def mark_indexed(self, scope: Scope, *, version: int, seq: int) -> None:
        """Record what the vectors of the store's embedder show now."""
        self._state.of(scope).index_marks[self._fingerprint] = (version, seq)

    def mark_consolidated(self, scope: Scope, *, version: int) -> None:
        """Record up to which version claims were compared with each other."""
        person = self._state.of(scope)
        person.head = person.head.model_copy(update={"consolidated_version": version})

    def index_again(self, scope: Scope, *, seq: int) -> None:
        """Let all other embedders begin again at this turn."""
        marks = self._state.of(scope).index_marks
        marks |= {one: (version, min(at, seq - 1)) for one, (version, at) in marks.items() if one != self._fingerprint}

    def drop_other_marks(self, scope: Scope) -> None:
        """Forget how far the vectors of all other embedders have got."""
        person = self._state.of(scope)
        person.index_marks = {one: mark for one, mark in person.index_marks.items() if one == self._fingerprint}

    def spoken(self, scope: Scope) -> Iterator[Spoken]:
        """Entries whose words are still there, oldest first."""
        person = self._state.of(scope)
        for one in [one for one in person.operations if one.words is not None]:
            operation = _operation(person, one)
            claim = operation.claim if isinstance(operation, Add | Update) else None
            evidence = operation.claim.evidence if isinstance(operation, Add | Update) else operation.evidence
            yield Spoken(
                seq=one.seq,
                claim_id=claim_of(operation),
                subject=subject_of(operation),
                path=_path_of(operation),
                text=claim.text if claim else None,
                condition=claim.condition if claim else None,
                why=operation.why,
                quotes=tuple((piece.message_id, piece.quote, piece.start) for piece in evidence),
            )

    def erase(self, scope: Scope, claim_ids: Sequence[str], *, through_seq: int | None = None) -> int:
        """Overwrite the words of these claims; see the port."""
        seqs = [
            entry.seq
            for entry in self.entries_about(scope, claim_ids)
            if through_seq is None or entry.seq <= through_seq
        ]
        live = self._state.of(scope).live
        for key, (seq, claim) in live.items():
            if claim.id in claim_ids and (through_seq is None or seq <= through_seq):
                live[key] = (seq, without_words(claim))
        return self.erase_entries(scope, seqs)

    def erase_entries(self, scope: Scope, seqs: Sequence[int]) -> int:
        """Overwrite the words of single entries; live claims stay as they are."""
        operations = self._state.of(scope).operations
        erased = [one for one in operations if one.seq in seqs and one.words is not None]
        for one in erased:
            operations[one.seq - 1] = one.model_copy(update={"words": None, "salt": None})
        return len(erased)

    def names(self, scope: Scope) -> list[str]:
        """Subjects that are not the user and whose names are still there."""
        return sorted(subject.name for subject in self._state.of(scope).subjects)

    def erase_names(self, scope: Scope, subjects: Collection[str]) -> int:
        """Erase the names of subjects; what is left in the ledger shows an alias in their place."""
        person = self._state.of(scope)
        kept = [subject for subject in person.subjects if subject.name not in subjects]
        erased = len(person.subjects) - len(kept)
        person.subjects = kept
        return erased

    def _present(self, person: Person) -> dict[str, PersonaTree]:
        forest = self._live(person)
        head = person.head
        if forest and head.trunk_name is not None and (head.trunk_name, head.trunk_version) != _name(self._trunk):
            raise TrunkMismatch(f"{head.trunk_name}/{head.trunk_version}", self._trunk.label)
        self._check_slots(person, forest)
        return forest

    def _live(self, person: Person) -> dict[str, PersonaTree]:
        claims: dict[str, dict[str, Claim]] = {}
        for (subject, claim_id), (_, claim) in person.live.items():
            claims.setdefault(subject, {})[claim_id] = claim
        return {
            subject: PersonaTree(trunk=self._trunk, subject=subject, claims=MappingProxyType(found))
            for subject, found in claims.items()
        }

    def _settle(self, person: Person, forest: Forest) -> None:
        """Note the claims that live, each with the entry that brought it."""
        brought = {
            (operation.claim.subject, operation.claim.id): one.seq
            for one, operation in zip(person.operations, _operations(person), strict=True)
            if isinstance(operation, Add | Update)
        }
        person.live = {
            (subject, claim.id): (brought[subject, claim.id], claim)
            for subject, tree in forest.items()
            for claim in tree.claims.values()
        }

    def _check_slots(self, person: Person, forest: Forest) -> None:
        for tree in forest.values():
            for path in tree.by_path:
                if path not in self._trunk.by_path:
                    head = person.head
                    stored = f"{head.trunk_name}/{head.trunk_version}" if head.trunk_name else self._trunk.label
                    raise TrunkMismatch(f"{stored} with a slot {path!r}", f"{self._trunk.label} without it")

    def _append(self, person: Person, batch: Batch, after: Forest) -> None:
        version = person.head.version + 1
        for operation in batch.operations:
            self._add(person, version, operation)
        made = batch.model_dump(exclude={"operations", "heard_through"})
        name, number = _name(self._trunk)
        person.batches.append(ExportedBatch(**made, version=version, trunk_name=name, trunk_version=number))
        person.head = person.head.model_copy(update={"version": version})
        self._settle(person, after)
        self._stand(person)

    def _add(self, person: Person, version: int, operation: Operation) -> None:
        body, words = separate(operation, lambda subject: self._alias(person, subject))
        salt = self._salt()
        committed = commitment(salt, words)
        claim = operation.claim if isinstance(operation, Add | Update) else None
        entry = ExportedOperation(
            seq=person.head.seq + 1,
            version=version,
            body=json.loads(body),
            commitment=committed,
            digest=chain(person.head.digest, body, committed),
            claim_recorded_at=claim.recorded_at if claim else None,
            salt=salt.hex(),
            words=json.loads(words),
        )
        person.operations.append(entry)
        person.head = person.head.model_copy(update={"seq": entry.seq, "digest": entry.digest})

    def _alias(self, person: Person, subject: str) -> str:
        known = next((one.alias for one in person.subjects if one.name == subject), None)
        if known is not None or subject == SELF:
            return known or SELF
        salt = self._salt()
        alias = alias_of(subject, salt)
        person.subjects.append(ExportedSubject(alias=alias, salt=salt.hex(), name=subject))
        return alias

    def _stand(self, person: Person) -> None:
        name, version = _name(self._trunk)
        ReferenceTrunkStore(self._state).put(self._trunk)
        person.head = person.head.model_copy(update={"trunk_name": name, "trunk_version": version})

    def _trunk_of(self, batch: ExportedBatch) -> Trunk:
        if batch.trunk_name is None or batch.trunk_version is None:
            return self._trunk
        named = (batch.trunk_name, batch.trunk_version)
        return self._trunk if named == _name(self._trunk) else self._state.trunks.get(named, self._trunk)


class ReferenceTrunkStore:
    """Every trunk that a ledger of the store has stood on."""

    def __init__(self, state: State) -> None:
        self._state = state

    def get(self, name: str, version: int) -> Trunk | None:
        """The trunk of this name and version."""
        return self._state.trunks.get((name, version))

    def put(self, trunk: Trunk) -> None:
        """Keep a trunk; see the port."""
        known = self._state.trunks.get(_name(trunk))
        if known is None or known.by_path.keys() <= trunk.by_path.keys():
            self._state.trunks[_name(trunk)] = trunk

    def trunks(self) -> list[Trunk]:
        """All of them, by name and version."""
        return [trunk for _, trunk in sorted(self._state.trunks.items())]

    def standing(self) -> list[Standing]:
        """How many ledgers stand on which trunk."""
        heads = [person.head for person in self._state.people.values() if person.head.version]
        named = [None if one.trunk_name is None else f"{one.trunk_name}/{one.trunk_version}" for one in heads]
        return [
            Standing(trunk=name, people=named.count(name)) for name in sorted(set(named), key=lambda one: one or "")
        ]


def alias_of(subject: str, salt: bytes) -> str:
    """What stands for a subject in the bodies of operations: its kind, and a salted commitment to its name."""
    return f"{subject.partition(':')[0]}:~{hashlib.sha256(salt + subject.encode()).hexdigest()[:ALIAS_CHARS]}"


def _name(trunk: Trunk) -> tuple[str, int]:
    return trunk.name, trunk.version


def _path_of(operation: Operation) -> str | None:
    match operation:
        case Add(claim=claim) | Update(claim=claim):
            return claim.path
        case Delete(path=path):
            return path
    return None


def _operations(person: Person, through_version: int | None = None) -> Iterator[Operation]:
    for one in person.operations:
        if through_version is None or one.version <= through_version:
            yield _operation(person, one)


def _operation(person: Person, one: ExportedOperation) -> Operation:
    names = {subject.alias: subject.name for subject in person.subjects}
    words = None if one.words is None else canonical(one.words)
    return reunite(canonical(one.body), words, one.claim_recorded_at, lambda alias: names.get(alias, alias))
