"""How a request and its rights were before a change, as JSON, and putting them back.

Undoing goes back the way a move came, which the table of moves allowed; so it asks no table.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Date, Enum, Uuid

from voiceline.models.base import UtcDateTime
from voiceline.models.right import RequestedRight
from voiceline.rules.lifecycle import RightStatus

if TYPE_CHECKING:
    from voiceline.models.base import Base
    from voiceline.models.request import PrivacyRequest

_NEVER_CHANGES = {"id", "business_id", "request_id"}
_OF_REQUEST = (
    *("status", "acknowledged_at", "acknowledged_how", "acknowledge_by", "respond_by", "watch_by"),
    *("finished_at", "residence", "residence_source", "jurisdiction", "standing"),
    "assignee_id",
)
_OF_RIGHT = tuple(
    column.name for column in RequestedRight.__table__.c if column.name not in _NEVER_CHANGES
)


def snapshot(request: PrivacyRequest) -> dict[str, Any]:
    """Write down what a change of the request may change."""
    return {
        "request": _facts(request, _OF_REQUEST),
        "rights": {right.id.hex: _facts(right, _OF_RIGHT) for right in request.rights},
    }


def restore(request: PrivacyRequest, before: dict[str, Any], at: datetime) -> None:
    """Put the request back; a right that did not exist then is struck out, not deleted."""
    _set(request, before["request"])
    for right in request.rights:
        if right.id.hex in before["rights"]:
            _set(right, before["rights"][right.id.hex])
        else:
            right.status, right.finished_at = RightStatus.STRUCK, at


def _facts(row: Base, names: tuple[str, ...]) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in names}
    return {name: _written(value) for name, value in found.items()}


def _written(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.hex if isinstance(value, UUID) else value


def _set(row: Base, facts: dict[str, Any]) -> None:
    """Set what was written down; an older snapshot lacks a column that is newer than it."""
    columns = type(row).__table__.c
    for name, value in facts.items():
        setattr(row, name, _read(columns[name].type, value))


def _read(kind: object, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Uuid):
        return UUID(value)
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    return value
