"""Where a scope stands: its ledger, its index marks and its vectors, in the one row with which every reading begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Integer, and_, bindparam, func, literal_column, select

from treering.memory.stores.direct import DirectQuery
from treering.memory.stores.forests import Stamp
from treering.memory.stores.tables import heads, held, index_marks, turns
from treering.memory.stores.vector_cache import Head as VectorHead
from treering.memory.stores.vector_rows import vector_heads
from treering.schemas.operations import Head

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table
    from sqlalchemy.sql import ColumnElement

_OF_LEDGER = (
    "version",
    "seq",
    "digest",
    "heard_seq",
    "trunk_name",
    "trunk_version",
    "fence",
    "consolidated_version",
)
_ZERO = literal_column("0", Integer)


def _ours(table: Table) -> ColumnElement[bool]:
    return and_(table.c.scope_id == heads.c.scope_id, table.c.fingerprint == bindparam("embedder"))


_QUERY = DirectQuery(
    select(*(heads.c[name] for name in _OF_LEDGER))
    .add_columns(
        select(func.coalesce(func.max(turns.c.seq), _ZERO))
        .where(turns.c.scope_id == heads.c.scope_id)
        .scalar_subquery()
        .label("last_seq"),
        select(func.count())
        .where(held.c.scope_id == heads.c.scope_id, held.c.target.is_not(None))
        .scalar_subquery()
        .label("wishes"),
        func.coalesce(index_marks.c.version, _ZERO).label("indexed_version"),
        func.coalesce(index_marks.c.seq, _ZERO).label("indexed_seq"),
        heads.c.erasures,
        heads.c.key_version,
        *(vector_heads.c[name] for name in VectorHead._fields),
    )
    .select_from(heads.outerjoin(index_marks, _ours(index_marks)).outerjoin(vector_heads, _ours(vector_heads)))
    .where(heads.c.scope_id == bindparam("scope_id"))
)
_HEAD = _QUERY.names[: _QUERY.names.index("erasures")]


class Standing(NamedTuple):
    """Where everything that is stored of a scope stands."""

    head: Head = Head()
    """The ledger, and how far listening and indexing have come."""
    erasures: int = 0
    """How often words of it were erased."""
    key_version: int = 0
    """With which key its words are sealed; 0: they are plain."""
    vectors: VectorHead | None = None
    """Its rows of the embedder; none: there are none yet."""

    @property
    def stamp(self) -> Stamp:
        """Which state of the ledger a copy in memory has to show."""
        return Stamp(self.head.version, self.head.digest, self.erasures)


def read_standing(connection: Connection, scope_id: int, fingerprint: str) -> Standing:
    """Where a scope stands, with the rows of one embedder."""
    row = _QUERY.row(connection, {"scope_id": scope_id, "embedder": fingerprint})
    if row is None:  # the process knows the row id of somebody who came after this transaction began to read
        return Standing()
    erasures, key_version, *vectors = row[len(_HEAD) :]
    return Standing(
        head=Head(**dict(zip(_HEAD, row, strict=False))),
        erasures=erasures,
        key_version=key_version,
        vectors=None if vectors[0] is None else VectorHead(*vectors),
    )
