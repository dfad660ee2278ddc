"""The words a column may hold, for revisions to change: a check that lists them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Callable


def replace_words(
    table: str, name: str, column: str, change: Callable[[list[str]], list[str]]
) -> None:
    """Change a column's list of words, whatever other revisions added to it before."""
    check = f"ck_{table}_{name}"
    found = sa.inspect(op.get_bind()).get_check_constraints(table)
    (written,) = [one["sqltext"] for one in found if one["name"] == check]
    listed = ", ".join(f"'{word}'" for word in change(re.findall(r"'([a-z_]+)'", written)))
    batch: Any
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(check), type_="check")
        batch.create_check_constraint(op.f(check), f'"{column}" in ({listed})')
