"""What one store compiled, the next one of the process need not, and no other kind of database takes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import literal, select
from sqlalchemy.dialects import postgresql, sqlite

from treering.memory.stores import SqlStore
from treering.memory.stores.compiling import STATEMENTS, SharedStatements
from treering.memory.stores.upgrading import upgrade_store
from treering.schemas.dialogue import Scope
from treering.schemas.trunk import Trunk


def compiled_by(url: str, trunk: Trunk) -> set[object]:
    """Ask a store something; returns all that is compiled by then."""
    store = SqlStore(url, trunk)
    with store.begin(write=False) as unit:
        unit.ledger.head(Scope(user="ana"))
    store.close()
    return set(STATEMENTS)


def test_a_second_file_compiles_nothing_again(tmp_path: Path, small_trunk: Trunk) -> None:
    first = compiled_by(f"sqlite:///{tmp_path}/first.db", small_trunk)
    assert {key[0] for key in first} >= {"sqlite"}
    assert compiled_by(f"sqlite:///{tmp_path}/second.db", small_trunk) == first


@pytest.mark.services
def test_a_second_schema_compiles_nothing_again(new_postgres_url: Callable[[], str], small_trunk: Trunk) -> None:
    urls = [new_postgres_url(), new_postgres_url()]
    for url in urls:
        upgrade_store(url)
    first = compiled_by(urls[0], small_trunk)
    assert {key[0] for key in first} >= {"postgresql"}
    assert compiled_by(urls[1], small_trunk) == first


def test_another_kind_or_version_of_a_database_compiles_its_own() -> None:
    kept = SharedStatements(10)
    compiled = select(literal(7)).compile()
    older, newer = postgresql.dialect(), postgresql.dialect()
    older.server_version_info, newer.server_version_info = (14, 1), (17, 0)
    kept[older, "statement"] = compiled
    assert kept.get((older, "statement")) is compiled
    assert kept.get((newer, "statement")) is None
    assert kept.get((sqlite.dialect(), "statement")) is None
