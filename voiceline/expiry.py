"""The verbs of a voicemail that has been kept as long as its tier promises.

It is taken on, deleted everywhere, seen to be gone, and only then marked. From the moment it is
taken on nothing keeps it: who places a hold later, or moves to a longer tier, is told the truth.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import selectinload

from voiceline import audit
from voiceline.line_proofs import expired
from voiceline.models import DerivedAudio, PrivacyRequest, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.voicemails import all_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

STUCK_AFTER = timedelta(hours=1)
"""Who was to go so long ago and is still there is kept by something that we do not know of."""

_STORED = Voicemail.status == VoicemailStatus.STORED


class Taken(NamedTuple):
    """A voicemail that goes, and every key under which the store may have something of it."""

    id: UUID
    business_id: UUID
    keys: tuple[str, ...]


def take(session: Session, *, at: datetime, limit: int, but: Collection[UUID] = ()) -> list[Taken]:
    """Take on voicemails older than their tier's period, strictly and oldest first.

    And those that somebody took on who was killed over it. What another job takes on at this
    moment is left to it; nothing under a legal hold is taken.
    """
    over = and_(Voicemail.held.is_(False), Voicemail.expires_at < at)
    rows = session.scalars(
        select(Voicemail)
        .where(_STORED, or_(over, Voicemail.going_at.is_not(None)), Voicemail.id.not_in(but))
        .order_by(Voicemail.expires_at, Voicemail.id)
        .limit(limit)
        .with_for_update(of=Voicemail, skip_locked=True)
        .options(selectinload(Voicemail.derived))
    ).all()
    ids = [row.id for row in rows if row.going_at is None]
    session.execute(update(Voicemail).where(Voicemail.id.in_(ids)).values(going_at=at))
    return [Taken(row.id, row.business_id, tuple(all_keys(row))) for row in rows]


def let_go(session: Session, ids: Sequence[UUID], *, at: datetime) -> int:
    """Note that the audio of these voicemails was deleted; answer of how many.

    Each was kept as long as its tier promises, and the trail of the business that has it now says
    so: it may have been handed over meanwhile.
    """
    rows = [row for row in _hold(session, ids) if row.status == VoicemailStatus.STORED]
    calls = [row.call_id for row in rows]
    requests = {
        request.call_id: request
        for request in session.scalars(
            select(PrivacyRequest).where(PrivacyRequest.call_id.in_(calls))
        )
    }
    for row in rows:
        row.expire(at)
    session.flush()
    deeds = [expired(row, requests.get(row.call_id), at=at) for row in rows]
    for business_id in sorted({deed.business_id for deed in deeds}):
        audit.write(session, *(deed for deed in deeds if deed.business_id == business_id))
    return len(deeds)


def count_stuck(session: Session, *, at: datetime) -> int:
    """Count the voicemails whose deletion began over an hour ago and did not end."""
    stuck = (_STORED, Voicemail.going_at < at - STUCK_AFTER)
    return session.scalar(select(func.count()).select_from(Voicemail).where(*stuck)) or 0


def _hold(session: Session, ids: Sequence[UUID]) -> Sequence[Voicemail]:
    """Lock them, in the order of voiceline/takes.py."""
    made = select(DerivedAudio.id).where(DerivedAudio.voicemail_id.in_(ids))
    session.execute(made.order_by(DerivedAudio.id).with_for_update())
    return session.scalars(
        select(Voicemail)
        .where(Voicemail.id.in_(ids))
        .order_by(Voicemail.id)
        .with_for_update(of=Voicemail)
        .options(selectinload(Voicemail.derived))
        .execution_options(populate_existing=True)
    ).all()
