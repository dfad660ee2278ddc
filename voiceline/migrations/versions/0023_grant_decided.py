"""The mail that tells one of the operator's people what a business decided."""

from alembic import op

from voiceline.migrations.words import replace_words

revision = "0023"
down_revision = "0022"

NEW_KIND = "grant_decided"


def upgrade() -> None:
    replace_words("delivery", "deliverykind", "kind", lambda words: [*words, NEW_KIND])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("select set_config('voiceline.reach', 'all', true)")
    op.execute(f"delete from delivery where kind = '{NEW_KIND}'")  # noqa: S608 - ours
    replace_words(
        "delivery",
        "deliverykind",
        "kind",
        lambda words: [word for word in words if word != NEW_KIND],
    )
