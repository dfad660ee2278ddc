"""The nightly comparison of rows and objects, and voicemails whose audio it did not find."""

import sqlalchemy as sa
from alembic import op

from voiceline.models.base import UtcDateTime

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "store_walk",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("part", sa.String(16), nullable=False),
        sa.Column("after", sa.String(600), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_walk")),
    )
    op.create_table(
        "stray",
        sa.Column("key", sa.String(512), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_stray")),
    )
    op.add_column("voicemail", sa.Column("missed_at", UtcDateTime()))


def downgrade() -> None:
    op.drop_column("voicemail", "missed_at")
    op.drop_table("stray")
    op.drop_table("store_walk")
