"""The verbs of orders to erase a request's recordings for good, and of how far they are.

An order is written down with its entry in the trail; jobs/erase.py carries it out, place by place,
until each says that nothing is left, and then signs a certificate.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from voiceline import audit
from voiceline.audit import OPERATOR, Action, Deed
from voiceline.certificates import About, certify
from voiceline.errors import TemporaryFailure, UserError
from voiceline.models import Business, Erasure, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.tombstones import bury, is_buried
from voiceline.voicemails import object_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.audit import Actor
    from voiceline.audit.keys import SigningKey
    from voiceline.models import PrivacyRequest

IMPAIRS = """\
For good: the recording, its MP3 and outline, every draft of what was said, their words in the
search, and the carrier's copy. Nobody brings them back, no backup of ours either.

What is impaired: nobody hears any more what was asked for, or by which voice; who has to prove
later what this person said has the request's own entries only, and what was downloaded before.

What stays: the request with its dates, notes, letters and history, its row in the log
(11 CCR 7101), the audit trail, and an empty place where the recording was. And what is not ours
to delete: copies in the business's own bucket, and what its people downloaded.
"""
"""Said before anybody confirms."""

OVERDUE = timedelta(days=1)
"""After it, the operator is told daily of an order that a place still refuses."""

ON_THEIR_WAY = {VoicemailStatus.PENDING, VoicemailStatus.FAILED}
THERE = {VoicemailStatus.STORED, VoicemailStatus.REPLACED}


def order(
    session: Session, request: PrivacyRequest, reason: str, at: datetime, *, by: Actor = OPERATOR
) -> Erasure:
    """Order that all takes of the request's call are erased; UserError where they may not be."""
    before = session.scalar(select(Erasure).where(Erasure.request_id == request.id))
    if before is not None:
        raise UserError(_said(before))
    takes = takes_of(session, request)
    if not takes:
        raise UserError("There is no recording: it was made in writing.")
    if any(take.held for take in takes):
        raise UserError("It is under a legal hold: lift the hold first.")
    if any(take.status in ON_THEIR_WAY for take in takes):
        raise UserError("Its audio has not been collected yet: wait until it is here.")
    made = Erasure(
        business_id=request.business_id,
        request_id=request.id,
        reason=reason[:500],
        asked_at=at,
        due_at=at,
    )
    session.add(made)
    session.flush()
    subject, facts = audit.about(request), {"count": len(takes)}
    deed = Deed(request.business_id, Action.ERASURE_ORDERED, by, at, subject, facts)
    audit.write(session, deed)
    return made


def takes_of(session: Session, request: PrivacyRequest) -> Sequence[Voicemail]:
    """Answer every take of the request's call, the first one first."""
    of_call = select(Voicemail).where(Voicemail.call_id == request.call_id)
    return session.scalars(of_call.order_by(Voicemail.take, Voicemail.id)).all()


def untouched_keys(session: Session, request: PrivacyRequest) -> list[str]:
    """Answer the names of data keys that must still be there: nothing has touched them yet.

    Where one is missing, this is not the key store that it was put into, and a certificate that it
    is destroyed would not be true.
    """
    return [
        object_key(take)
        for take in takes_of(session, request)
        if take.sealed_by
        and take.status in THERE
        and take.missed_at is None
        and not is_buried(session, take.id)
    ]


def bury_takes(session: Session, request: PrivacyRequest, at: datetime) -> None:
    """Commit this before any key is destroyed: whoever dies on the way leaves tombstones."""
    for take in takes_of(session, request):
        bury(session, take.id, at)


def finish(session: Session, erasure: Erasure, at: datetime, *, key: SigningKey) -> None:
    """Sign that nothing is left, with what was found and what the recordings' hashes were.

    Raises TemporaryFailure for a take that came meanwhile: it is erased by the next attempt.
    """
    takes = takes_of(session, erasure.request)
    if any(take.status in ON_THEIR_WAY | THERE for take in takes):
        raise TemporaryFailure("another take of the call came meanwhile")
    business = session.get_one(Business, erasure.business_id)
    lines = {
        "objects": erasure.objects,
        "recordings": len(takes),
        "sha256": " ".join(take.sha256 for take in takes if take.sha256) or None,
        "texts": erasure.texts,
    }
    subject = About("recordings", erasure.request_id, business)
    erasure.finish(at, certify(session, subject, lines, at, key=key).id)


def orders(session: Session, *, limit: int = 1000) -> Sequence[Erasure]:
    """Answer the orders, those that are not done first, then the newest."""
    query = select(Erasure).order_by(
        Erasure.done_at.is_not(None), Erasure.asked_at.desc(), Erasure.id
    )
    return session.scalars(query.limit(limit)).all()


def is_overdue(erasure: Erasure, at: datetime) -> bool:
    """Tell whether the operator must look at it."""
    return erasure.done_at is None and at > erasure.asked_at + OVERDUE


def _said(before: Erasure) -> str:
    if before.done_at is not None:
        return f"Its recordings were erased on {before.done_at:%d %b %Y}."
    why = f" So far: {before.last_error}." if before.last_error else ""
    return f"It was ordered on {before.asked_at:%d %b %Y}, and is under way.{why}"
