"""Orders to erase the recordings of a request for good."""

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.row_security import protect

revision = "0032"
down_revision = "0031"

TABLE = "erasure"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("objects", sa.Integer(), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Uuid()),
        sa.Column("claim", sa.Uuid()),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(500)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_erasure_business_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["privacy_request.id"], name=op.f("fk_erasure_request_id")
        ),
        sa.UniqueConstraint("request_id", name=op.f("uq_erasure_request_id")),
    )
    op.create_index(op.f("ix_erasure_business_id"), TABLE, ["business_id"])
    op.create_index(
        op.f("ix_erasure_due_at"),
        TABLE,
        ["due_at"],
        postgresql_where=sa.text("due_at is not null"),
    )
    protect(TABLE)


def downgrade() -> None:
    op.drop_table(TABLE)
