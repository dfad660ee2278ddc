"""Casework: each right its own dates, state and answer; identity checks, appeals, undoing."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

OLD_RIGHTS = ("opt_out", "limit", "know_categories", "know_specific", "delete", "correct")
NEW_RIGHTS = (
    *OLD_RIGHTS,
    *("portability", "opt_out_ads", "opt_out_profiling", "opt_in", "admt_access", "admt_opt_out"),
    *("admt_appeal", "third_parties", "question_profiling", "withdraw_consent", "restrict"),
    *("object", "switch_purpose", "appeal", "status", "other"),
)
OLD_STATUSES = ("received", "acknowledged", "completed", "denied", "withdrawn")
NEW_STATUSES = (
    *("received", "acknowledged", "appealed", "completed", "partly", "denied", "redirected"),
    "withdrawn",
)
OLD_KINDS = (
    *("filed", "acknowledged", "completed", "denied", "withdrawn", "listened_to", "downloaded"),
)
NEW_KINDS = (
    *("filed", "acknowledged", "verified", "not_verified", "extended", "completed"),
    *("partly_completed", "denied", "redirected", "deferred", "resumed", "withdrawn", "reopened"),
    *("appealed", "appeal_upheld", "appeal_reversed", "appeal_withdrawn", "right_named"),
    *("right_struck", "residence_set", "standing_set", "undone", "listened_to", "downloaded"),
)
RIGHT_STATUSES = (
    *("open", "deferred", "completed", "partly", "denied", "redirected", "appealed"),
    *("withdrawn", "struck"),
)
RESIDENCE_SOURCES = ("told", "asked", "records")
STANDINGS = (
    *("self", "agent", "attorney", "parent", "minor", "household", "estate", "employee"),
    "business_contact",
)
METHODS = (
    *("matched", "account", "email_link", "power_of_attorney", "signed_permission"),
    *("parenthood", "confirmation"),
)
LEVELS = ("none", "reasonable", "high")
APPEAL_STATUSES = ("open", "upheld", "reversed", "withdrawn", "struck")


def upgrade() -> None:
    with op.batch_alter_table("privacy_request") as batch:
        _replace_check(batch, "privacy_request", "requeststatus", "status", NEW_STATUSES)
        batch.add_column(sa.Column("residence", sa.String(20)))
        batch.add_column(sa.Column("residence_source", _enum("residencesource", RESIDENCE_SOURCES)))
        batch.add_column(sa.Column("jurisdiction", sa.String(20)))
        batch.add_column(sa.Column("standing", _enum("standing", STANDINGS)))
        batch.add_column(sa.Column("last_change_id", sa.Uuid()))
    op.execute("update privacy_request set jurisdiction = 'UNKNOWN-US'")
    with op.batch_alter_table("privacy_request") as batch:
        batch.alter_column("jurisdiction", existing_type=sa.String(20), nullable=False)
    _widen_rights()
    with op.batch_alter_table("request_event") as batch:
        _replace_check(batch, "request_event", "eventkind", "kind", NEW_KINDS)
        batch.add_column(sa.Column("right_id", sa.Uuid()))
        batch.add_column(sa.Column("facts", sa.JSON()))
        batch.add_column(sa.Column("before", sa.JSON()))
        batch.add_column(sa.Column("undoes_id", sa.Uuid()))
        batch.create_foreign_key(
            op.f("fk_request_event_right_id"), "requested_right", ["right_id"], ["id"]
        )
        batch.create_foreign_key(
            op.f("fk_request_event_undoes_id"), "request_event", ["undoes_id"], ["id"]
        )
    _create_identity_check()
    _create_appeal()


def downgrade() -> None:
    op.drop_table("appeal")
    op.drop_table("identity_check")
    with op.batch_alter_table("request_event") as batch:
        batch.drop_constraint(op.f("fk_request_event_undoes_id"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_request_event_right_id"), type_="foreignkey")
        for column in ("right_id", "facts", "before", "undoes_id"):
            batch.drop_column(column)
    _say_it_in_the_words_of_before()
    with op.batch_alter_table("request_event") as batch:
        _replace_check(batch, "request_event", "eventkind", "kind", OLD_KINDS)
    with op.batch_alter_table("requested_right") as batch:
        _replace_check(batch, "requested_right", "right", "right", OLD_RIGHTS)
        batch.drop_constraint(op.f("ck_requested_right_rightstatus"), type_="check")
        for name in ("status", "due_by", *(column.name for column in _plain_columns_of_rights())):
            batch.drop_column(name)
    with op.batch_alter_table("privacy_request") as batch:
        _replace_check(batch, "privacy_request", "requeststatus", "status", OLD_STATUSES)
        for name in ("residencesource", "standing"):
            batch.drop_constraint(op.f(f"ck_privacy_request_{name}"), type_="check")
        for name in ("residence", "residence_source", "jurisdiction", "standing", "last_change_id"):
            batch.drop_column(name)


def _widen_rights() -> None:
    """Give each right a state and dates of its own; those of before had their request's."""
    with op.batch_alter_table("requested_right") as batch:
        _replace_check(batch, "requested_right", "right", "right", NEW_RIGHTS)
        batch.add_column(sa.Column("status", _enum("rightstatus", RIGHT_STATUSES)))
        batch.add_column(sa.Column("due_by", sa.Date()))
        for column in _plain_columns_of_rights():
            batch.add_column(column)
    op.execute(
        """
        update requested_right set due_by = respond_by, status = coalesce((
            select case when privacy_request.status in ('completed', 'denied', 'withdrawn')
            then privacy_request.status else 'open' end
            from privacy_request where privacy_request.id = requested_right.request_id), 'open'),
        finished_at = (
            select privacy_request.finished_at
            from privacy_request where privacy_request.id = requested_right.request_id)
        """
    )
    with op.batch_alter_table("requested_right") as batch:
        batch.alter_column("status", existing_type=sa.String(32), nullable=False)
        batch.alter_column("due_by", existing_type=sa.Date(), nullable=False)


def _plain_columns_of_rights() -> list[sa.Column[object]]:
    return [
        sa.Column("due_records", sa.JSON()),
        sa.Column("extended_by", sa.Date()),
        sa.Column("extended_at", sa.DateTime(timezone=True)),
        sa.Column("extended_told_on", sa.Date()),
        sa.Column("extended_because", sa.Text()),
        sa.Column("deferred_because", sa.Text()),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("done", sa.Text()),
        sa.Column("not_done", sa.Text()),
        sa.Column("reasons", sa.JSON()),
        sa.Column("controller", sa.String(300)),
        sa.Column("appeal_by", sa.Date()),
    ]


def _say_it_in_the_words_of_before() -> None:
    """Leave no word that the older code cannot read; what it has no word for is lost."""
    kinds, rights = _listed(OLD_KINDS), _listed(OLD_RIGHTS)
    op.execute("update request_event set kind = 'completed' where kind = 'partly_completed'")
    op.execute("update request_event set kind = 'denied' where kind = 'redirected'")
    op.execute(f"delete from request_event where kind not in ({kinds})")  # noqa: S608 - our words
    op.execute("delete from requested_right where status = 'struck'")
    op.execute(f'update requested_right set "right" = null where "right" not in ({rights})')  # noqa: S608
    op.execute("update privacy_request set status = 'completed' where status = 'partly'")
    op.execute("update privacy_request set status = 'denied' where status = 'redirected'")
    op.execute(
        """
        update privacy_request set status = case
            when acknowledged_at is null then 'received' else 'acknowledged' end
        where status = 'appealed'
        """
    )


def _create_identity_check() -> None:
    op.create_table(
        "identity_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("method", _enum("method", METHODS), nullable=False),
        sa.Column("level", _enum("level", LEVELS), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        *_foreign_keys("identity_check", "business", "privacy_request", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_check")),
    )
    op.create_index(op.f("ix_identity_check_business_id"), "identity_check", ["business_id"])
    op.create_index(op.f("ix_identity_check_request_id_at"), "identity_check", ["request_id", "at"])


def _create_appeal() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.Column("status", _enum("appealstatus", APPEAL_STATUSES), nullable=False),
        sa.Column("against", _enum("rightstatus", RIGHT_STATUSES), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by_id", sa.Uuid(), nullable=False),
        sa.Column("decide_by", sa.Date(), nullable=False),
        sa.Column("rule", sa.String(100), nullable=False),
        sa.Column("due_records", sa.JSON(), nullable=False),
        sa.Column("extended_by", sa.Date()),
        sa.Column("extended_told_on", sa.Date()),
        sa.Column("extended_because", sa.Text()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by_id", sa.Uuid()),
        sa.Column("because", sa.Text()),
        *_foreign_keys("appeal", "business", "privacy_request", "requested_right"),
        sa.ForeignKeyConstraint(["noted_by_id"], ["user.id"], name=op.f("fk_appeal_noted_by_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user.id"], name=op.f("fk_appeal_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
    )
    op.create_index(op.f("ix_appeal_business_id"), "appeal", ["business_id"])
    op.create_index(op.f("ix_appeal_right_id"), "appeal", ["right_id"])
    op.create_index(
        op.f("ix_appeal_request_id_received_on"), "appeal", ["request_id", "received_on"]
    )
    still_open = sa.text("status = 'open'")
    op.create_index(
        "ix_appeal_open",
        "appeal",
        ["right_id"],
        unique=True,
        postgresql_where=still_open,
        sqlite_where=still_open,
    )


_REFERS = {
    "business": "business_id",
    "privacy_request": "request_id",
    "requested_right": "right_id",
    "user": "user_id",
}


def _foreign_keys(table: str, *others: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [_REFERS[other]], [f"{other}.id"], name=op.f(f"fk_{table}_{_REFERS[other]}")
        )
        for other in others
    ]


def _enum(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _replace_check(batch: Any, table: str, name: str, column: str, words: tuple[str, ...]) -> None:
    check = op.f(f"ck_{table}_{name}")
    batch.drop_constraint(check, type_="check")
    batch.create_check_constraint(check, f'"{column}" in ({_listed(words)})')


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
