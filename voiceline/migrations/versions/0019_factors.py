"""People sign in with codes, passkeys and providers; a business may ask for its own provider."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.row_security import protect
from voiceline.migrations.words import replace_words

revision = "0019"
down_revision = "0018"

WAYS = ("password", "password_and_code", "passkey", "google", "business_provider")
KINDS = ("second_step", "passkey", "provider", "link")
ROLES = ("viewer", "agent", "admin", "owner")


MESSAGE = "domain_lost"


def upgrade() -> None:
    replace_words("delivery", "deliverykind", "kind", lambda words: [*words, MESSAGE])
    _create_factors()
    _create_identities()
    protect("identity_provider", "verified_domain")
    for column in ("single_sign_on_only", "needs_second_step"):
        flag: sa.Column[Any] = sa.Column(
            column, sa.Boolean(), nullable=False, server_default=sa.false()
        )
        op.add_column("business", flag)
    batch: Any
    with op.batch_alter_table("login_session") as batch:
        batch.add_column(sa.Column("identity_provider_id", sa.Uuid()))
        batch.create_foreign_key(
            op.f("fk_login_session_identity_provider_id"),
            "identity_provider",
            ["identity_provider_id"],
            ["id"],
            ondelete="CASCADE",
        )


def downgrade() -> None:
    op.execute(f"delete from delivery where kind = '{MESSAGE}'")  # noqa: S608 - ours
    replace_words(
        "delivery",
        "deliverykind",
        "kind",
        lambda words: [word for word in words if word != MESSAGE],
    )
    batch: Any
    with op.batch_alter_table("login_session") as batch:
        batch.drop_constraint(op.f("fk_login_session_identity_provider_id"), type_="foreignkey")
        batch.drop_column("identity_provider_id")
    for column in ("needs_second_step", "single_sign_on_only"):
        op.drop_column("business", column)
    for table in ("verified_domain", "identity", "identity_provider", "pending_sign_in"):
        op.drop_table(table)
    for table in ("passkey", "recovery_code", "code_app"):
        op.drop_table(table)


def _create_factors() -> None:
    op.create_table(
        "code_app",
        _id(),
        _of("user"),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        _moment("confirmed_at", nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        _moment("created_at"),
        sa.UniqueConstraint("user_id", name=op.f("uq_code_app_user_id")),
    )
    op.create_table(
        "recovery_code",
        _id(),
        _of("user"),
        sa.Column("place", sa.String(4), nullable=False),
        sa.Column("code_hash", sa.String(255), nullable=False),
        _moment("used_at", nullable=True),
        _moment("created_at"),
        sa.UniqueConstraint("user_id", "place", name=op.f("uq_recovery_code_user_id_place")),
    )
    op.create_table(
        "passkey",
        _id(),
        _of("user"),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("credential_id", sa.String(1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        _moment("created_at"),
        _moment("used_at", nullable=True),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_user_id"), "passkey", ["user_id"])
    op.create_table(
        "pending_sign_in",
        _id(),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("kind", _words("pendingkind", KINDS), nullable=False),
        _of("user", nullable=True),
        sa.Column("way", _words("signinway", WAYS)),
        sa.Column("facts", sa.JSON(), nullable=False),
        _moment("created_at"),
        _moment("ends_at"),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_pending_sign_in_token_sha256")),
    )
    op.create_index(op.f("ix_pending_sign_in_user_id"), "pending_sign_in", ["user_id"])
    op.create_index(op.f("ix_pending_sign_in_ends_at"), "pending_sign_in", ["ends_at"])


def _create_identities() -> None:
    op.create_table(
        "identity_provider",
        _id(),
        _of("business"),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("client_id", sa.String(255), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("default_role", _words("role", ROLES), nullable=False),
        _moment("tested_at", nullable=True),
        _moment("created_at"),
        sa.UniqueConstraint("business_id", name=op.f("uq_identity_provider_business_id")),
    )
    op.create_table(
        "identity",
        _id(),
        _of("user"),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("email", sa.String(320)),
        _moment("created_at"),
        _moment("used_at", nullable=True),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identity_issuer_subject")),
    )
    op.create_index(op.f("ix_identity_user_id"), "identity", ["user_id"])
    op.create_table(
        "verified_domain",
        _id(),
        _of("business"),
        sa.Column("domain", sa.String(253), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        _moment("verified_at", nullable=True),
        _moment("failing_since", nullable=True),
        _moment("checked_at", nullable=True),
        _moment("created_at"),
        sa.UniqueConstraint(
            "business_id", "domain", name=op.f("uq_verified_domain_business_id_domain")
        ),
    )
    verified = sa.text("verified_at is not null")
    op.create_index(
        "ix_verified_domain_owner",
        "verified_domain",
        ["domain"],
        unique=True,
        postgresql_where=verified,
        sqlite_where=verified,
    )


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Uuid(), primary_key=True)


def _of(table: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(f"{table}_id", sa.Uuid(), sa.ForeignKey(f"{table}.id"), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _words(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, length=32, create_constraint=True)
