"""What is said about a store as a whole."""

from __future__ import annotations

from treering.schemas.value import Value


class StoreStanding(Value):
    """Which tables a store has, beside those that this Treering needs."""

    where: str
    """The file, or the server and database; never with a password."""
    format: int | None
    """Number of the layout of its tables; none where it has no tables yet."""
    needed: int
    """Number of the layout that this Treering works with."""
    steps: tuple[str, ...] = ()
    """What an upgrade did, in order."""
    differences: tuple[str, ...] = ()
    """In what the tables are not as they should be; only a check looks for it."""

    @property
    def is_current(self) -> bool:
        """Whether it can be used as it is."""
        return self.format == self.needed and not self.differences
