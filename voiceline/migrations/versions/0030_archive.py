"""Where enterprises want their own copies of voicemails."""

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.row_security import protect

revision = "0030"
down_revision = "0029"

TABLE = "archive_destination"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(64), nullable=False),
        sa.Column("role_arn", sa.String(600), nullable=False),
        sa.Column("bucket", sa.String(63), nullable=False),
        sa.Column("region", sa.String(32), nullable=False),
        sa.Column("prefix", sa.String(201), nullable=False),
        sa.Column("kms_key", sa.String(255), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                *("draft", "connected", "disconnected"),
                name="archivestate",
                native_enum=False,
                length=32,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("proofs", sa.JSON(), nullable=False),
        sa.Column("proven_at", sa.DateTime(timezone=True)),
        sa.Column("connected_at", sa.DateTime(timezone=True)),
        sa.Column("disconnected_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_destination")),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_archive_destination_business_id")
        ),
        sa.UniqueConstraint("business_id", name=op.f("uq_archive_destination_business_id")),
        sa.UniqueConstraint("external_id", name=op.f("uq_archive_destination_external_id")),
    )
    protect(TABLE)


def downgrade() -> None:
    op.drop_table(TABLE)
