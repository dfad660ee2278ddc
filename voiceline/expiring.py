"""The verbs of warning a business before its voicemails expire: 30, 7 and 1 day, each once.

The policy (law.md 5.1, line 62) lets every customer preserve voicemails by downloading them; who is
to do that must know which are about to go. The caller of a verb commits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select, update

from voiceline.models import Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.retention import WARNED_DAYS, warned_before

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


def note_expiring(
    session: Session, business_id: UUID, *, day: date, at: datetime, limit: int
) -> int:
    """Note what came near its last day, the nearest first; answer how many, at most `limit`.

    What a job holds at this moment is left to the next morning, which is not yet too late.
    """
    noted = 0
    for days in WARNED_DAYS:
        untold = or_(Voicemail.warned_days.is_(None), Voicemail.warned_days > days)
        near = (
            select(Voicemail.id)
            .where(
                *_kept(business_id),
                Voicemail.expires_at >= at,
                Voicemail.expires_at < warned_before(days, at),
                untold,
            )
            .order_by(Voicemail.expires_at)
            .limit(limit - noted)
            .with_for_update(skip_locked=True)
        )
        ids = session.scalars(near).all()
        told = {"warned_days": days, "warned_on": day}
        session.execute(update(Voicemail).where(Voicemail.id.in_(ids)).values(told))
        noted += len(ids)
    return noted


def tell_expiring_on(session: Session, business_id: UUID, *, began: date, day: date) -> None:
    """Let that day tell of what was noted since another, by rounds nobody made to their end."""
    session.execute(
        update(Voicemail)
        .where(*_kept(business_id), Voicemail.warned_on >= began, Voicemail.warned_on < day)
        .values(warned_on=day)
    )


def expiring(session: Session, business_id: UUID, day: date) -> dict[int, tuple[int, datetime]]:
    """Answer how many were noted on that day and when the first of them goes, by days left."""
    rows = session.execute(
        select(Voicemail.warned_days, func.count(), func.min(Voicemail.expires_at))
        .where(*_kept(business_id), Voicemail.warned_on == day)
        .group_by(Voicemail.warned_days)
    )
    found = {days: (count, first) for days, count, first in rows if first}
    return {days: found[days] for days in WARNED_DAYS if days in found}


def _kept(business_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        Voicemail.business_id == business_id,
        Voicemail.status == VoicemailStatus.STORED,
        Voicemail.held.is_(False),
    )
