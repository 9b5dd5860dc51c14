"""Turning the tables of an old store into those of this Treering, and comparing them; imports alembic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select

from treering.memory.stores.opening import LAYOUT, REVISION_TABLE, revision_of, revisions
from treering.memory.stores.tables import store_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic.runtime.migration import MigrationInfo

_FOLDER = Path(__file__).parent / "migrations"


def migrate(connection: Connection, target: str = "head", *, report: Callable[[str], None] | None = None) -> None:
    """Bring the tables up to a revision, inside a transaction that is alone in the store.

    Args:
        connection: Inside that transaction; whoever began it commits it.
        target: A revision: the number of a store format with four digits, or the newest.
        report: Called with what each step brought, after it.
    """
    _command(connection, command.upgrade, target, report)


def migrate_back(connection: Connection, target: str) -> None:
    """Take the tables back to an older revision; what only the newer one can hold is lost."""
    _command(connection, command.downgrade, target, None)


def differences(connection: Connection) -> list[str]:
    """In what the tables differ from those of this Treering, each in one line."""
    context = MigrationContext.configure(
        connection, opts={"include_name": _is_ours, "version_table": REVISION_TABLE, "compare_type": True}
    )
    return [line for found in compare_metadata(context, LAYOUT) for line in _lines(found)]


def _command(
    connection: Connection,
    run: Callable[[Config, str], None],
    target: str,
    report: Callable[[str], None] | None,
) -> None:
    _note_revision(connection)

    def tell(*, step: MigrationInfo, **_: object) -> None:
        if report is not None and step.up_revision_id is not None:
            report(str(scripts.get_revision(step.up_revision_id).doc))

    config = Config(attributes={"connection": connection, "on_version_apply": tell})
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    run(config, target)


def _note_revision(connection: Connection) -> None:
    """Write down where alembic stands: stores of format 1 were made without it."""
    if not inspect(connection).has_table(store_state.name):
        return
    revisions.create(connection, checkfirst=True)
    if connection.execute(select(revisions)).first() is None:
        found = connection.execute(select(store_state.c.format)).scalar_one()
        connection.execute(revisions.insert().values(version_num=revision_of(found)))


def _is_ours(name: str | None, kind: str, parents: object) -> bool:
    """Other tables of the database are none of our business."""
    del parents
    return kind != "table" or name in LAYOUT.tables


def _lines(found: Any) -> Iterator[str]:  # noqa: ANN401 - alembic's tuples, and lists of them for one column
    if isinstance(found, list):
        for one in found:
            yield from _lines(one)
        return
    what, *rest = found
    names = [getattr(part, "name", part) for part in rest if isinstance(part, str) or getattr(part, "name", None)]
    yield f"{what.replace('_', ' ')}: {' '.join(map(str, names))}"
