"""Canary calls and their proofs, the business they call, and the mail that tells of trouble."""

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.words import replace_words

revision = "0018"
down_revision = "0017"

NEW_KINDS = ("canary_failed", "canary_mended")
STEPS = (
    *("placed", "answered", "code", "greeting", "recorded", "callback", "collected", "filed"),
    *("acknowledged", "transcribed"),
)
OUTCOMES = ("ok", "late", "failed")
LATER = (*STEPS[1:], "judged", "erased")


def upgrade() -> None:
    op.create_table(
        "canary_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("from_number", sa.String(16), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("carrier_id", sa.String(64)),
        sa.Column("call_carrier_id", sa.String(64)),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(f"{step}_at", sa.DateTime(timezone=True)) for step in LATER),
        sa.Column("sha256", sa.String(64)),
        sa.Column("outcome", _words("canaryoutcome", OUTCOMES)),
        sa.Column("failed_step", _words("canarystep", STEPS)),
        sa.Column("reason", sa.String(200)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canary_call")),
        sa.UniqueConstraint("call_carrier_id", name=op.f("uq_canary_call_call_carrier_id")),
    )
    for columns in (["placed_at"], ["number", "placed_at"], ["code"]):
        op.create_index(op.f(f"ix_canary_call_{'_'.join(columns)}"), "canary_call", columns)
    op.add_column(
        "business",
        sa.Column("is_canary", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    replace_words("delivery", "deliverykind", "kind", lambda words: [*words, *NEW_KINDS])


def downgrade() -> None:
    op.execute(f"delete from delivery where kind in {NEW_KINDS}")  # noqa: S608 - ours
    replace_words(
        "delivery", "deliverykind", "kind", lambda words: [w for w in words if w not in NEW_KINDS]
    )
    op.drop_column("business", "is_canary")
    op.drop_table("canary_call")


def _words(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, length=32, create_constraint=True)
