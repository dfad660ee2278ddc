"""The moment at which the clock was last believed, and when deleting a voicemail began."""

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.words import replace_words
from voiceline.models.base import UtcDateTime

revision = "0026"
down_revision = "0025"

NEW_KIND = "alarm"
GOING = "ix_voicemail_going_at"


def upgrade() -> None:
    op.create_table(
        "clock_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_mark")),
    )
    op.add_column("voicemail", sa.Column("going_at", UtcDateTime()))
    op.create_index(
        op.f(GOING),
        "voicemail",
        ["going_at"],
        postgresql_where=sa.text("going_at is not null and status = 'stored'"),
    )
    replace_words("delivery", "deliverykind", "kind", lambda words: [*words, NEW_KIND])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("select set_config('voiceline.reach', 'all', true)")
    op.execute(f"delete from delivery where kind = '{NEW_KIND}'")  # noqa: S608 - ours
    replace_words(
        "delivery", "deliverykind", "kind", lambda words: [w for w in words if w != NEW_KIND]
    )
    op.drop_index(op.f(GOING), "voicemail")
    op.drop_column("voicemail", "going_at")
    op.drop_table("clock_mark")
