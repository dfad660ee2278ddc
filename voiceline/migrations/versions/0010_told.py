"""Keep until when a consumer must still be told, and watch a request by the first of all dates."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from voiceline.migrations.words import replace_words

revision = "0010"
down_revision = "0009"

NEW_KINDS = ("receipt_moved", "letter_returned")
NOWHERE = "nowhere"

WATCHED = "watch_by is not null"
DONE = "watch_by is null"

# Of a right that nobody has named, it may be an opt-out: 15 business days. With Saturdays counted
# and no holiday between they are 17 days, so a request of before is never watched too late.
FIRST_OF_ALL = """
    update privacy_request set watch_by = case
        when {unnamed} and {soon} < respond_by and ({confirmed} or {soon} <= acknowledge_by)
            then {soon}
        when {confirmed} or acknowledge_by > respond_by then respond_by
        else acknowledge_by
    end
    where status in ('received', 'acknowledged', 'appealed')
"""
CONFIRMED = "(status <> 'received' or acknowledge_by is null)"
UNNAMED = """exists (
    select 1 from requested_right
    where request_id = privacy_request.id and "right" is null and status in ('open', 'deferred')
)"""
SOON = {"sqlite": "date(received_on, '+17 days')", "postgresql": "(received_on + 17)"}


def upgrade() -> None:
    op.add_column("requested_right", sa.Column("tell_by", sa.Date()))
    op.add_column("requested_right", sa.Column("told_on", sa.Date()))
    op.add_column("privacy_request", sa.Column("watch_by", sa.Date()))
    soon = SOON[op.get_bind().dialect.name]
    op.execute(FIRST_OF_ALL.format(unnamed=UNNAMED, soon=soon, confirmed=CONFIRMED))
    op.drop_index(_index("respond_by", "received_at", "id"), "privacy_request")
    op.drop_index(_index("status", "respond_by", "received_at", "id"), "privacy_request")
    _create_index(_index("status", "watch_by", "received_at", "id"), "status, watch_by")
    _create_index("ix_privacy_request_watched", "watch_by", WATCHED)
    _create_index("ix_privacy_request_watched_newest", "", WATCHED)
    _create_index("ix_privacy_request_done_newest", "", DONE)
    replace_words("request_event", "eventkind", "kind", lambda words: [*words, *NEW_KINDS])
    _replace_ways(lambda words: [*words, NOWHERE])


def downgrade() -> None:
    _forget(f"kind in {NEW_KINDS}")
    replace_words("request_event", "eventkind", "kind", lambda words: _without(words, NEW_KINDS))
    _replace_ways(lambda words: _without(words, (NOWHERE,)))
    for name in ("watched", "watched_newest", "done_newest"):
        op.drop_index(f"ix_privacy_request_{name}", "privacy_request")
    op.drop_index(_index("status", "watch_by", "received_at", "id"), "privacy_request")
    _create_index(_index("status", "respond_by", "received_at", "id"), "status, respond_by")
    _create_index(_index("respond_by", "received_at", "id"), "respond_by")
    op.drop_column("privacy_request", "watch_by")
    op.drop_column("requested_right", "told_on")
    op.drop_column("requested_right", "tell_by")


def _forget(kinds: str) -> None:
    """Delete entries of the history that the words of before have no name for."""
    op.execute(
        f"update privacy_request set last_change_id = null where last_change_id in "  # noqa: S608 - ours
        f"(select id from request_event where {kinds})"
    )
    op.execute(f"delete from request_event where {kinds}")  # noqa: S608 - ours


def _index(*columns: str) -> str:
    return f"ix_privacy_request_business_id_{'_'.join(columns)}"


def _create_index(name: str, first: str, where: str | None = None) -> None:
    leading = first.split(", ") if first else []
    columns = ["business_id", *leading, "received_at", "id"]
    only = sa.text(where) if where else None
    op.create_index(
        op.f(name), "privacy_request", columns, postgresql_where=only, sqlite_where=only
    )


def _replace_ways(change: Callable[[list[str]], list[str]]) -> None:
    """Change the ways of a letter; nobody may change one, so its guard steps aside meanwhile."""
    dialect = op.get_bind().dialect.name
    op.execute(f"drop trigger letter_no_update{' on letter' if dialect == 'postgresql' else ''}")
    op.execute(f"update letter set way = 'other' where way = '{NOWHERE}'")  # noqa: S608 - ours
    replace_words("letter", "way", "way", change)
    op.execute(GUARD[dialect])


GUARD = {
    "sqlite": """
        create trigger letter_no_update before update on letter
        begin select raise(abort, 'a letter stays as it was sent'); end
        """,
    "postgresql": """
        create trigger letter_no_update before update on letter
        for each row execute function letter_refuse()
        """,
}


def _without(words: list[str], gone: tuple[str, ...]) -> list[str]:
    return [word for word in words if word not in gone]
