"""Stores on PostgreSQL that tests use one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import NullPool, TextClause, create_engine, delete, insert, make_url, text

from treering.memory.stores.opening import LAYOUT
from treering.memory.stores.tables import STORE_FORMAT, store_state
from treering.memory.stores.upgrading import upgrade_store


class EmptyStores:
    """Stores in PostgreSQL, their tables made. To empty one that was used takes a twentieth of making one."""

    LEAVING_S = 1.0
    """How long the server may take to notice that the connections of a test are closed, in seconds."""

    def __init__(self, new_url: Callable[[], str], server: str) -> None:
        self._new_url = new_url
        self._idle: list[str] = []
        self._shapes: dict[str, object] = {}
        tables = list(reversed(LAYOUT.sorted_tables))
        counting = [(table, table.autoincrement_column) for table in tables]
        counters = [f"'{table.name}_{column.name}_seq'" for table, column in counting if column is not None]
        restarting = [f"SELECT setval({name}, 1, false)" for name in counters]
        self._emptying = ";".join(["SET LOCAL lock_timeout TO '10s'", *map(str, map(delete, tables)), *restarting])
        # One connection for all: what a new one has to learn about 30 tables takes 15 ms.
        self._connection = create_engine(server, poolclass=NullPool).connect()

    def close(self) -> None:
        self._connection.close()

    def take(self) -> str:
        """The URL of an empty store that is nobody's."""
        if self._idle:
            return self._idle.pop()
        url = self._new_url()
        upgrade_store(url)
        self._shapes[url] = self._shape(url)
        return url

    def give_back(self, url: str) -> None:
        """Leave it as `create_tables` does, for the next test.

        Unless that might disturb the next one: somebody is still connected, or the tables themselves were changed.
        """
        left = self._left(url)
        assert not any("transaction" in state for state in left), "a test left a transaction open"
        if left or self._shape(url) != self._shapes[url]:
            return
        with self._connection.begin():
            self._connection.exec_driver_sql(f"SET LOCAL search_path TO {_schema(url)}; {self._emptying}")
            self._connection.execute(insert(store_state).values(format=STORE_FORMAT))
        self._idle.append(url)

    def _left(self, url: str) -> list[str]:
        """What the connections do that stay: `idle`, `active`, `idle in transaction`."""
        asked = text("SELECT state FROM pg_stat_get_activity(NULL) WHERE application_name = :name")
        until = time.monotonic() + self.LEAVING_S
        while left := self._read(asked, name=_schema(url)):
            if time.monotonic() > until:
                break
            time.sleep(0.005)
        return [str(state) for (state,) in left]

    def _shape(self, url: str) -> object:
        """Changes whenever somebody changes a table, an index or a column."""
        asked = text(
            "SELECT md5(string_agg(concat_ws(' ', of.oid, of.xmin, part.xmin), ',' ORDER BY of.oid, part.attnum))"
            " FROM pg_class AS of JOIN pg_attribute AS part ON part.attrelid = of.oid"
            " WHERE of.relnamespace = CAST(:name AS regnamespace)"
        )
        return self._read(asked, name=_schema(url))

    def _read(self, asked: TextClause, **values: str) -> list[tuple[object, ...]]:
        with self._connection.begin():
            return [tuple(row) for row in self._connection.execute(asked, values)]


def _schema(url: str) -> str:
    """The schema of a store, which its connections are named after."""
    return str(make_url(url).query["application_name"])
