"""The policy that every table of a business's rows has on PostgreSQL, for revisions to lay down.

A revision that makes such a table calls `protect` after it; dropping a table drops its policy. What
a policy says is frozen here as it is in revision 0012, which made the function it calls.
"""

from __future__ import annotations

from alembic import op

WITHIN = (
    "(select current_setting('voiceline.reach', true)) = 'all' "
    "or {column} = (select voiceline_reach())"
)
"""Each setting is read once a statement, not once a row."""


def protect(*tables: str, column: str = "business_id") -> None:
    """Keep a transaction to the rows of the business it reaches, the tables' owner's too."""
    if op.get_bind().dialect.name != "postgresql":
        return
    within = WITHIN.format(column=column)
    for table in tables:
        op.execute(f"create policy own_business on {table} using ({within}) with check ({within})")
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")


def unprotect(*tables: str) -> None:
    """Let every transaction see and write the tables' rows again."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        op.execute(f"drop policy own_business on {table}")
        op.execute(f"alter table {table} no force row level security")
        op.execute(f"alter table {table} disable row level security")
