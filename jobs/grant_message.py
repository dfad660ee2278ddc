"""The message to owners and admins that one of the operator's people asks to read the business."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from jobs.claimed import now
from jobs.envelope import business_of, envelope
from voiceline.errors import PermanentFailure
from voiceline.grants import LENGTHS, TOLD
from voiceline.models import AccessGrant, GrantState, Membership, User
from voiceline.rules.plain_text import without_lines

if TYPE_CHECKING:
    from email.message import EmailMessage

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.models import Delivery

TEXT = """\
{person}, who works for the operator of your privacy line, asks to read the requests of {business}
for {length}, voicemails and transcripts among them. The reason they give:

  {reason}

They can read nothing unless an owner of {business} approves it. They could change nothing, would
see no notes of yours, and each page they read would stand in your audit trail. Decide here:
{address}

Nobody need do anything to refuse: the request lapses on {until} (UTC).
"""


def write(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write who asks, why, for how long, and where to decide."""
    business = business_of(delivery)
    grant = session.get(AccessGrant, UUID((delivery.facts or {})["grant"]))
    if grant is None or grant.state(now()) is not GrantState.ASKED:
        raise PermanentFailure("it is decided already")
    if not _may_know(session, delivery):
        raise PermanentFailure("this person is no owner or admin any more")
    text = TEXT.format(
        person=without_lines(grant.user.name)[:80],
        business=business.name,
        length=LENGTHS[grant.seconds // 3600],
        reason=without_lines(grant.reason),
        address=f"{built.settings.dashboard_url}/businesses/{business.id}/operator-access",
        until=f"{grant.lapses_at.astimezone(UTC):%d %b %Y %H:%M}",
    )
    return envelope(built, delivery, f"The operator asks to read {business.name}", text)


def _may_know(session: Session, delivery: Delivery) -> bool:
    found = select(User.id).join(Membership, Membership.user_id == User.id)
    known = found.where(
        Membership.business_id == delivery.business_id,
        Membership.role.in_(TOLD),
        User.id == delivery.user_id,
        User.disabled_at.is_(None),
    )
    return session.scalar(known) is not None
