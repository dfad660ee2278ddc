"""The message to a business's owners that nothing can be copied into its own bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.envelope import business_of, envelope
from voiceline.errors import PermanentFailure
from voiceline.notices import is_reader
from voiceline.rules.retention import HELD_BACK_AT_MOST

if TYPE_CHECKING:
    from email.message import EmailMessage

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.models import Delivery

TEXT = """\
Voicemails of {business} cannot be copied into your own bucket. Not there yet: {behind}.

The reason: {reason}.

Nothing is lost meanwhile. The copies go on by themselves when the bucket takes them again. Unless
you chose otherwise, a voicemail without a copy is kept for up to {days} days longer than your plan
says.

What is set up, and a test that says what to change:
{address}

You are told again each day until then.
"""


def write(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write why, and how many are not there yet."""
    business = business_of(delivery)
    if delivery.user_id is None or not is_reader(session, business.id, delivery.user_id):
        raise PermanentFailure("this person is no member any more")
    facts = delivery.facts or {}
    text = TEXT.format(
        business=business.name,
        behind=facts["behind"],
        reason=facts["reason"],
        days=HELD_BACK_AT_MOST.days,
        address=f"{built.settings.dashboard_url}/businesses/{business.id}/archive",
    )
    return envelope(built, delivery, "Voicemails cannot be copied into your bucket", text)
