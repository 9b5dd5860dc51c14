"""What is asked of a memory, and under which terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from treering.errors import InvalidInput
from treering.schemas.recall import DEFAULT_BUDGET_TOKENS, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from treering.schemas.dialogue import Scalar, Turn

MAX_QUERY_CHARS = 4_000
"""What is embedded and matched of a question, in characters; the rest of a longer one is left unread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and under which terms.

    Raises:
        InvalidInput: The text is empty, or the budget negative.
    """

    text: str
    mode: Mode = "auto"
    budget_tokens: int = DEFAULT_BUDGET_TOKENS
    as_of: datetime | None = None
    """The moment for which the answer should be true; none: `known_at`, or now."""
    known_at: datetime | None = None
    """The moment whose knowledge is asked for: nothing that was learned later is used; none: all that is known."""
    since: datetime | None = None
    """Turns said earlier are left out."""
    until: datetime | None = None
    """Turns said then or later are left out."""
    where: Mapping[str, frozenset[Scalar]] = field(default_factory=dict)
    """Turns must have one of these values under each name of their metadata, and claims must rest on such a turn."""
    exclude: frozenset[str] = frozenset()
    """Message ids that must not be read out."""
    explain: bool = False

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise InvalidInput("query", "is empty; ask something")
        if self.budget_tokens < 0:
            raise InvalidInput("budget_tokens", f"is {self.budget_tokens}; give 0 or more")

    @property
    def read_part(self) -> str:
        """What is embedded and matched."""
        return self.text[:MAX_QUERY_CHARS]

    def admits(self, turn: Turn) -> bool:
        """Whether a turn has the metadata that is asked for."""
        return all(turn.metadata.get(name) in values for name, values in self.where.items())
