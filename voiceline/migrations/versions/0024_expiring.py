"""What a business was told of voicemails that are about to expire, and who wants to be."""

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.words import replace_words

revision = "0024"
down_revision = "0023"

NEW_KIND = "expiring"
NEAR = "ix_voicemail_business_id_expires_at"


def upgrade() -> None:
    op.add_column("voicemail", sa.Column("warned_days", sa.Integer()))
    op.add_column("voicemail", sa.Column("warned_on", sa.Date()))
    op.create_index(
        op.f(NEAR),
        "voicemail",
        ["business_id", "expires_at"],
        postgresql_where=sa.text("status = 'stored'"),
    )
    wanted: sa.Column[bool] = sa.Column(
        "expiring", sa.Boolean(), nullable=False, server_default=sa.true()
    )
    op.add_column("notice_choice", wanted)
    replace_words("delivery", "deliverykind", "kind", lambda words: [*words, NEW_KIND])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("select set_config('voiceline.reach', 'all', true)")
    op.execute(f"delete from delivery where kind = '{NEW_KIND}'")  # noqa: S608 - ours
    replace_words(
        "delivery", "deliverykind", "kind", lambda words: [w for w in words if w != NEW_KIND]
    )
    op.drop_column("notice_choice", "expiring")
    op.drop_index(op.f(NEAR), "voicemail")
    op.drop_column("voicemail", "warned_on")
    op.drop_column("voicemail", "warned_days")
