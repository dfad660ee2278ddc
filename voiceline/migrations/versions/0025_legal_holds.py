"""Legal holds, and that a voicemail is under one."""

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.row_security import protect

revision = "0025"
down_revision = "0024"

TABLE = "legal_hold"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid()),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True)),
        sa.Column("lifted_by", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
        *(
            sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_legal_hold_{name}"))
            for name, target in (
                ("business_id", "business.id"),
                ("request_id", "privacy_request.id"),
                ("placed_by", "user.id"),
                ("lifted_by", "user.id"),
            )
        ),
    )
    for columns in (["business_id", "placed_at"], ["request_id"]):
        op.create_index(op.f(f"ix_legal_hold_{'_'.join(columns)}"), TABLE, columns)
    protect(TABLE)
    held: sa.Column[bool] = sa.Column(
        "held", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("voicemail", held)


def downgrade() -> None:
    op.drop_column("voicemail", "held")
    op.drop_table(TABLE)
