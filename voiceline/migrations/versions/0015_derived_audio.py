"""Keep what browsers want of a message, and who takes messages away in one archive."""

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.row_security import protect

revision = "0015"
down_revision = "0014"

# What is stored already is owed, too: newest first, some 200 a minute, so that no caller's draft
# waits behind the messages of a year.
OWE_EXISTING = {
    "sqlite": """
        insert into derived_audio
            (id, business_id, voicemail_id, status, created_at, due_at, attempts)
        select lower(hex(randomblob(16))), business_id, id, 'pending',
            strftime('%Y-%m-%d %H:%M:%f000', 'now'),
            strftime('%Y-%m-%d %H:%M:%f000', 'now', '+' || (
                0.3 * row_number() over (order by recorded_at desc)
            ) || ' seconds'),
            0
        from voicemail where status = 'stored'
    """,
    "postgresql": """
        insert into derived_audio
            (id, business_id, voicemail_id, status, created_at, due_at, attempts)
        select gen_random_uuid(), business_id, id, 'pending', now(),
            now() + interval '0.3 seconds' * row_number() over (order by recorded_at desc),
            0
        from voicemail where status = 'stored'
    """,
}


def upgrade() -> None:
    _create_derived_audio()
    _create_download()
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        op.execute("select set_config('voiceline.reach', 'all', true)")
    op.execute(OWE_EXISTING[dialect])
    protect("derived_audio", "download")


def downgrade() -> None:
    op.drop_table("download")
    op.drop_table("derived_audio")


def _create_derived_audio() -> None:
    status = sa.Enum(
        *("pending", "made", "failed", "leaving"),
        name="derivedstatus",
        native_enum=False,
        length=32,
        create_constraint=True,
    )
    op.create_table(
        "derived_audio",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("voicemail_id", sa.Uuid(), nullable=False),
        sa.Column("status", status, nullable=False),
        sa.Column("object_key", sa.String(255)),
        sa.Column("sha256", sa.String(64)),
        sa.Column("size", sa.Integer()),
        sa.Column("peaks", sa.LargeBinary()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim", sa.Uuid()),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(500)),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_derived_audio_business_id")
        ),
        sa.ForeignKeyConstraint(
            ["voicemail_id"], ["voicemail.id"], name=op.f("fk_derived_audio_voicemail_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_derived_audio")),
        sa.UniqueConstraint("voicemail_id", name=op.f("uq_derived_audio_voicemail_id")),
    )
    op.create_index(op.f("ix_derived_audio_business_id"), "derived_audio", ["business_id"])
    due = sa.text("due_at is not null")
    op.create_index("ix_derived_audio_due_at", "derived_audio", ["due_at"], postgresql_where=due)


def _create_download() -> None:
    moments = ("started_at", "seen_at")
    op.create_table(
        "download",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("voicemails", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("done_size", sa.BigInteger(), nullable=False),
        sa.Column("problems", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in moments),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_download_business_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_download_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_download")),
    )
    columns = ["business_id", "user_id", "started_at"]
    op.create_index(op.f("ix_download_business_id_user_id_started_at"), "download", columns)
    runs = sa.text("ended_at is null")
    op.create_index(
        "ix_download_running",
        "download",
        ["business_id", "user_id"],
        unique=True,
        postgresql_where=runs,
        sqlite_where=runs,
    )
