"""The ledger in SQL: append-only entries, and the head that they fold to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from treering.errors import FenceLost, UnknownVersion, VersionConflict
from treering.memory.operations import plant, without_bare
from treering.memory.stores import commits, entries, live_claims, snapshots
from treering.memory.stores.access import Access
from treering.memory.stores.forests import Forest, ForestCache, Stamp, forest_cache, size_of
from treering.memory.stores.live_claims import Growth
from treering.memory.stores.subjects import Subjects
from treering.memory.stores.tables import batches, heads, index_marks
from treering.memory.stores.trunks import SqlTrunkStore, check_slots, check_standing
from treering.memory.stores.upsert import upsert
from treering.schemas.operations import Batch, Commit, Head, LedgerEntry, OperationKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime

    from treering.memory.ports.erasure import Spoken
    from treering.memory.stores.transaction import Transaction
    from treering.memory.tree import PersonaTree
    from treering.schemas.dialogue import Scope
    from treering.schemas.trunk import Trunk

_MOVED = ("version", "seq", "digest", "heard_seq", "trunk_name", "trunk_version")
_OURS = index_marks.c.fingerprint == bindparam("embedder")
_MOVE = (
    update(heads).where(heads.c.scope_id == bindparam("of_scope")).values({name: bindparam(name) for name in _MOVED})
)
_OTHER_MARKS = (index_marks.c.scope_id == bindparam("of_scope"), ~_OURS)
_INDEX_AGAIN = update(index_marks).where(*_OTHER_MARKS, index_marks.c.seq > bindparam("before"))
_COUNT_ERASURE = update(heads).where(heads.c.scope_id == bindparam("of_scope")).values(erasures=heads.c.erasures + 1)
_CONSOLIDATED = (
    update(heads)
    .where(heads.c.scope_id == bindparam("of_scope"))
    .values(consolidated_version=bindparam("consolidated"))
)
_FIND_BATCH = select(batches.c.version).where(
    batches.c.scope_id == bindparam("scope_id"), batches.c.batch_id == bindparam("batch_id")
)
_ADD_BATCH = insert(batches)


class SqlLedger:
    """The append-only list of operations of a scope, and the tree it folds to."""

    def __init__(
        self,
        transaction: Transaction,
        *,
        trunk: Trunk,
        cache: ForestCache,
        salt: Callable[[], bytes],
        recorded: set[str],
        fingerprint: str,
    ) -> None:
        """`recorded` are digests of trunks that are known to be in the store; `fingerprint` names the embedder."""
        self._transaction = transaction
        self._connection = transaction.connection
        self._trunk = trunk
        self._cache = cache
        self._salt = salt
        self._recorded = recorded
        self._fingerprint = fingerprint
        self._grown: dict[int, tuple[Stamp, Forest]] = {}
        self._accesses: dict[int, Access] = {}

    def head(self, scope: Scope) -> Head:
        """Where the ledger stands."""
        scope_id = self._transaction.scope_id(scope)
        return self._state(scope_id)[0] if scope_id is not None else Head()

    def trees(self, scope: Scope, *, version: int | None = None) -> dict[str, PersonaTree]:
        """The tree of every subject that has live claims, now or at a version of the past."""
        scope_id = self._transaction.scope_id(scope)
        head, stamp = self._state(scope_id) if scope_id is not None else (Head(), None)
        if version is not None and not 0 <= version <= head.version:
            raise UnknownVersion(version, head.version)
        if scope_id is None or stamp is None or version == 0:
            return {}
        if version is None or version == head.version:
            return dict(self._forest(scope_id, head, stamp))
        trunk = SqlTrunkStore(self._connection).at(scope_id, version, self._trunk)
        return snapshots.forest_at(self._access(scope_id), trunk, version)

    def on(self, trunk: Trunk) -> SqlLedger:
        """The same ledgers on another trunk."""
        return SqlLedger(
            self._transaction,
            trunk=trunk,
            cache=forest_cache(),
            salt=self._salt,
            recorded=self._recorded,
            fingerprint=self._fingerprint,
        )

    def version_at(self, scope: Scope, moment: datetime) -> int:
        """The version that was the last to be recorded at a moment."""
        scope_id = self._transaction.scope_id(scope)
        return 0 if scope_id is None else commits.version_at(self._connection, scope_id, moment)

    def commits(self, scope: Scope, *, after_version: int = 0, through_version: int | None = None) -> list[Commit]:
        """Committed batches, oldest first."""
        scope_id = self._transaction.scope_id(scope)
        if scope_id is None:
            return []
        return commits.read_commits(self._connection, scope_id, after_version, through_version)

    def commit(self, scope: Scope, batch: Batch, *, expected_version: int, fence: int | None = None) -> Head:
        """Apply a batch, if the scope is still at `expected_version`; see the port."""
        scope_id = self._transaction.scope_id(scope, create=True)
        head, stamp = self._state(scope_id)
        if fence is not None and fence < head.fence:
            raise FenceLost(fence, head.fence)
        if self._is_known(scope_id, batch.id):
            return head
        if head.version != expected_version:
            raise VersionConflict(expected_version, head.version)
        heard = max(head.heard_seq, batch.heard_through or 0)
        moved = head.model_copy(update={"heard_seq": heard})
        if batch.operations:
            before = self._forest(scope_id, head, stamp)
            moved = self._append(scope_id, moved, stamp, batch, before)
        self._move(scope_id, moved)
        return moved

    def move(self, scope: Scope, batch: Batch, *, expected_version: int) -> Head:
        """Put the scope onto this trunk, with a batch that moves its claims; see the port."""
        scope_id = self._transaction.scope_id(scope, create=True)
        head, stamp = self._state(scope_id)
        if head.version != expected_version:
            raise VersionConflict(expected_version, head.version)
        before = live_claims.load_forest(self._access(scope_id), self._trunk)
        check_slots(head, self._trunk, plant(self._trunk, batch.operations, before))
        moved = self._append(scope_id, head, stamp, batch, before) if batch.operations else self._stands(head)
        self._move(scope_id, moved)
        return moved

    def knows(self, scope: Scope, batch_id: str) -> bool:
        """Whether a batch with this id made a version."""
        scope_id = self._transaction.scope_id(scope)
        return scope_id is not None and self._is_known(scope_id, batch_id)

    def entries(
        self, scope: Scope, *, after_version: int = 0, through_version: int | None = None
    ) -> Iterator[LedgerEntry]:
        """Committed operations, oldest first; read page by page while the transaction lasts."""
        scope_id = self._transaction.scope_id(scope)
        if scope_id is None:
            return iter(())
        through = self._state(scope_id)[0].version if through_version is None else through_version
        return entries.read_entries(self._access(scope_id), after_version, through)

    def entries_about(
        self, scope: Scope, claim_ids: Sequence[str], *, kind: OperationKind | None = None
    ) -> list[LedgerEntry]:
        """Operations that carry one of these claims or are aimed at it, oldest first; found in the index."""
        scope_id = self._transaction.scope_id(scope)
        return [] if scope_id is None else entries.entries_about(self._access(scope_id), claim_ids, kind=kind)

    def entries_after(
        self, scope: Scope, seq: int = 0, *, paths: Sequence[str] | None = None, limit: int | None = None
    ) -> list[LedgerEntry]:
        """Committed operations behind a place, oldest first."""
        scope_id = self._transaction.scope_id(scope)
        return [] if scope_id is None else entries.entries_after(self._access(scope_id), seq, paths=paths, limit=limit)

    def mark_indexed(self, scope: Scope, *, version: int, seq: int) -> None:
        """Record what the vectors of the store's embedder show now."""
        scope_id = self._transaction.scope_id(scope)
        if scope_id is not None:
            mark = {"scope_id": scope_id, "fingerprint": self._fingerprint, "version": version, "seq": seq}
            self._connection.execute(upsert(self._connection, index_marks), mark)

    def mark_consolidated(self, scope: Scope, *, version: int) -> None:
        """Record up to which version claims were compared with each other."""
        self._connection.execute(
            _CONSOLIDATED, {"of_scope": self._transaction.scope_id(scope), "consolidated": version}
        )

    def index_again(self, scope: Scope, *, seq: int) -> None:
        """Let all other embedders begin again at this turn."""
        again = {"of_scope": self._transaction.scope_id(scope), "embedder": self._fingerprint, "before": seq - 1}
        self._connection.execute(_INDEX_AGAIN.values(seq=seq - 1), again)

    def drop_other_marks(self, scope: Scope) -> None:
        """Forget how far the vectors of all other embedders have got."""
        others = {"of_scope": self._transaction.scope_id(scope), "embedder": self._fingerprint}
        self._connection.execute(delete(index_marks).where(*_OTHER_MARKS), others)

    def spoken(self, scope: Scope) -> Iterator[Spoken]:
        """Entries whose words are still there, oldest first."""
        from treering.memory.stores.spoken import spoken  # noqa: PLC0415 - only for those who forget

        scope_id = self._transaction.scope_id(scope)
        return iter(()) if scope_id is None else spoken(self._access(scope_id))

    def erase(self, scope: Scope, claim_ids: Sequence[str], *, through_seq: int | None = None) -> int:
        """Overwrite the words of these claims in the entries and in the live claims; see the port."""
        scope_id = self._transaction.scope_id(scope)
        if scope_id is None:
            return 0
        through = entries.MAX_SEQ if through_seq is None else through_seq
        erased = entries.erase_words(self._connection, scope_id, claim_ids, through_seq=through)
        if erased + live_claims.erase_words(self._access(scope_id), claim_ids, through_seq=through):
            self._note_erasure(scope_id)
        return erased

    def erase_entries(self, scope: Scope, seqs: Sequence[int]) -> int:
        """Overwrite the words of single entries; live claims stay as they are."""
        from treering.memory.stores.spoken import erase_entries  # noqa: PLC0415 - likewise

        scope_id = self._transaction.scope_id(scope)
        erased = 0 if scope_id is None else erase_entries(self._access(scope_id), seqs)
        if erased and scope_id is not None:
            self._note_erasure(scope_id)
        return erased

    def names(self, scope: Scope) -> list[str]:
        """Subjects that are not the user and whose names are still there."""
        scope_id = self._transaction.scope_id(scope)
        return [] if scope_id is None else self._access(scope_id).subjects.names()

    def erase_names(self, scope: Scope, subjects: Collection[str]) -> int:
        """Erase the names of subjects; what is left in the ledger shows an alias in their place."""
        scope_id = self._transaction.scope_id(scope)
        erased = 0 if scope_id is None else self._access(scope_id).subjects.erase(frozenset(subjects))
        if erased and scope_id is not None:
            self._note_erasure(scope_id)
        return erased

    def first_broken(self, scope: Scope) -> int | None:
        """The first entry that does not fit the chain of digests; None for a sound ledger."""
        scope_id = self._transaction.scope_id(scope)
        return None if scope_id is None else entries.first_broken(self._access(scope_id))

    def wrong_snapshots(self, scope: Scope) -> list[int]:
        """Versions whose snapshot is not what the entries say of them."""
        scope_id = self._transaction.scope_id(scope)
        if scope_id is None:
            return []
        return snapshots.wrong(self._access(scope_id), self.entries(scope))

    def rebuild(self, scope: Scope) -> None:
        """Make the live claims and the head anew from the entries."""
        from treering.memory.stores.rebuilding import rebuild  # noqa: PLC0415 - only for upkeep

        scope_id = self._transaction.scope_id(scope)
        if scope_id is not None:
            rebuild(self._access(scope_id), self._trunk, self._state(scope_id)[0].last_seq)
            self._grown.pop(scope_id, None)
            self._connection.execute(_COUNT_ERASURE, {"of_scope": scope_id})  # no cache may take the old for the new
            self._transaction.after_commit(lambda: self._cache.drop(scope_id))

    def _note_erasure(self, scope_id: int) -> None:
        self._connection.execute(_COUNT_ERASURE, {"of_scope": scope_id})
        self._grown.pop(scope_id, None)
        self._cache.drop(scope_id)
        self._transaction.note_erasure()

    def _append(self, scope_id: int, head: Head, stamp: Stamp, batch: Batch, before: Forest) -> Head:
        access = self._access(scope_id)
        after = without_bare(plant(self._trunk, batch.operations, before))
        self._add_batch(scope_id, head.version + 1, batch)
        digest = entries.store_entries(access, head, batch.operations, self._salt)
        growth = Growth(before=before, after=after, operations=batch.operations, first_seq=head.seq + 1)
        live_claims.store_growth(access, growth)
        self._keep(scope_id, Stamp(head.version + 1, digest, stamp.erasures), after)
        seq = head.seq + len(batch.operations)
        marks = {"version": head.version + 1, "seq": seq, "digest": digest}
        moved = self._stands(head.model_copy(update=marks))
        if snapshots.is_due(head, moved):
            snapshots.take(access, moved, after)
        return moved

    def _access(self, scope_id: int) -> Access:
        if scope_id not in self._accesses:
            self._accesses[scope_id] = Access(
                connection=self._connection,
                scope_id=scope_id,
                words=self._transaction.words(scope_id),
                subjects=Subjects(self._transaction, scope_id, salt=self._salt),
            )
        return self._accesses[scope_id]

    def _state(self, scope_id: int) -> tuple[Head, Stamp]:
        """Where the ledger stands, and which state of it a copy in memory has to show."""
        standing = self._transaction.standing(scope_id, self._fingerprint)
        return standing.head, standing.stamp

    def _stands(self, head: Head) -> Head:
        """The head on this trunk, of which the store keeps a copy."""
        if self._trunk.digest not in self._recorded:
            SqlTrunkStore(self._connection).put(self._trunk)
            self._transaction.after_commit(lambda: self._recorded.add(self._trunk.digest))
        return head.model_copy(update={"trunk_name": self._trunk.name, "trunk_version": self._trunk.version})

    def _forest(self, scope_id: int, head: Head, stamp: Stamp) -> Forest:
        own = self._grown.get(scope_id)
        kept = own[1] if own is not None and own[0] == stamp else self._cache.at(scope_id, stamp)
        forest = live_claims.load_forest(self._access(scope_id), self._trunk) if kept is None else kept
        check_standing(head, self._trunk, forest)
        if kept is None:
            check_slots(head, self._trunk, forest)
            self._keep(scope_id, stamp, forest)
        return forest

    def _keep(self, scope_id: int, stamp: Stamp, forest: Forest) -> None:
        """For this transaction at once; for others when it is committed, because till then nobody else sees it."""
        self._grown[scope_id] = (stamp, forest)
        self._transaction.after_commit(lambda: self._publish(scope_id, stamp))

    def _publish(self, scope_id: int, stamp: Stamp) -> None:
        own = self._grown.get(scope_id)
        if own is not None and own[0] == stamp:
            self._cache.put(scope_id, stamp=own[0], value=own[1], size=size_of(own[1]))

    def _is_known(self, scope_id: int, batch_id: str) -> bool:
        found = self._connection.execute(_FIND_BATCH, {"scope_id": scope_id, "batch_id": batch_id}).scalar()
        return found is not None

    def _add_batch(self, scope_id: int, version: int, batch: Batch) -> None:
        row = batch.model_dump(exclude={"id", "operations", "heard_through"})
        row |= {"trunk_name": self._trunk.name, "trunk_version": self._trunk.version}
        self._connection.execute(_ADD_BATCH, {**row, "scope_id": scope_id, "batch_id": batch.id, "version": version})

    def _move(self, scope_id: int, head: Head) -> None:
        columns = {name: getattr(head, name) for name in _MOVED}
        self._connection.execute(_MOVE, {**columns, "of_scope": scope_id})
