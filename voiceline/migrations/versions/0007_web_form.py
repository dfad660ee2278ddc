"""The public form: where it may be shown, what was sent, its links."""

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.words import replace_words

revision = "0007"
down_revision = "0006"

CONFIRMED = "email_confirmed"


def upgrade() -> None:
    _create_sites()
    _create_submissions()
    _create_links()
    replace_words("request_event", "eventkind", "kind", lambda words: [*words, CONFIRMED])


def downgrade() -> None:
    op.execute(f"delete from request_event where kind = '{CONFIRMED}'")  # noqa: S608 - ours
    replace_words(
        "request_event",
        "eventkind",
        "kind",
        lambda words: [word for word in words if word != CONFIRMED],
    )
    op.drop_table("confirmation_link")
    op.drop_table("web_submission")
    op.drop_table("allowed_site")


def _create_sites() -> None:
    op.create_table(
        "allowed_site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_allowed_site_business_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allowed_site")),
        sa.UniqueConstraint(
            "business_id", "origin", name=op.f("uq_allowed_site_business_id_origin")
        ),
    )


def _create_submissions() -> None:
    op.create_table(
        "web_submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("suspected_because", sa.String(32)),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "suspected_because in ('hidden_field')", name=op.f("ck_web_submission_suspicion")
        ),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_web_submission_business_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["privacy_request.id"], name=op.f("fk_web_submission_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_submission")),
        sa.UniqueConstraint("request_id", name=op.f("uq_web_submission_request_id")),
        sa.UniqueConstraint("key", name=op.f("uq_web_submission_key")),
    )
    op.create_index(op.f("ix_web_submission_business_id"), "web_submission", ["business_id"])


def _create_links() -> None:
    op.create_table(
        "confirmation_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("followed_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_confirmation_link_business_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["privacy_request.id"], name=op.f("fk_confirmation_link_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_link")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_confirmation_link_token_sha256")),
    )
    for column in ("business_id", "request_id"):
        op.create_index(op.f(f"ix_confirmation_link_{column}"), "confirmation_link", [column])
