"""A colleague may note how a consumer can be reached: one more kind of entry in the history."""

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

NOTED = "contact_set"


def upgrade() -> None:
    _replace_kinds(lambda words: [*words, NOTED])


def downgrade() -> None:
    op.execute(
        f"update privacy_request set last_change_id = null where last_change_id in "  # noqa: S608 - ours
        f"(select id from request_event where kind = '{NOTED}')"
    )
    op.execute(f"delete from request_event where kind = '{NOTED}'")  # noqa: S608 - ours
    _replace_kinds(lambda words: [word for word in words if word != NOTED])


def _replace_kinds(change: Callable[[list[str]], list[str]]) -> None:
    """Change the kinds of the history, whatever other steps added to them before."""
    check = "ck_request_event_eventkind"
    found = sa.inspect(op.get_bind()).get_check_constraints("request_event")
    (written,) = [one["sqltext"] for one in found if one["name"] == check]
    listed = ", ".join(f"'{word}'" for word in change(re.findall(r"'([a-z_]+)'", written)))
    batch: Any
    with op.batch_alter_table("request_event") as batch:
        batch.drop_constraint(op.f(check), type_="check")
        batch.create_check_constraint(op.f(check), f'"kind" in ({listed})')
