"""The mail that tells one of the operator's people what a business decided."""

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

NEW_KIND = "grant_decided"


def upgrade() -> None:
    _replace_words(lambda words: [*words, NEW_KIND])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("select set_config('voiceline.reach', 'all', true)")
    op.execute(f"delete from delivery where kind = '{NEW_KIND}'")  # noqa: S608 - ours
    _replace_words(lambda words: [word for word in words if word != NEW_KIND])


def _replace_words(change: Callable[[list[str]], list[str]]) -> None:
    """Change the kinds of messages, whatever other steps added to them before."""
    check = "ck_delivery_deliverykind"
    found = sa.inspect(op.get_bind()).get_check_constraints("delivery")
    (written,) = [one["sqltext"] for one in found if one["name"] == check]
    listed = ", ".join(f"'{word}'" for word in change(re.findall(r"'([a-z_]+)'", written)))
    batch: Any
    with op.batch_alter_table("delivery") as batch:
        batch.drop_constraint(op.f(check), type_="check")
        batch.create_check_constraint(op.f(check), f'"kind" in ({listed})')
