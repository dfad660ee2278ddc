"""What was erased for good, and the certificates of it; both outlive the business."""

import sqlalchemy as sa
from alembic import op

from voiceline.models.base import UtcDateTime

revision = "0029"
down_revision = "0028"

KINDS = sa.Enum("voicemail", name="grave", native_enum=False, length=32, create_constraint=True)


def upgrade() -> None:
    op.create_table(
        "tombstone",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("kind", KINDS, nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_tombstone")),
    )
    op.create_table(
        "erasure_certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issued_to", sa.Uuid(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_certificate")),
    )
    op.create_index(op.f("ix_erasure_certificate_issued_to"), "erasure_certificate", ["issued_to"])


def downgrade() -> None:
    op.drop_table("erasure_certificate")
    op.drop_table("tombstone")
