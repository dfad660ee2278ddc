"""The database itself keeps a session to the business it is for (PostgreSQL only).

`voiceline.reach` says how far a transaction reaches: `all`, or the id of one business; whoever says
nothing reaches no row of any. The policies bind the owner of the tables, too (FORCE); only a
superuser, or a role with BYPASSRLS, reads past them.
"""

from alembic import op

from voiceline.migrations.row_security import protect, unprotect

revision = "0012"
down_revision = "0011"

TABLES = (
    *("allowed_site", "appeal", "audit_chain", "audit_entry", "audit_head", "calendar_address"),
    *("call", "compliance_note", "confirmation_link", "delivery", "greeting", "identity_check"),
    *("letter", "membership", "note_attachment", "note_version", "notice_choice"),
    *("privacy_request", "raised_deadline", "request_event", "request_record", "request_tally"),
    *("requested_right", "requester", "service_code", "transcript", "voicemail", "web_submission"),
)
ID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
REACH = f"""
create function voiceline_reach() returns uuid language sql stable parallel safe as $$
    select case
        when current_setting('voiceline.reach', true) ~ '{ID}'
        then current_setting('voiceline.reach', true)::uuid
    end
$$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(REACH)
    protect(*TABLES)
    protect("business", column="id")


def downgrade() -> None:
    unprotect(*TABLES, "business")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function voiceline_reach()")
