"""Versions of the privacy policy, and which one a request or an account came under."""

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.words import replace_words

revision = "0033"
down_revision = "0032"

TABLE = "policy_version"
KEEPS = ("business", "privacy_request")
NEW_KIND = "policy_changed"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("address", sa.String(500), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("material", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("effective_at", name=op.f("uq_policy_version_effective_at")),
    )
    for table in KEEPS:
        column: sa.Column[str] = sa.Column("policy_version", sa.String(40))
        op.add_column(table, column)
    replace_words("delivery", "deliverykind", "kind", lambda words: [*words, NEW_KIND])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("select set_config('voiceline.reach', 'all', true)")
    op.execute(f"delete from delivery where kind = '{NEW_KIND}'")  # noqa: S608 - ours
    replace_words(
        "delivery", "deliverykind", "kind", lambda words: [w for w in words if w != NEW_KIND]
    )
    for table in KEEPS:
        op.drop_column(table, "policy_version")
    op.drop_table(TABLE)
