"""What reading and writing the rows of one scope takes: connection, row id, cipher and aliases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from treering.memory.stores.subjects import Subjects
    from treering.memory.stores.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One scope within one transaction."""

    connection: Connection
    scope_id: int
    words: Words
    """Seals and opens texts."""
    subjects: Subjects
    """Names of subjects, and what stands for them in the tables."""
