"""Compliance notes, their versions and attachments."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

OLD_KINDS = (
    *("filed", "acknowledged", "verified", "not_verified", "extended", "completed"),
    *("partly_completed", "denied", "redirected", "deferred", "resumed", "withdrawn", "reopened"),
    *("appealed", "appeal_upheld", "appeal_reversed", "appeal_withdrawn", "right_named"),
    *("right_struck", "residence_set", "standing_set", "undone", "listened_to", "downloaded"),
)
NEW_KINDS = (*OLD_KINDS, "note_added", "note_edited", "note_removed", "exported")


def upgrade() -> None:
    _replace_kinds(NEW_KINDS)
    _create_note()
    _create_version()
    _create_attachment()


def downgrade() -> None:
    for table in ("note_attachment", "note_version", "compliance_note"):
        op.drop_table(table)
    op.execute(
        "delete from request_event "
        "where kind in ('note_added', 'note_edited', 'note_removed', 'exported')"
    )
    _replace_kinds(OLD_KINDS)


def _create_note() -> None:
    op.create_table(
        "compliance_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.Column("removed_by_id", sa.Uuid()),
        _key("compliance_note", "business_id", "business"),
        _key("compliance_note", "request_id", "privacy_request"),
        _key("compliance_note", "user_id", "user"),
        _key("compliance_note", "removed_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliance_note")),
    )
    _index("compliance_note", "business_id")
    _index("compliance_note", "request_id", "created_at")


def _create_version() -> None:
    op.create_table(
        "note_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        _key("note_version", "business_id", "business"),
        _key("note_version", "note_id", "compliance_note"),
        _key("note_version", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_version")),
        sa.UniqueConstraint("note_id", "number", name=op.f("uq_note_version_note_id_number")),
    )
    _index("note_version", "business_id")


def _create_attachment() -> None:
    op.create_table(
        "note_attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("note_id", sa.Uuid()),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("content_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("object_key", sa.String(255), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_up_at", sa.DateTime(timezone=True)),
        _key("note_attachment", "business_id", "business"),
        _key("note_attachment", "request_id", "privacy_request"),
        _key("note_attachment", "note_id", "compliance_note"),
        _key("note_attachment", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_attachment")),
    )
    _index("note_attachment", "business_id")
    _index("note_attachment", "request_id")
    _index("note_attachment", "note_id", "number")
    op.create_index(
        op.f("ix_note_attachment_offered_at"),
        "note_attachment",
        ["offered_at"],
        postgresql_where=sa.text("note_id is null"),
        sqlite_where=sa.text("note_id is null"),
    )


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _replace_kinds(words: tuple[str, ...]) -> None:
    check = op.f("ck_request_event_eventkind")
    listed = ", ".join(f"'{word}'" for word in words)
    batch: Any
    with op.batch_alter_table("request_event") as batch:
        batch.drop_constraint(check, type_="check")
        batch.create_check_constraint(check, f'"kind" in ({listed})')
