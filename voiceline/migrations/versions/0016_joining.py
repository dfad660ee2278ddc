"""People come in by themselves: sign-ups, invitations, mailed links, and mail about an account."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.row_security import protect
from voiceline.migrations.words import replace_words

revision = "0016"
down_revision = "0015"

ROLES = ("viewer", "agent", "admin", "owner")
PURPOSES = ("password", "new_address", "keep_address", "notify_address")
NEW_KINDS = (
    *("sign_up", "invitation", "password_reset", "new_address", "keep_address"),
    *("account_changed", "notify_address"),
)
PENDING = "accepted_at is null and revoked_at is null"


def upgrade() -> None:
    _create_sign_ups()
    _create_invitations()
    _create_links()
    protect("invitation", "account_link")
    op.add_column("user", sa.Column("signed_in_at", sa.DateTime(timezone=True)))
    op.add_column(
        "business",
        sa.Column("viewers_read_notes", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    _let_be_nobodys(nullable=True)
    replace_words("delivery", "deliverykind", "kind", lambda words: [*words, *NEW_KINDS])


def downgrade() -> None:
    op.execute(f"delete from delivery where kind in {NEW_KINDS}")  # noqa: S608 - ours
    replace_words(
        "delivery", "deliverykind", "kind", lambda words: [w for w in words if w not in NEW_KINDS]
    )
    _let_be_nobodys(nullable=False)
    op.drop_column("business", "viewers_read_notes")
    op.drop_column("user", "signed_in_at")
    for table in ("account_link", "invitation", "sign_up"):
        op.drop_table(table)


def _create_sign_ups() -> None:
    op.create_table(
        "sign_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("business_name", sa.String(200), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("followed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_up")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_sign_up_token_sha256")),
    )
    _index("sign_up", "email")
    _index("sign_up", "expires_at")


def _create_invitations() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("role", _words("role", ROLES), nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True)),
        sa.Column("accepted_by", sa.Uuid()),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_invitation_token_sha256")),
        _foreign("invitation", "business_id", "business"),
        _foreign("invitation", "invited_by", "user"),
        _foreign("invitation", "accepted_by", "user"),
    )
    _index("invitation", "expires_at")
    pending = sa.text(PENDING)
    op.create_index(
        "uq_invitation_pending",
        "invitation",
        ["business_id", "email"],
        unique=True,
        postgresql_where=pending,
        sqlite_where=pending,
    )


def _create_links() -> None:
    op.create_table(
        "account_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", _words("linkpurpose", PURPOSES), nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid()),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_link")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_account_link_token_sha256")),
        _foreign("account_link", "user_id", "user"),
        _foreign("account_link", "business_id", "business"),
    )
    for column in ("user_id", "business_id", "expires_at"):
        _index("account_link", column)


def _words(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, length=32, create_constraint=True)


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _let_be_nobodys(*, nullable: bool) -> None:
    """Say whether a message must be a business's."""
    batch: Any
    with op.batch_alter_table("delivery") as batch:
        batch.alter_column("business_id", existing_type=sa.Uuid(), nullable=nullable)
