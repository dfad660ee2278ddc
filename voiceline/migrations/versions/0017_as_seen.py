"""Keep which version of a request somebody chose, and whether an archive was sent to its end."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("bulk_item", sa.Column("seen", sa.Integer()))
    op.add_column("download", sa.Column("whole_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("download", "whole_at")
    op.drop_column("bulk_item", "seen")
