"""Access to a business that the operator's people ask for, and the mail that tells of it."""

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.row_security import protect
from voiceline.migrations.words import replace_words

revision = "0021"
down_revision = "0020"

NEW_KIND = "grant_asked"
TIMES = ("approved_at", "refused_at", "ends_at", "ended_at")


def upgrade() -> None:
    op.create_table(
        "access_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True)) for name in TIMES),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("ended_by", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_grant")),
        sa.CheckConstraint("seconds between 1 and 604800", name=op.f("ck_access_grant_length")),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_access_grant_business_id")
        ),
        *(
            sa.ForeignKeyConstraint([name], ["user.id"], name=op.f(f"fk_access_grant_{name}"))
            for name in ("user_id", "decided_by", "ended_by")
        ),
    )
    for columns in (["business_id", "asked_at"], ["user_id", "business_id"]):
        op.create_index(op.f(f"ix_access_grant_{'_'.join(columns)}"), "access_grant", columns)
    protect("access_grant")
    replace_words("delivery", "deliverykind", "kind", lambda words: [*words, NEW_KIND])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("select set_config('voiceline.reach', 'all', true)")
    op.execute(f"delete from delivery where kind = '{NEW_KIND}'")  # noqa: S608 - ours
    replace_words(
        "delivery",
        "deliverykind",
        "kind",
        lambda words: [word for word in words if word != NEW_KIND],
    )
    op.drop_table("access_grant")
