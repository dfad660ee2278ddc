"""The copies in enterprises' own buckets, and what is held back for them."""

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.row_security import protect
from voiceline.migrations.words import replace_words

revision = "0031"
down_revision = "0030"

TABLE = "archive_copy"
DESTINATION = "archive_destination"
NEW_KIND = "archive_failing"
OWED = sa.text("due_at is not null")


def upgrade() -> None:
    for column in (
        sa.Column("wanted_since", sa.DateTime(timezone=True)),
        sa.Column("holds_back", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("failing_since", sa.DateTime(timezone=True)),
        sa.Column("claim", sa.Uuid()),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("last_error", sa.String(500)),
    ):
        op.add_column(DESTINATION, column)
    op.create_index(
        op.f(f"ix_{DESTINATION}_due_at"), DESTINATION, ["due_at"], postgresql_where=OWED
    )
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("voicemail_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("place", sa.String(300)),
        sa.Column("archived_at", sa.DateTime(timezone=True)),
        sa.Column("sha256", sa.String(64)),
        sa.Column("version_id", sa.String(1024)),
        sa.Column("record_sha256", sa.String(64)),
        sa.Column("last_error", sa.String(500)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_copy")),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_archive_copy_business_id")
        ),
        sa.ForeignKeyConstraint(
            ["voicemail_id"], ["voicemail.id"], name=op.f("fk_archive_copy_voicemail_id")
        ),
        sa.UniqueConstraint("voicemail_id", name=op.f("uq_archive_copy_voicemail_id")),
    )
    op.create_index(
        op.f("ix_archive_copy_business_id_due_at"),
        TABLE,
        ["business_id", "due_at"],
        postgresql_where=OWED,
    )
    protect(TABLE)
    back: sa.Column[bool] = sa.Column(
        "held_back", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("voicemail", back)
    replace_words("delivery", "deliverykind", "kind", lambda words: [*words, NEW_KIND])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("select set_config('voiceline.reach', 'all', true)")
    op.execute(f"delete from delivery where kind = '{NEW_KIND}'")  # noqa: S608 - ours
    replace_words(
        "delivery", "deliverykind", "kind", lambda words: [w for w in words if w != NEW_KIND]
    )
    op.drop_column("voicemail", "held_back")
    op.drop_table(TABLE)
    op.drop_index(op.f(f"ix_{DESTINATION}_due_at"), DESTINATION)
    for name in ("last_error", "attempts", "due_at", "claim", "failing_since", "holds_back"):
        op.drop_column(DESTINATION, name)
    op.drop_column(DESTINATION, "wanted_since")
