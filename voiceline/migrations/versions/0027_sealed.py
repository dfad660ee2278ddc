"""How voicemails and files of notes are sealed; None until upkeep has sealed what was there."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

COLUMNS = (
    ("voicemail", "sealed_by", sa.String(12)),
    ("voicemail", "sealed_sha256", sa.String(64)),
    ("voicemail", "sealed_size", sa.Integer()),
    ("note_attachment", "sealed_by", sa.String(12)),
)


def upgrade() -> None:
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind))


def downgrade() -> None:
    for table, name, _ in reversed(COLUMNS):
        op.drop_column(table, name)
