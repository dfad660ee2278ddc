"""Letters to consumers, alerts to colleagues, calendar addresses."""

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.words import replace_words

revision = "0006"
down_revision = "0005"

OLD_MESSAGES = ("request_filed",)
NEW_MESSAGES = (
    *OLD_MESSAGES,
    *("new_request", "daily_digest", "friday_summary", "deadlines", "unassigned"),
    *("letter", "receipt", "email_link"),
)
LETTERS = (
    *("acknowledgement", "identity_asked", "extension", "completed", "partly", "denied"),
    *("redirected", "deferred", "appeal_upheld", "appeal_reversed"),
)
WAYS = ("email", "post", "other")
STAGES = ("10_days", "5_days", "2_days", "overdue")
SENT = "letter_sent"

TRIGGERS = {
    "sqlite": (
        """
        create trigger letter_no_update before update on letter
        begin select raise(abort, 'a letter stays as it was sent'); end
        """,
    ),
    "postgresql": (
        """
        create or replace function letter_refuse() returns trigger language plpgsql as $$
        begin
            raise exception 'a letter stays as it was sent' using errcode = 'restrict_violation';
        end $$
        """,
        """
        create trigger letter_no_update before update on letter
        for each row execute function letter_refuse()
        """,
    ),
}


def upgrade() -> None:
    _create_letter()
    _widen_delivery()
    _widen_business()
    _create_notices()
    replace_words("request_event", "eventkind", "kind", lambda words: [*words, SENT])


def downgrade() -> None:
    op.execute(f"delete from request_event where kind = '{SENT}'")  # noqa: S608 - our word
    replace_words(
        "request_event",
        "eventkind",
        "kind",
        lambda words: [word for word in words if word != SENT],
    )
    for table in ("calendar_address", "raised_deadline", "notice_choice"):
        op.drop_table(table)
    op.drop_index(op.f("ix_business_alerts_due_at"), "business")
    op.drop_column("business", "alerts_due_at")
    op.drop_column("business", "mails_words")
    _narrow_delivery()
    op.drop_table("letter")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function letter_refuse()")


def _create_letter() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("right_id", sa.Uuid()),
        sa.Column("appeal_id", sa.Uuid()),
        sa.Column("kind", _enum("letterkind", LETTERS), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("way", _enum("way", WAYS), nullable=False),
        sa.Column("address", sa.String(320)),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_by_id", sa.Uuid(), nullable=False),
        sa.Column("wording", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        _refer("letter", "business_id", "business"),
        _refer("letter", "request_id", "privacy_request"),
        _refer("letter", "right_id", "requested_right"),
        _refer("letter", "appeal_id", "appeal"),
        _refer("letter", "kept_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    op.create_index(op.f("ix_letter_business_id"), "letter", ["business_id"])
    op.create_index(op.f("ix_letter_request_id_kept_at"), "letter", ["request_id", "kept_at"])
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def _widen_delivery() -> None:
    """Let a message be about several requests or none, and name what it says by its key."""
    with op.batch_alter_table("delivery") as batch:
        batch.drop_constraint(op.f("uq_delivery_request_id_kind"), type_="unique")
        batch.alter_column("request_id", existing_type=sa.Uuid(), nullable=True)
        batch.add_column(sa.Column("key", sa.String(200)))
        batch.add_column(sa.Column("user_id", sa.Uuid()))
        batch.add_column(sa.Column("letter_id", sa.Uuid()))
        batch.add_column(sa.Column("about_on", sa.Date()))
        batch.add_column(sa.Column("facts", sa.JSON()))
        batch.create_foreign_key(op.f("fk_delivery_user_id"), "user", ["user_id"], ["id"])
        batch.create_foreign_key(op.f("fk_delivery_letter_id"), "letter", ["letter_id"], ["id"])
    op.execute(
        "update delivery set key = kind || '/' || replace(cast(request_id as text), '-', '')"
    )
    with op.batch_alter_table("delivery") as batch:
        batch.alter_column("key", existing_type=sa.String(200), nullable=False)
        batch.create_unique_constraint(op.f("uq_delivery_key"), ["key"])
        batch.create_unique_constraint(op.f("uq_delivery_letter_id"), ["letter_id"])
        batch.create_index(op.f("ix_delivery_request_id"), ["request_id"])
    replace_words("delivery", "deliverykind", "kind", lambda _: list(NEW_MESSAGES))


def _narrow_delivery() -> None:
    op.execute("delete from delivery where kind <> 'request_filed'")
    replace_words("delivery", "deliverykind", "kind", lambda _: list(OLD_MESSAGES))
    with op.batch_alter_table("delivery") as batch:
        batch.drop_index(op.f("ix_delivery_request_id"))
        batch.drop_constraint(op.f("uq_delivery_letter_id"), type_="unique")
        batch.drop_constraint(op.f("uq_delivery_key"), type_="unique")
        batch.drop_constraint(op.f("fk_delivery_letter_id"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_delivery_user_id"), type_="foreignkey")
        for column in ("key", "user_id", "letter_id", "about_on", "facts"):
            batch.drop_column(column)
        batch.alter_column("request_id", existing_type=sa.Uuid(), nullable=False)
        batch.create_unique_constraint(op.f("uq_delivery_request_id_kind"), ["request_id", "kind"])


def _widen_business() -> None:
    """Add columns without building the table anew: in SQLite its trigger would be lost."""
    words: sa.Column[bool] = sa.Column(
        "mails_words", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("business", words)
    due: sa.Column[object] = sa.Column(
        "alerts_due_at",
        sa.DateTime(timezone=True),
        nullable=False,
        server_default=sa.text("'2000-01-01 00:00:00.000000'"),
    )
    op.add_column("business", due)
    op.create_index(op.f("ix_business_alerts_due_at"), "business", ["alerts_due_at"])


def _create_notices() -> None:
    op.create_table(
        "notice_choice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("at_once", sa.Boolean(), nullable=False),
        sa.Column("daily", sa.Boolean(), nullable=False),
        sa.Column("friday", sa.Boolean(), nullable=False),
        sa.Column("deadlines", sa.Boolean(), nullable=False),
        sa.Column("unassigned", sa.Boolean(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        _refer("notice_choice", "business_id", "business"),
        _refer("notice_choice", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_choice")),
        sa.UniqueConstraint(
            "business_id", "user_id", name=op.f("uq_notice_choice_business_id_user_id")
        ),
    )
    op.create_index(op.f("ix_notice_choice_user_id"), "notice_choice", ["user_id"])
    op.create_table(
        "raised_deadline",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("due_by", sa.Date(), nullable=False),
        sa.Column("stage", _enum("stage", STAGES), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        _refer("raised_deadline", "business_id", "business"),
        _refer("raised_deadline", "request_id", "privacy_request"),
        sa.PrimaryKeyConstraint("request_id", "due_by", "stage", name=op.f("pk_raised_deadline")),
    )
    op.create_index(
        op.f("ix_raised_deadline_business_id_raised_on"),
        "raised_deadline",
        ["business_id", "raised_on"],
    )
    op.create_table(
        "calendar_address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _refer("calendar_address", "business_id", "business"),
        _refer("calendar_address", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_address")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_calendar_address_token_sha256")),
        sa.UniqueConstraint(
            "business_id", "user_id", name=op.f("uq_calendar_address_business_id_user_id")
        ),
    )
    op.create_index(op.f("ix_calendar_address_user_id"), "calendar_address", ["user_id"])


def _refer(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _enum(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)
