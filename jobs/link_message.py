"""The link with which a consumer confirms their e-mail address.

Its token is told in this message alone. However often the message is written, it is the same link
until the same day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.claimed import now
from jobs.envelope import envelope
from voiceline.email_links import draw_link, is_wanted, link_token
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
    language = request.language
    token = link_token(delivery.id, built.settings.secret_key.get_secret_value())
    link = draw_link(session, request, delivery.address, token=token, at=now())
    business, zone = request.service_code.spoken_name, request.business.time_zone
    until = written_date(language, received_on(link.expires_at, zone))
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
