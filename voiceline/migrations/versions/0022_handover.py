"""Handing over what callers without a code left, and what the operator sees of the line."""

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.words import replace_words

revision = "0022"
down_revision = "0021"

NEW_KINDS = ("handed_over", "handed_back")


LAST_CALL = "ix_call_to_number_started_at"


def upgrade() -> None:
    op.create_table(
        "number_look",
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True)),
        sa.Column("asked_at", sa.DateTime(timezone=True)),
        sa.Column("differing", sa.JSON()),
        sa.Column("problem", sa.String(200)),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_number_look")),
    )
    op.create_index(op.f(LAST_CALL), "call", ["to_number", "started_at"])
    replace_words("request_event", "eventkind", "kind", lambda words: [*words, *NEW_KINDS])


def downgrade() -> None:
    op.drop_index(op.f(LAST_CALL), "call")
    op.drop_table("number_look")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("select set_config('voiceline.reach', 'all', true)")
    op.execute(
        "update privacy_request set last_change_id = null where last_change_id in "  # noqa: S608 - ours
        f"(select id from request_event where kind in {NEW_KINDS})"
    )
    op.execute(f"delete from request_event where kind in {NEW_KINDS}")  # noqa: S608 - ours
    replace_words(
        "request_event", "eventkind", "kind", lambda words: [w for w in words if w not in NEW_KINDS]
    )
