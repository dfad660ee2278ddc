"""Who asks in writing, and the doors besides the telephone."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

OLD_CHANNELS = ("phone", "web")
NEW_CHANNELS = ("phone", "web", "mail", "email", "in_person")
OLD_SOURCES = ("keyed", "confirmed")
NEW_SOURCES = ("keyed", "chosen", "confirmed")


def upgrade() -> None:
    _replace_check("privacy_request", "channel", "channel", NEW_CHANNELS)
    _replace_check("requested_right", "rightsource", "source", NEW_SOURCES)
    op.create_table(
        "requester",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200)),
        sa.Column("email", sa.String(320)),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("phone", sa.String(16)),
        sa.Column("postal_address", sa.Text()),
        sa.Column("details", sa.Text()),
        sa.Column("consumer_name", sa.String(200)),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_requester_business_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["privacy_request.id"], name=op.f("fk_requester_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requester")),
        sa.UniqueConstraint("request_id", name=op.f("uq_requester_request_id")),
    )
    op.create_index(op.f("ix_requester_business_id_email"), "requester", ["business_id", "email"])
    op.create_index(op.f("ix_requester_business_id_phone"), "requester", ["business_id", "phone"])


def downgrade() -> None:
    op.drop_table("requester")
    # the older code has two doors; what a colleague entered is nearest to what came in writing
    op.execute("update privacy_request set channel = 'web' where channel not in ('phone', 'web')")
    op.execute("update requested_right set source = 'keyed' where source = 'chosen'")
    _replace_check("requested_right", "rightsource", "source", OLD_SOURCES)
    _replace_check("privacy_request", "channel", "channel", OLD_CHANNELS)


def _replace_check(table: str, name: str, column: str, words: tuple[str, ...]) -> None:
    check = op.f(f"ck_{table}_{name}")
    listed = ", ".join(f"'{word}'" for word in words)
    batch: Any
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(check, type_="check")
        batch.create_check_constraint(check, f'"{column}" in ({listed})')
