"""Compiled statements, kept once a process: SQLAlchemy alone would compile them again for each store that is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Compiled
from sqlalchemy.util import LRUCache

if TYPE_CHECKING:
    from sqlalchemy import Dialect

CAPACITY = 2_000
"""Statements that are kept: several times those that there are in the languages of all databases."""


class SharedStatements(LRUCache[Any, Compiled]):
    """A cache of compiled statements for any number of engines.

    SQLAlchemy's key begins with the engine's dialect itself, so that no two engines would share anything. What a
    statement is compiled to depends on the kind of database and its version.

    Example:
        >>> from sqlalchemy import create_engine, text
        >>> kept = SharedStatements(CAPACITY)
        >>> for _ in range(2):
        ...     engine = create_engine("sqlite://", execution_options={"compiled_cache": kept})
        ...     with engine.connect() as connection:
        ...         connection.execute(text("SELECT 7")).scalar()
        7
        7
        >>> len(kept)
        1
    """

    def get(self, key: Any, default: Any = None) -> Any:  # noqa: ANN401 - as SQLAlchemy has it
        """What was compiled, by SQLAlchemy's key; the default where nothing was."""
        return super().get(_shared(key), default)

    def __setitem__(self, key: Any, value: Compiled) -> None:  # noqa: ANN401 - as SQLAlchemy has it
        super().__setitem__(_shared(key), value)


def _shared(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect: Dialect = key[0]
    return (dialect.name, dialect.driver, dialect.server_version_info, *key[1:])


STATEMENTS = SharedStatements(CAPACITY)
"""Those of this process."""
