"""A person sees their sessions, and proves again to be there before a dangerous thing."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

WAYS = ("password", "password_and_code", "passkey", "google", "business_provider")


def upgrade() -> None:
    batch: Any
    with op.batch_alter_table("login_session") as batch:
        batch.add_column(sa.Column("way", _ways(), nullable=False, server_default="password"))
        batch.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True)))
        batch.add_column(sa.Column("browser", sa.String(80)))
        batch.add_column(sa.Column("address", sa.String(45)))


def downgrade() -> None:
    batch: Any
    with op.batch_alter_table("login_session") as batch:
        batch.drop_constraint(op.f("ck_login_session_signinway"), type_="check")
        for column in ("address", "browser", "confirmed_at", "way"):
            batch.drop_column(column)


def _ways() -> sa.Enum:
    return sa.Enum(*WAYS, name="signinway", native_enum=False, length=32, create_constraint=True)
