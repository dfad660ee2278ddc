"""Letters to consumers, alerts to colleagues, calendar addresses."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
