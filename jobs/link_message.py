"""The link with which a consumer confirms their e-mail address.

Its token is drawn here and told in this message alone. Written again after a crash, the message
has another one: both work, and the database holds neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.claimed import now
from jobs.envelope import envelope
from voiceline.email_links import LASTS, draw_link, is_wanted
from voiceline.errors import PermanentFailure
from voiceline.rules.deadlines import received_on
from voiceline.rules.references import grouped
from voiceline.web_texts import sentence, written_date

if TYPE_CHECKING:
    from email.message import EmailMessage

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.models import Delivery


def write(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write it in the language of the request; PermanentFailure where it is of no use any more."""
    request = delivery.request
    if request is None or not is_wanted(request):
        raise PermanentFailure("no confirmation is wanted any more")
    at, language = now(), request.language
    token = draw_link(session, request, delivery.address, at=at)
    business, zone = request.service_code.spoken_name, request.business.time_zone
    until = written_date(language, received_on(at + LASTS, zone))
    lines = (
        sentence(language, "mail_link_lead", business=business),
        grouped(request.reference),
        "",
        sentence(language, "mail_link_why", business=business),
        f"{built.settings.consumer_url}/confirm/{token}?lang={language}",
        "",
        sentence(language, "mail_link_until", date=until),
        "",
        sentence(language, "mail_not_you"),
    )
    subject = sentence(language, "mail_link_subject", business=business)
    return envelope(built, delivery, subject, "\n".join(lines))
