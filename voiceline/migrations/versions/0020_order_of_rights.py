"""Keep the order in which rights were asked for: PostgreSQL has none of its own.

Of requests from before nobody knows it; theirs stays the same from now on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

COUNT = """
update requested_right set number = (
    select count(*) from requested_right as other
    where other.request_id = requested_right.request_id and other.id <= requested_right.id
)
"""


def upgrade() -> None:
    column = sa.Column("number", sa.Integer(), nullable=False, server_default="0")
    op.add_column("requested_right", column)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("select set_config('voiceline.reach', 'all', true)")
    op.execute(COUNT)


def downgrade() -> None:
    op.drop_column("requested_right", "number")
