"""Rows as plain facts that JSON can hold: every column, but for what only our own work needs."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import inspect

from voiceline.audit.encoding import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voiceline.models import Base

INTERNAL = frozenset(
    {"attempts", "before", "business_id", "claim", "due_at", "given_up_at", "last_change_id"}
    | {"last_error", "object_key", "offered_at", "ticket", "tier_tag", "token_sha256"}
)
"""Columns of the outbox, of undoing and of storage; none of them says what was done."""

_PEOPLE = ("user_id", "kept_by_id", "noted_by_id", "decided_by_id", "removed_by_id")
"""Columns that name a colleague."""


def facts_of(row: Base) -> dict[str, Any]:
    """Answer the row's columns by name, in the order of the table."""
    columns = inspect(type(row)).column_attrs
    return {each.key: plain(getattr(row, each.key)) for each in columns if each.key not in INTERNAL}


def plain(value: Any) -> Any:
    """Answer the value as JSON has it: moments in UTC, dates and ids as text."""
    match value:
        case datetime():
            return moment(value)
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Enum():
            return value.value
    return value


def people_in(facts: Any) -> Iterator[UUID]:
    """Yield the ids of colleagues that the facts name, however deep."""
    if isinstance(facts, dict):
        for name, value in facts.items():
            if name in _PEOPLE and value is not None:
                yield UUID(value)
            else:
                yield from people_in(value)
    elif isinstance(facts, list):
        for each in facts:
            yield from people_in(each)


def all_facts(rows: Iterable[Base]) -> list[dict[str, Any]]:
    """Answer the facts of each row."""
    return [facts_of(row) for row in rows]
