"""What was erased on request."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from treering.schemas.value import Instant, Value

Count = Annotated[int, Field(ge=0)]


class Erasure(Value):
    """Counts of what a request to forget removed, and the ledger before and after."""

    claims: tuple[str, ...]
    """Ids of the forgotten claims."""
    messages: tuple[str, ...]
    """Ids of the turns whose text was erased: those the claims rest on, and the request itself."""
    entries: Count
    """Ledger entries whose words were erased; their ids and digests stay."""
    passages: Count
    """Passages removed."""
    vectors: Count
    """Index entries asked to be removed."""
    held: Count
    """Quarantined proposals and stored model replies removed."""
    at: Instant
    """When it was done."""
    digest_before: str
    """Ledger digest before."""
    digest_after: str
    """Ledger digest after; the chain still verifies without the words."""
