"""What alembic runs: the open connection and the listener that `migrating` hands over, and nothing from a file."""

from alembic import context

from treering.memory.stores.opening import LAYOUT, REVISION_TABLE

given = context.config.attributes
context.configure(
    connection=given["connection"],
    target_metadata=LAYOUT,
    version_table=REVISION_TABLE,
    on_version_apply=given["on_version_apply"],
)
context.run_migrations()
