"""The word to a business that a request came: an e-mail without a name, a number or a message."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from jobs.claimed import now, work_off
from jobs.process import services
from voiceline import outbox
from voiceline.models import Delivery
from voiceline.rules.references import grouped
from voiceline.rules.rights import LABELS

if TYPE_CHECKING:
    from voiceline.bootstrap import Services
    from voiceline.models import PrivacyRequest

TEXT = """\
{business} has a new privacy request by telephone.

Reference       {reference}
Asked for       {right}
Answer by       {respond_by}

Listen to it and answer it here:
{address}

This message holds nothing the caller said, on purpose. Please do not forward the address
outside your company.
"""


def notify(delivery_id: str) -> None:
    """Send the message, once: its Message-ID is the delivery's own."""
    work_off(services(), Delivery, delivery_id, _send)


def _send(built: Services, delivery: Delivery) -> None:
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, Delivery, delivery.id, delivery.claim)
        if held is None:
            return
        message = _write(built, held, held.request)
    built.mailer.send(message)
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, Delivery, delivery.id, delivery.claim)
        if held is not None:
            held.finish(now())


def _write(built: Services, delivery: Delivery, request: PrivacyRequest) -> EmailMessage:
    right = next((asked.right for asked in request.rights if asked.right), None)
    base = built.settings.dashboard_url
    message = EmailMessage()
    message["Message-ID"] = f"<{delivery.id}@voiceline>"
    message["Date"] = format_datetime(delivery.created_at)
    message["From"] = built.settings.mail_from
    message["To"] = delivery.address
    message["Subject"] = (
        f"Privacy request {grouped(request.reference)}: answer by {request.respond_by}"
    )
    message.set_content(
        TEXT.format(
            business=request.business.name,
            reference=grouped(request.reference),
            right=LABELS[right] if right else "not named on the keypad: please listen",
            respond_by=request.respond_by.strftime("%A, %d %B %Y"),
            address=f"{base}/businesses/{request.business_id}/requests/{request.id}",
        )
    )
    return message
