"""Search, reading, assignment, saved views and acts on many requests at once."""

import re
import unicodedata
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from voiceline.migrations.row_security import protect
from voiceline.migrations.words import replace_words

revision = "0014"
down_revision = "0013"

TABLES = (
    *("bulk_item", "bulk_action", "request_read", "inbox_choice", "saved_view"),
    "search_document",
)
ASSIGNED = "assigned"
BULK_KINDS = ("assign", "read", "unread", "acknowledge")
OUTCOMES = ("done", "skipped", "undone")
BATCH = 1000
NEVER = "2000-01-01 00:00:00+00:00"
DUE = "due_at is not null"
EDGES = ".,;:!?\"'()[]{}<>«»“”‘’¿¡…-–—/|*#~`"  # noqa: RUF001 - marks, not letters
NUMBER = re.compile(r"\+?\d[\d\s().\-]{5,}\d")
WITHIN = re.compile(r"[^\w]+|_+")
MOST_WORDS = 6000
LONGEST_WORD = 60
_MOMENT = sa.DateTime(timezone=True)

SOURCES = """
select p.id, p.business_id, p.reference, c.caller_id, r.name, r.consumer_name, r.email, r.phone,
    r.postal_address, r.details, p.call_id
from privacy_request p
left join call c on c.id = p.call_id
left join requester r on r.request_id = p.id
where p.id > :after order by p.id limit :batch
"""
DRAFTS = """
select v.call_id, t.text from transcript t
join voicemail v on v.id = t.voicemail_id
where v.call_id in :calls and v.status not in ('replaced', 'erased') and t.text is not null
    and t.version = (select max(n.version) from transcript n where n.voicemail_id = v.id)
"""


def upgrade() -> None:
    _create_search()
    _create_views_and_reading()
    _create_bulk()
    # not by a batch, which builds the table anew: rows of other tables refer to this one
    _add_assignee()
    came = sa.Column("news_at", _MOMENT, nullable=False, server_default=NEVER)
    op.add_column("privacy_request", came)
    op.execute("update privacy_request set news_at = filed_at")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("privacy_request", "news_at", server_default=None)
    for name, columns in (
        ("ix_privacy_request_business_id_news_at_id", ["business_id", "news_at", "id"]),
        ("ix_privacy_request_assignee", ["business_id", "assignee_id", "id"]),
    ):
        op.create_index(op.f(name), "privacy_request", columns)
    wanted: sa.Column[bool] = sa.Column(
        "assigned", sa.Boolean(), nullable=False, server_default=sa.true()
    )
    op.add_column("notice_choice", wanted)
    replace_words("request_event", "eventkind", "kind", lambda words: [*words, ASSIGNED])
    replace_words("delivery", "deliverykind", "kind", lambda words: [*words, ASSIGNED])
    _begin_with_everything_read()
    _write_documents()
    protect(*TABLES)


def downgrade() -> None:
    op.execute(
        f"update privacy_request set last_change_id = null where last_change_id in "  # noqa: S608 - ours
        f"(select id from request_event where kind = '{ASSIGNED}')"
    )
    op.execute(f"delete from request_event where kind = '{ASSIGNED}'")  # noqa: S608 - ours
    op.execute(f"delete from delivery where kind = '{ASSIGNED}'")  # noqa: S608 - ours
    for table, name in (("request_event", "eventkind"), ("delivery", "deliverykind")):
        replace_words(table, name, "kind", lambda words: [w for w in words if w != ASSIGNED])
    op.drop_column("notice_choice", "assigned")
    op.drop_index("ix_privacy_request_assignee", "privacy_request")
    op.drop_index("ix_privacy_request_business_id_news_at_id", "privacy_request")
    op.drop_column("privacy_request", "news_at")
    op.drop_column("privacy_request", "assignee_id")
    for table in TABLES:
        op.drop_table(table)


def _add_assignee() -> None:
    """Add the column with its reference, which SQLite takes only together."""
    kind = {"sqlite": "char(32)", "postgresql": "uuid"}[op.get_bind().dialect.name]
    op.execute(
        f"alter table privacy_request add column assignee_id {kind} "
        'constraint fk_privacy_request_assignee_id references "user" (id)'
    )


def _id(name: str, refers: str, *, primary: bool = False, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(
        name, sa.Uuid(), sa.ForeignKey(f"{refers}.id"), primary_key=primary, nullable=nullable
    )


def _create_search() -> None:
    op.create_table(
        "search_document",
        _id("request_id", "privacy_request", primary=True),
        _id("business_id", "business"),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
    )
    op.create_index(op.f("ix_search_document_business_id"), "search_document", ["business_id"])
    op.create_index(
        op.f("ix_search_document_words"),
        "search_document",
        ["words"],
        postgresql_using="gin",
        sqlite_where=sa.text("1 = 0"),
    )


def _create_views_and_reading() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _id("business_id", "business"),
        _id("user_id", "user"),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
    op.create_index(op.f("ix_saved_view_user_id"), "saved_view", ["user_id"])
    op.create_index(op.f("ix_saved_view_business_id_name"), "saved_view", ["business_id", "name"])
    op.create_table(
        "inbox_choice",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _id("business_id", "business"),
        _id("user_id", "user"),
        sa.Column("read_before", _MOMENT),
        sa.Column("keys_on", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("view_id", sa.Uuid(), sa.ForeignKey("saved_view.id", ondelete="SET NULL")),
        sa.UniqueConstraint("business_id", "user_id"),
    )
    op.create_index(op.f("ix_inbox_choice_user_id"), "inbox_choice", ["user_id"])
    op.create_table(
        "request_read",
        _id("user_id", "user", primary=True),
        _id("request_id", "privacy_request", primary=True),
        _id("business_id", "business"),
        sa.Column("read_at", _MOMENT),
    )
    op.create_index(op.f("ix_request_read_request_id"), "request_read", ["request_id"])
    op.create_index(
        op.f("ix_request_read_business_id_user_id_read_at"),
        "request_read",
        ["business_id", "user_id", "read_at"],
    )


def _create_bulk() -> None:
    op.create_table(
        "bulk_action",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _id("business_id", "business"),
        _id("user_id", "user"),
        sa.Column("kind", _words(BULK_KINDS, "bulkkind"), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT),
        sa.Column("undone_at", _MOMENT),
        sa.Column("claim", sa.Uuid()),
        sa.Column("due_at", _MOMENT),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(500)),
    )
    op.create_index(
        "ix_bulk_action_due_at", "bulk_action", ["due_at"], postgresql_where=sa.text(DUE)
    )
    op.create_index(
        op.f("ix_bulk_action_business_id_created_at"), "bulk_action", ["business_id", "created_at"]
    )
    op.create_table(
        "bulk_item",
        _id("bulk_id", "bulk_action", primary=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        _id("business_id", "business"),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", _words(OUTCOMES, "bulkoutcome")),
        sa.Column("why", sa.String(200)),
        sa.Column("entry_id", sa.Uuid()),
    )


def _words(words: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, length=32, create_constraint=True)


def _begin_with_everything_read() -> None:
    """Let nobody begin with years of unread requests: what there is today counts as read."""
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'"
    if op.get_bind().dialect.name == "postgresql":
        now = "now()"
    connection = op.get_bind()
    found = connection.execute(sa.text("select business_id, user_id from membership")).all()
    insert = sa.text(
        "insert into inbox_choice (id, business_id, user_id, read_before, keys_on) "  # noqa: S608 - ours
        f"values (:id, :business_id, :user_id, {now}, :yes)"
    ).bindparams(sa.bindparam("id", type_=sa.Uuid()))
    rows = [{"id": uuid4(), "yes": True, **row._mapping} for row in found]  # noqa: SLF001
    if rows:
        connection.execute(insert, rows)


def _write_documents() -> None:
    """Write down the words of every request there is, some at a time."""
    connection = op.get_bind()
    asked = sa.text(SOURCES).bindparams(sa.bindparam("after", type_=sa.Uuid()))
    read = asked.columns(id=sa.Uuid(), business_id=sa.Uuid(), call_id=sa.Uuid())
    after = UUID(int=0)
    while rows := connection.execute(read, {"after": after, "batch": BATCH}).all():
        drafts = _drafts([row.call_id for row in rows if row.call_id])
        documents = [_document(row, drafts.get(row.call_id, [])) for row in rows]
        connection.execute(_insert(), documents)
        after = rows[-1].id


def _drafts(calls: list[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    asked = sa.text(DRAFTS).bindparams(sa.bindparam("calls", type_=sa.Uuid(), expanding=True))
    if calls:
        read = asked.columns(call_id=sa.Uuid(), text=sa.Text())
        for call_id, text in op.get_bind().execute(read, {"calls": calls}):
            found.setdefault(call_id, []).append(text)
    return found


def _document(row: Any, drafts: list[str]) -> dict[str, Any]:
    texts = [row.name, row.consumer_name, row.email, row.postal_address, row.details, *drafts]
    words = {row.reference, f"\x1f{row.business_id.hex}", *_words_of(texts)}
    for number in (row.caller_id, row.phone):
        words |= _number_words(number or "")
    return {
        "request_id": row.id,
        "business_id": row.business_id,
        "words": sorted(words) if _is_postgres() else f" {' '.join(sorted(words))}",
    }


def _words_of(texts: list[str | None]) -> list[str]:
    """Answer the words of before this revision as search_words.py wrote them then."""
    found: set[str] = set()
    for text in texts:
        for number in NUMBER.findall(text or ""):
            found |= _number_words(number)
        spread = unicodedata.normalize("NFKD", text or "")
        plain = "".join(each for each in spread if not unicodedata.combining(each)).casefold()
        for piece in plain.split():
            word = piece.strip(EDGES)
            starts = [0, *(mark.end() for mark in WITHIN.finditer(word))][:8]
            found |= {tail for start in starts if (tail := word[start : start + LONGEST_WORD])}
    return sorted(found)[:MOST_WORDS]


def _number_words(number: str) -> set[str]:
    digits = "".join(each for each in number if each in "0123456789")[:LONGEST_WORD]
    starts = {digits[cut:] for cut in range(4)} | {digits[-7:], digits[-4:]}
    return {each for each in starts if len(each) >= 4}  # noqa: PLR2004 - shorter ones find all


def _insert() -> Any:
    words = "array_to_tsvector(cast(:words as text[]))" if _is_postgres() else ":words"
    return sa.text(
        f"insert into search_document (request_id, business_id, words) "  # noqa: S608 - ours
        f"values (:request_id, :business_id, {words})"
    ).bindparams(
        sa.bindparam("request_id", type_=sa.Uuid()), sa.bindparam("business_id", type_=sa.Uuid())
    )


def _is_postgres() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")
