"""Whose memory a client of MCP reaches: settled by the connection, and by nothing that a model writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.client.memory import Memory
    from treering.schemas.forgetting import ErasureReceipt

SESSION = "mcp"
"""The conversation of what a model remembers, where the application names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person's memory, and what may be done with it."""

    memory: Memory
    """The memory of all."""
    tenant: str
    """The customer or application, as the credential says."""
    user: str
    """The person, as the application says."""
    session: str | None = None
    """The conversation at hand, whose turns the model has before it; none: not known."""
    may_write: bool = True
    """Whether anything may be remembered or forgotten."""
    note: Callable[[str], None] = lambda _: None
    """Told what is done, in words of ours: for the audit log."""

    def forget(self, chosen: dict[str, str], *, dry_run: bool) -> ErasureReceipt:
        """What goes, or would go, of one selector: `path`, `claim`, `message` or `about`."""
        return self.memory.forget(
            self.user,
            chosen.get("path"),
            claims=[chosen["claim"]] if "claim" in chosen else None,
            messages=[chosen["message"]] if "message" in chosen else None,
            about=chosen.get("about"),
            dry_run=dry_run,
            tenant=self.tenant,
        )
