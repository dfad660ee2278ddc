"""The verbs of a voicemail that has been kept as long as its tier promises.

It is taken on, deleted everywhere, seen to be gone, and only then marked. From the moment it is
taken on nothing keeps it: who places a hold later, or moves to a longer tier, is told the truth.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, literal, select, update
from sqlalchemy.orm import selectinload

from voiceline import audit
from voiceline.archive_holding import waits_for_copy
from voiceline.line_proofs import expired
from voiceline.models import DerivedAudio, PrivacyRequest, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.voicemails import all_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute, Session

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
    going = _hold_first(
        session, limit, Voicemail.going_at, Voicemail.going_at.is_not(None), but=but
    )
    left = limit - len(going)
    over = (
        Voicemail.going_at.is_(None),
        Voicemail.held.is_(False),
        Voicemail.expires_at < at,
        ~waits_for_copy(at),
    )
    taken = _hold_first(session, left, Voicemail.expires_at, *over, but=but) if left else []
    ids = [row.id for row in taken]
    session.execute(update(Voicemail).where(Voicemail.id.in_(ids)).values(going_at=at))
    return [Taken(row.id, row.business_id, tuple(all_keys(row))) for row in (*going, *taken)]


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


def _hold_first(
    session: Session,
    limit: int,
    since: InstrumentedAttribute[datetime | None],
    *which: ColumnElement[bool],
    but: Collection[UUID],
) -> Sequence[Voicemail]:
    """Lock the oldest of these that nobody else holds, each by the index of its column."""
    return session.scalars(
        select(Voicemail)
        .where(_STORED, *which, Voicemail.id.not_in(but))
        .order_by(since)
        # written into the statement: for a number yet unknown, PostgreSQL would sort all there are
        .limit(literal(limit, literal_execute=True))
        .with_for_update(of=Voicemail, skip_locked=True)
        .options(selectinload(Voicemail.derived))
    ).all()


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
