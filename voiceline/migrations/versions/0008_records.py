"""The log of 11 CCR 7101, and figures of 7102."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
