"""Say of each greeting how it was made, by whom, how long it is; let a member hide first steps.

A version may also be the line's own words again, so none of text and audio need be there.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

FORMS = ("recorded", "uploaded", "typed", "standard")
SAYS = (
    "case form when 'standard' then text is null and audio_sha256 is null "
    "when 'typed' then text is not null and audio_sha256 is null "
    "else text is null and audio_sha256 is not null end"
)
SAID = "text is not null or audio_sha256 is not null"

# Our WAV files have a header of 44 bytes and 16 bytes a millisecond.
FILL = """
    update greeting set
        form = case when text is null then 'uploaded' else 'typed' end,
        duration_ms = (
            select (length(data) - 44) / 16 from greeting_audio
            where sha256 = greeting.audio_sha256
        )
"""


def upgrade() -> None:
    _reach_everywhere()
    op.add_column("membership", sa.Column("first_steps_hidden_at", sa.DateTime(timezone=True)))
    form = sa.Enum(*FORMS, name="greetingform", native_enum=False, length=32)
    for column in (
        sa.Column("form", form),
        sa.Column("duration_ms", sa.Integer()),
        sa.Column("restored_from", sa.Integer()),
        sa.Column("created_by_id", sa.Uuid()),
    ):
        op.add_column("greeting", column)
    op.execute(FILL)
    batch: Any
    with op.batch_alter_table("greeting") as batch:
        batch.alter_column("form", existing_type=form, nullable=False)
        batch.create_check_constraint(op.f("ck_greeting_greetingform"), f"form in {FORMS}")
        batch.create_foreign_key(
            op.f("fk_greeting_created_by_id"), "user", ["created_by_id"], ["id"]
        )
        batch.drop_constraint(op.f("ck_greeting_says_something"), type_="check")
        batch.create_check_constraint(op.f("ck_greeting_says_something"), SAYS)
    op.create_index(op.f("ix_greeting_created_by_id"), "greeting", ["created_by_id"])


def downgrade() -> None:
    _reach_everywhere()
    # Versions that were the line's own words cannot be told by what was before.
    op.execute("delete from greeting where form = 'standard'")
    op.drop_index(op.f("ix_greeting_created_by_id"), "greeting")
    batch: Any
    with op.batch_alter_table("greeting") as batch:
        batch.drop_constraint(op.f("ck_greeting_says_something"), type_="check")
        batch.create_check_constraint(op.f("ck_greeting_says_something"), SAID)
        batch.drop_constraint(op.f("fk_greeting_created_by_id"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_greeting_greetingform"), type_="check")
        for column in ("created_by_id", "restored_from", "duration_ms", "form"):
            batch.drop_column(column)
    op.drop_column("membership", "first_steps_hidden_at")


def _reach_everywhere() -> None:
    """See the rows of every business, which the policies of revision 0012 keep apart."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("select set_config('voiceline.reach', 'all', true)")
