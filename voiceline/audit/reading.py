"""Reading the trail: entries of a business or of one of its requests, newest first, in pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from voiceline.models import AuditEntry, AuditName

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class ShownEntry:
    """One entry, with the name as it was, unless it has been erased."""

    entry: AuditEntry
    name: str | None


def entries_of(
    session: Session,
    business_id: UUID,
    *,
    request_id: UUID | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[ShownEntry]:
    """Answer entries below the sequence number `before`; the last one's is the next page's."""
    query = (
        select(AuditEntry, AuditName.name)
        .outerjoin(AuditName, AuditName.digest == AuditEntry.actor_name)
        .where(AuditEntry.business_id == business_id)
        .order_by(AuditEntry.sequence.desc())
        .limit(limit)
    )
    if request_id is not None:
        query = query.where(AuditEntry.request_id == request_id)
    if before is not None:
        query = query.where(AuditEntry.sequence < before)
    return [ShownEntry(entry, name) for entry, name in session.execute(query)]
