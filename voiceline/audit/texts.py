"""Entries as texts, in the very form that was hashed: the database writes them so.

Making an id or a moment of each column and a text of it again would take most of a check's time;
and whatever somebody put into a column comes out of it without an error.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import String, func, select, type_coerce
from sqlalchemy import cast as sql_cast
from sqlalchemy.exc import OperationalError

from voiceline.models import AuditEntry
from voiceline.reach import tell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from sqlalchemy import ColumnElement, Engine, Select

PAGE = 5_000

_ENTRY = AuditEntry.__table__.c
_PARTS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
"""SQLite keeps an id without its hyphens: where its parts begin, and how long they are."""

AT_FORM = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


class EntryTexts(NamedTuple):
    """The columns of an entry in the order that `entry_line` takes them, and its hash."""

    sequence: int
    at: str
    actor_kind: str
    actor_id: str | None
    actor_name: str | None
    action: str
    subject_kind: str
    subject_id: str
    request_id: str | None
    facts: str
    previous_hash: str
    entry_hash: str


def entry_texts(
    engine: Engine, business_id: UUID, *, after: int, until: int
) -> Iterator[EntryTexts]:
    """Yield the business's entries in order, from behind `after` up to `until`.

    In pages, each in a transaction of its own: nobody who writes has to wait, and memory stays the
    same however long the chain is.
    """
    columns = _columns(engine.dialect.name)
    while after < until:
        query = (
            select(*columns)
            .where(_ENTRY.business_id == business_id)
            .where(_ENTRY.sequence > after, _ENTRY.sequence <= until)
            .order_by(_ENTRY.sequence)
        )
        page = _read(engine, business_id, query, after)
        if not page:
            return
        yield from page
        after = page[-1].sequence


def _read(
    engine: Engine, business_id: UUID, query: Select[*tuple[Any, ...]], after: int
) -> Sequence[EntryTexts]:
    """Answer a page; where SQLite finds bytes that are no text, up to the entry that has them."""
    with engine.connect() as connection:
        tell(connection, business_id)
        try:
            return cast("Sequence[EntryTexts]", connection.execute(query.limit(PAGE)).all())
        except OperationalError as error:
            if "decode" not in str(error.orig):
                raise
        rows: list[EntryTexts] = []
        for offset in range(PAGE):
            try:
                row = connection.execute(query.limit(1).offset(offset)).one()
            except OperationalError:
                previous = rows[-1].entry_hash if rows else ""
                return [*rows, _unreadable(after + offset + 1, previous)]
            rows.append(cast("EntryTexts", row))
        return rows


def _unreadable(sequence: int, previous_hash: str) -> EntryTexts:
    return EntryTexts(sequence, "", "", None, None, "", "", "", None, "", previous_hash, "")


def _columns(dialect: str) -> list[ColumnElement[Any]]:
    return [_text_of(name, dialect).label(name) for name in EntryTexts._fields]


def _text_of(name: str, dialect: str) -> ColumnElement[Any]:
    column = _ENTRY[name]
    plain = type_coerce(column, String)
    match name, dialect:
        case "sequence", _:
            return column
        case "at", "sqlite":
            return func.replace(plain, " ", "T", type_=String) + "Z"
        case "at", _:
            return func.to_char(func.timezone("UTC", column), AT_FORM, type_=String)
        case (("actor_id" | "subject_id" | "request_id"), "sqlite"):
            first, *others = (func.substr(plain, *part, type_=String) for part in _PARTS)
            return reduce(lambda whole, part: whole + "-" + part, others, first)
        case (("actor_id" | "subject_id" | "request_id"), _):
            return sql_cast(column, String)
    return plain
