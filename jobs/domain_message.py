"""The message to a business's owners that one of its domains counts no more."""

from __future__ import annotations

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
{domain} is no longer verified for {business}: the record in its DNS has been missing for 30 days.

Colleagues whose addresses end with @{domain} no longer join by themselves. Who is a member stays
one.

Put the record back and check the domain here:
{address}
"""


def write(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write which domain it is and what to do."""
    business = business_of(delivery)
    if delivery.user_id is None or not is_reader(session, business.id, delivery.user_id):
        raise PermanentFailure("this person is no member any more")
    domain = (delivery.facts or {})["domain"]
    address = f"{built.settings.dashboard_url}/businesses/{business.id}/sign-in"
    text = TEXT.format(domain=domain, business=business.name, address=address)
    return envelope(built, delivery, f"{domain} is no longer verified", text)
