"""Store format 7: which claims somebody asked to have forgotten, beside the sealed request."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what waits and may be such a request is marked, to be read with the key where it is sealed."""
    held = sa.table("held", sa.column("verdict"), sa.column("target"))
    op.add_column("held", sa.Column("target", sa.String(24), nullable=True))
    may_ask = sa.or_(held.c.verdict.not_like("{%"), held.c.verdict.like('%"reason":"forgotten"%'))
    op.execute(sa.update(held).where(held.c.verdict.is_not(None), may_ask).values(target="?"))
    op.create_index("ix_held_target", "held", ["scope_id", "target"], unique=False)
    _say_format(7)


def downgrade() -> None:
    """Take it away: the requests wait as before."""
    op.drop_index("ix_held_target", "held")
    with op.batch_alter_table("held") as held:
        held.drop_column("target")
    _say_format(6)


def _say_format(number: int) -> None:
    op.execute(sa.update(sa.table("store_state", sa.column("format"))).values(format=number))
