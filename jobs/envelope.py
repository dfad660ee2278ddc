"""What every message of ours has: its id, its date, from whom, to whom."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from voiceline.email_addresses import read_email
from voiceline.errors import PermanentFailure

if TYPE_CHECKING:
    from voiceline.bootstrap import Services
    from voiceline.models import Business, Delivery


def envelope(built: Services, delivery: Delivery, subject: str, text: str) -> EmailMessage:
    """Answer the message; its Message-ID is the delivery's own, however often it is written."""
    message = EmailMessage()
    message["Message-ID"] = f"<{delivery.id}@voiceline>"
    message["Date"] = format_datetime(delivery.created_at)
    message["From"] = built.settings.mail_from
    message["To"] = delivery.address
    message["Subject"] = " ".join(subject.split())  # one line, whatever a business is called
    message["Auto-Submitted"] = "auto-generated"
    answers_to = read_email((delivery.facts or {}).get("reply_to", ""))
    if answers_to:
        message["Reply-To"] = answers_to
    message.set_content(text)
    return message


def business_of(delivery: Delivery) -> Business:
    """Answer the business that the message is about; PermanentFailure where it is about none."""
    if delivery.business is None:
        raise PermanentFailure("the business is gone")
    return delivery.business
