"""The message to an account's owners that the privacy policy will change."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from jobs.envelope import business_of, envelope
from voiceline.errors import PermanentFailure
from voiceline.notices import is_reader

if TYPE_CHECKING:
    from email.message import EmailMessage

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.models import Delivery

TEXT = """\
Our privacy policy changes on {day}. The new text:
{address}

It applies to what is collected from that day on. What {business} and its callers gave us before
goes by the policy that was in force then, and each request says which.

You get this because you own this account. Nothing has to be done.
"""


def write(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write from when on which text applies."""
    business = business_of(delivery)
    if delivery.user_id is None or not is_reader(session, business.id, delivery.user_id):
        raise PermanentFailure("this person is no member any more")
    facts = delivery.facts or {}
    begins = date.fromisoformat(facts["from"])
    day = f"{begins.day} {begins:%B %Y}"
    text = TEXT.format(day=day, address=facts["address"], business=business.name)
    return envelope(built, delivery, f"Our privacy policy changes on {day}", text)
