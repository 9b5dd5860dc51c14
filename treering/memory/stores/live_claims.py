"""The live claims of the head as rows: read as trees, changed row by row."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import bindparam, delete, insert, select, update

from treering.errors import StoreUnreadable
from treering.memory.digest import without_words
from treering.memory.operations import claim_of, subject_of
from treering.memory.stores.chunks import chunks
from treering.memory.stores.tables import claims
from treering.memory.tree import PersonaTree
from treering.schemas.claims import Claim
from treering.schemas.operations import Add, Operation, Update
from treering.schemas.value import WHEN_USED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from treering.memory.stores.access import Access
    from treering.memory.stores.forests import Forest
    from treering.schemas.trunk import Trunk

_CLAIMS: TypeAdapter[list[Claim]] = TypeAdapter(list[Claim], config=WHEN_USED)

_ALL = select(claims.c.claim).where(claims.c.scope_id == bindparam("scope_id")).order_by(claims.c.seq)
_THIS = (
    claims.c.scope_id == bindparam("of_scope"),
    claims.c.subject == bindparam("of_subject"),
    claims.c.claim_id == bindparam("of_claim"),
)
_ADD = insert(claims)
_CHANGE = update(claims).where(*_THIS).values(claim=bindparam("claim"))
_REMOVE = delete(claims).where(*_THIS)

_Key = tuple[str, str]
"""Subject and claim id."""


def load_forest(access: Access, trunk: Trunk) -> dict[str, PersonaTree]:
    """The trees of a scope, by subject, from its live claims.

    Raises:
        StoreUnreadable: A claim is damaged.
    """
    stored = access.connection.execute(_ALL, {"scope_id": access.scope_id}).scalars()
    texts = map(access.words.open, stored)
    growing: dict[str, dict[str, Claim]] = defaultdict(dict)
    # One call over all rows: 500 claims take 5 ms, and 9 ms one by one.
    try:
        found = _CLAIMS.validate_json(f"[{','.join(texts)}]")
    except ValidationError:  # which would quote the person, so it is no cause either
        raise StoreUnreadable("the table of claims", "a row is damaged") from None
    for claim in found:
        growing[claim.subject][claim.id] = claim
    return {
        subject: PersonaTree(trunk=trunk, subject=subject, claims=MappingProxyType(live))
        for subject, live in growing.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What a batch did to the trees."""

    before: Forest
    after: Forest
    operations: Sequence[Operation]
    first_seq: int
    """Place of the first operation in the ledger."""


def store_growth(access: Access, growth: Growth) -> None:
    """Write the rows of the claims that a batch touched, and no others."""
    added: list[dict[str, object]] = []
    changed: list[dict[str, object]] = []
    removed: list[dict[str, object]] = []
    for (subject, claim_id), place in _touched(growth.operations).items():
        old, new = _find(growth.before, subject, claim_id), _find(growth.after, subject, claim_id)
        alias = access.subjects.alias(subject)
        this = {"of_scope": access.scope_id, "of_subject": alias, "of_claim": claim_id}
        if old is not None and (new is None or place is not None):
            removed.append(this)
        if new is not None and place is not None:
            added.append(row_of(access, growth.first_seq + place, new))
        elif new is not None and old != new:
            changed.append({**this, "claim": access.words.seal(new.model_dump_json())})
    for statement, rows in ((_REMOVE, removed), (_CHANGE, changed), (_ADD, added)):
        if rows:
            access.connection.execute(statement, rows)


def erase_words(access: Access, claim_ids: Sequence[str], *, through_seq: int) -> int:
    """Overwrite the words of live claims that entries through a place brought; returns how many rows changed."""
    rows: list[dict[str, object]] = []
    for some in chunks(claim_ids):
        query = select(claims.c.claim).where(
            claims.c.scope_id == access.scope_id, claims.c.claim_id.in_(some), claims.c.seq <= through_seq
        )
        found = access.connection.execute(query).scalars()
        rows += [_blank(access, Claim.model_validate_json(access.words.open(text))) for text in found]
    if rows:
        access.connection.execute(_CHANGE, rows)
    return len(rows)


def _touched(operations: Iterable[Operation]) -> Mapping[_Key, int | None]:
    """Which claims operations touch, with the place of the last that brings it; none where none does."""
    places: dict[_Key, int | None] = {}
    for place, operation in enumerate(operations):
        subject = subject_of(operation)
        claim_id = claim_of(operation)
        if subject is not None and claim_id is not None:
            brings = isinstance(operation, Add | Update)
            places[subject, claim_id] = place if brings else places.get((subject, claim_id))
    return places


def _find(forest: Forest, subject: str, claim_id: str) -> Claim | None:
    tree = forest.get(subject)
    return tree.claims.get(claim_id) if tree is not None else None


def row_of(access: Access, seq: int, claim: Claim) -> dict[str, object]:
    """The row of a live claim that the entry at `seq` brought."""
    return {
        "scope_id": access.scope_id,
        "subject": access.subjects.alias(claim.subject),
        "claim_id": claim.id,
        "path": claim.path,
        "seq": seq,
        "claim": access.words.seal(claim.model_dump_json()),
    }


def _blank(access: Access, claim: Claim) -> dict[str, object]:
    text = access.words.seal(without_words(claim).model_dump_json())
    alias = access.subjects.alias(claim.subject)
    return {"of_scope": access.scope_id, "of_subject": alias, "of_claim": claim.id, "claim": text}
