"""What was erased on request, and the proof of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from treering.schemas.trunk import Path
from treering.schemas.value import Instant, Text, Value

Count = Annotated[int, Field(ge=0)]
SelectorKind = Literal["person", "path", "claims", "messages", "about"]
"""`person`: everything. Otherwise a slot or branch, claims or messages by id, or what says something."""


class Preview(Value):
    """What would be forgotten, in words: only of a dry run, never stored."""

    claims: tuple[str, ...]
    """Statements that would go, also those of the past."""
    blanked: tuple[str, ...]
    """Statements that would stay, without the words they were quoted from."""
    turns: tuple[str, ...]
    """Messages that would be emptied."""
    names: tuple[str, ...]
    """Names of people of whom nothing else is known."""


class StoreProof(Value):
    """What forgetting did in one store, and what was found in it afterwards."""

    store: str
    """Its name: a table with words, vectors, or something beside the database."""
    rows: Count
    """Rows of the person that were looked at."""
    erased: Count
    """Rows that were removed, or whose words were."""
    left: Literal[0] = 0
    """Rows that still say what was forgotten, counted at the end of the same transaction."""


class ErasureReceipt(Value):
    """The proof that something was forgotten: counts, ids and digests, and no words."""

    id: Annotated[int, Field(ge=1)] | None = None
    """Its number; none where nothing was erased, and of a dry run."""
    at: Instant
    """When it was done."""
    selected_by: tuple[SelectorKind, ...]
    """How it was said what to forget."""
    path: Path | None = None
    """The slot or branch, where one was named."""
    claims: tuple[str, ...] = ()
    """Ids of the claims that were forgotten, also of those that ceased to live before."""
    blanked: tuple[str, ...] = ()
    """Ids of claims that live on without the words they were quoted from, because a forgotten one shared them."""
    messages: tuple[str, ...] = ()
    """Ids of the turns whose words went; the ids stay, so that the turns are not taken in again."""
    entries: Count = 0
    """Ledger entries whose words were erased; their ids and digests stay."""
    passages: Count = 0
    """Passages that were removed."""
    vectors: Count = 0
    """Index entries that were asked to be removed."""
    held: Count = 0
    """Proposals in quarantine, stored model replies and messages of failed jobs that were dropped."""
    names: Count = 0
    """Names of people that were erased: no claim about them is left."""
    tombstones: Count = 0
    """Marks that were set, so that the same words are not taken in again."""
    stores: tuple[StoreProof, ...] = ()
    """Every store of words, with what was found and erased in it."""
    query: Text
    """How the stores were searched again, in words. It found nothing, or there would be no receipt."""
    digest_before: str
    """Ledger digest before."""
    digest_after: str
    """Ledger digest after; the chain still verifies without the words."""
    final_at: Instant
    """From when on nothing can come back: `at`, or where a vector server is used, the end of the last open lease."""
    preview: Preview | None = None
    """What would go, in words; only of a dry run."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was there to be erased."""
        return not (self.claims or self.blanked or self.messages or self.entries or self.held or self.names)
