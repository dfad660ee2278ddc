"""The verbs of holding back: what an enterprise wants copied first outlives its last day, bounded.

Whatever deletes by age asks by `waits_for_copy`, so nothing depends on who ran when. The bucket's
own rules cannot ask: a voicemail whose last day is near gets the mark in time, and with it a tag
that no rule names. The caller of a verb commits.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, select, update

from voiceline.models import ArchiveCopy, ArchiveDestination, Business, Voicemail
from voiceline.rules.lifecycle import BusinessStatus, VoicemailStatus
from voiceline.rules.retention import HELD_BACK_AT_MOST, AccountTier

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

NEAR = timedelta(days=7)
"""How long before its last day the mark is set: the tags have all that time to be written."""

_STORED = (Voicemail.status == VoicemailStatus.STORED, Voicemail.going_at.is_(None))


def waits_for_copy(at: datetime) -> ColumnElement[bool]:
    """Tell of which voicemails expiry waits: wanted in the enterprise's bucket, and not there yet.

    Also while nothing can be put there, for whatever reason; until an owner disconnects it, or the
    bound is reached.
    """
    wanted = exists().where(
        ArchiveDestination.business_id == Voicemail.business_id,
        ArchiveDestination.wanted_since.is_not(None),
        ArchiveDestination.holds_back,
        Business.id == Voicemail.business_id,
        Business.tier == AccountTier.ENTERPRISE,
        Business.status != BusinessStatus.CLOSED,
    )
    copied = exists().where(
        ArchiveCopy.voicemail_id == Voicemail.id, ArchiveCopy.archived_at.is_not(None)
    )
    return and_(Voicemail.expires_at >= at - HELD_BACK_AT_MOST, wanted, ~copied)


def mark_held_back(session: Session, *, at: datetime, limit: int) -> int:
    """Mark what waits and goes soon, and take the mark from what waits no more; answer how many."""
    near = and_(Voicemail.held_back.is_(False), Voicemail.expires_at < at + NEAR)
    marked = _write(session, near, waits_for_copy(at), held_back=True, limit=limit)
    former = Voicemail.held_back.is_(True)
    return marked + _write(session, former, ~waits_for_copy(at), held_back=False, limit=limit)


def _write(session: Session, *which: ColumnElement[bool], held_back: bool, limit: int) -> int:
    ids = session.scalars(
        select(Voicemail.id)
        .where(*_STORED, *which)
        .order_by(Voicemail.expires_at, Voicemail.id)
        .limit(limit)
        .with_for_update(of=Voicemail, skip_locked=True)
    ).all()
    session.execute(
        update(Voicemail)
        .where(Voicemail.id.in_(ids))
        .values(held_back=held_back, tier_tag=None)
        .execution_options(synchronize_session=False)
    )
    return len(ids)
