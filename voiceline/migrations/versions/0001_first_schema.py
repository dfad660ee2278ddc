"""First schema: a call becomes a row, a row becomes work, work becomes a filed request."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "allowance",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("window_starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_allowance")),
    )
    op.create_table(
        "blocked_caller",
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_blocked_caller")),
    )
    op.create_table(
        "business",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "tier",
            sa.Enum(
                "trial",
                "small_medium",
                "enterprise",
                name="accounttier",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "suspended",
                "closed",
                name="businessstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("trial_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("asks_right", sa.Boolean(), nullable=False),
        sa.Column("notify_address", sa.String(length=320), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business")),
    )
    op.create_table(
        "greeting_audio",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_greeting_audio")),
    )
    op.create_table(
        "periodic_run",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("last_run_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_periodic_run")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
    )
    op.create_table(
        "login_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_login_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_login_session_token_sha256")),
    )
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "viewer",
                "agent",
                "admin",
                "owner",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_membership_business_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_membership_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint(
            "business_id", "user_id", name=op.f("uq_membership_business_id_user_id")
        ),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_user_id"), ["user_id"], unique=False)

    op.create_table(
        "service_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("brand", sa.String(length=200), nullable=True),
        sa.Column("dedicated_number", sa.String(length=16), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "length(code) between 1 and 8 and substr(code, 1, 1) not in ('0', '2', '9')",
            name=op.f("ck_service_code_form"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_service_code_business_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_code")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_service_code_business_id_id")),
        sa.UniqueConstraint("code", name=op.f("uq_service_code_code")),
        sa.UniqueConstraint("dedicated_number", name=op.f("uq_service_code_dedicated_number")),
    )
    with op.batch_alter_table("service_code", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_service_code_business_id"), ["business_id"], unique=False
        )

    op.create_table(
        "call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("carrier_id", sa.String(length=64), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("service_code_id", sa.Uuid(), nullable=False),
        sa.Column("unassigned", sa.Boolean(), nullable=False),
        sa.Column("to_number", sa.String(length=64), nullable=True),
        sa.Column("caller_id", sa.String(length=16), nullable=True),
        sa.Column("caller_unknown_because", sa.String(length=16), nullable=True),
        sa.Column("attestation", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column(
            "right",
            sa.Enum(
                "opt_out",
                "limit",
                "know_categories",
                "know_specific",
                "delete",
                "correct",
                name="right",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("reference", sa.String(length=9), nullable=True),
        sa.Column("prompts_version", sa.String(length=32), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt_heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_call_business_id")),
        sa.ForeignKeyConstraint(
            ["service_code_id"], ["service_code.id"], name=op.f("fk_call_service_code_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("carrier_id", name=op.f("uq_call_carrier_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_call_reference")),
    )
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_call_business_id_started_at"),
            ["business_id", "started_at"],
            unique=False,
        )

    op.create_table(
        "greeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("service_code_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("audio_sha256", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "text is not null or audio_sha256 is not null", name=op.f("ck_greeting_says_something")
        ),
        sa.ForeignKeyConstraint(
            ["audio_sha256"], ["greeting_audio.sha256"], name=op.f("fk_greeting_audio_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_greeting_business_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_code_id"], ["service_code.id"], name=op.f("fk_greeting_service_code_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_greeting")),
        sa.UniqueConstraint(
            "service_code_id",
            "language",
            "version",
            name=op.f("uq_greeting_service_code_id_language_version"),
        ),
    )
    with op.batch_alter_table("greeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_greeting_business_id"), ["business_id"], unique=False)

    op.create_table(
        "privacy_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("service_code_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.String(length=9), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "phone", "web", name="channel", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "acknowledged",
                "completed",
                "denied",
                "withdrawn",
                name="requeststatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledge_by", sa.Date(), nullable=True),
        sa.Column("respond_by", sa.Date(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_how", sa.String(length=64), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_privacy_request_business_id")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_privacy_request_call_id")),
        sa.ForeignKeyConstraint(
            ["service_code_id"],
            ["service_code.id"],
            name=op.f("fk_privacy_request_service_code_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_request")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_privacy_request_business_id_id")),
        sa.UniqueConstraint("call_id", name=op.f("uq_privacy_request_call_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_privacy_request_reference")),
    )
    with op.batch_alter_table("privacy_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_privacy_request_business_id_received_at_id"),
            ["business_id", "received_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_privacy_request_business_id_respond_by_received_at_id"),
            ["business_id", "respond_by", "received_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_privacy_request_business_id_status_received_at_id"),
            ["business_id", "status", "received_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_privacy_request_business_id_status_respond_by_received_at_id"),
            ["business_id", "status", "respond_by", "received_at", "id"],
            unique=False,
        )

    op.create_table(
        "voicemail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("carrier_id", sa.String(length=64), nullable=False),
        sa.Column("take", sa.Integer(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "stored",
                "failed",
                "absent",
                "replaced",
                "erased",
                "expired",
                name="voicemailstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("claimed_seconds", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("object_key", sa.String(length=255), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tier_tag", sa.String(length=32), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("carrier_deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_voicemail_business_id")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_voicemail_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voicemail")),
        sa.UniqueConstraint("carrier_id", name=op.f("uq_voicemail_carrier_id")),
    )
    with op.batch_alter_table("voicemail", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_voicemail_business_id_recorded_at"),
            ["business_id", "recorded_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_voicemail_call_id"), ["call_id"], unique=False)
        batch_op.create_index(
            "ix_voicemail_due_at",
            ["due_at"],
            unique=False,
            postgresql_where=sa.text("due_at is not null"),
        )
        batch_op.create_index("ix_voicemail_expires_at", ["status", "expires_at"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "request_filed",
                name="deliverykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "done",
                "failed",
                name="deliverystatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_delivery_business_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["privacy_request.id"], name=op.f("fk_delivery_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("request_id", "kind", name=op.f("uq_delivery_request_id_kind")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_business_id"), ["business_id"], unique=False)
        batch_op.create_index(
            "ix_delivery_due_at",
            ["due_at"],
            unique=False,
            postgresql_where=sa.text("due_at is not null"),
        )

    op.create_table(
        "request_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "filed",
                "acknowledged",
                "completed",
                "denied",
                "withdrawn",
                "listened_to",
                "downloaded",
                name="eventkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_request_event_business_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["privacy_request.id"], name=op.f("fk_request_event_request_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_request_event_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_event")),
    )
    with op.batch_alter_table("request_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_request_event_business_id"), ["business_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_request_event_request_id_at"), ["request_id", "at"], unique=False
        )

    op.create_table(
        "requested_right",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column(
            "right",
            sa.Enum(
                "opt_out",
                "limit",
                "know_categories",
                "know_specific",
                "delete",
                "correct",
                name="right",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "keyed",
                "confirmed",
                name="rightsource",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("acknowledge_by", sa.Date(), nullable=True),
        sa.Column("respond_by", sa.Date(), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_requested_right_business_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["privacy_request.id"], name=op.f("fk_requested_right_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requested_right")),
        sa.UniqueConstraint(
            "request_id", "right", name=op.f("uq_requested_right_request_id_right")
        ),
    )
    with op.batch_alter_table("requested_right", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_requested_right_business_id"), ["business_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_requested_right_request_id"), ["request_id"], unique=False
        )

    op.create_table(
        "transcript",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("voicemail_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "completed",
                "failed",
                "skipped",
                name="transcriptstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("words", sa.JSON(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("engine", sa.String(length=64), nullable=True),
        sa.Column("engine_version", sa.String(length=128), nullable=True),
        sa.Column("ticket", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_transcript_business_id")
        ),
        sa.ForeignKeyConstraint(
            ["voicemail_id"], ["voicemail.id"], name=op.f("fk_transcript_voicemail_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcript")),
        sa.UniqueConstraint(
            "voicemail_id", "version", name=op.f("uq_transcript_voicemail_id_version")
        ),
    )
    with op.batch_alter_table("transcript", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_transcript_business_id"), ["business_id"], unique=False
        )
        batch_op.create_index(
            "ix_transcript_due_at",
            ["due_at"],
            unique=False,
            postgresql_where=sa.text("due_at is not null"),
        )


def downgrade() -> None:
    with op.batch_alter_table("transcript", schema=None) as batch_op:
        batch_op.drop_index("ix_transcript_due_at", postgresql_where=sa.text("due_at is not null"))
        batch_op.drop_index(batch_op.f("ix_transcript_business_id"))

    op.drop_table("transcript")
    with op.batch_alter_table("requested_right", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_requested_right_request_id"))
        batch_op.drop_index(batch_op.f("ix_requested_right_business_id"))

    op.drop_table("requested_right")
    with op.batch_alter_table("request_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_request_event_request_id_at"))
        batch_op.drop_index(batch_op.f("ix_request_event_business_id"))

    op.drop_table("request_event")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_due_at", postgresql_where=sa.text("due_at is not null"))
        batch_op.drop_index(batch_op.f("ix_delivery_business_id"))

    op.drop_table("delivery")
    with op.batch_alter_table("voicemail", schema=None) as batch_op:
        batch_op.drop_index("ix_voicemail_expires_at")
        batch_op.drop_index("ix_voicemail_due_at", postgresql_where=sa.text("due_at is not null"))
        batch_op.drop_index(batch_op.f("ix_voicemail_call_id"))
        batch_op.drop_index(batch_op.f("ix_voicemail_business_id_recorded_at"))

    op.drop_table("voicemail")
    with op.batch_alter_table("privacy_request", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_privacy_request_business_id_status_respond_by_received_at_id")
        )
        batch_op.drop_index(batch_op.f("ix_privacy_request_business_id_status_received_at_id"))
        batch_op.drop_index(batch_op.f("ix_privacy_request_business_id_respond_by_received_at_id"))
        batch_op.drop_index(batch_op.f("ix_privacy_request_business_id_received_at_id"))

    op.drop_table("privacy_request")
    with op.batch_alter_table("greeting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_greeting_business_id"))

    op.drop_table("greeting")
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_business_id_started_at"))

    op.drop_table("call")
    with op.batch_alter_table("service_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_code_business_id"))

    op.drop_table("service_code")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_user_id"))

    op.drop_table("membership")
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_session_user_id"))

    op.drop_table("login_session")
    op.drop_table("user")
    op.drop_table("periodic_run")
    op.drop_table("greeting_audio")
    op.drop_table("business")
    op.drop_table("blocked_caller")
    op.drop_table("allowance")
