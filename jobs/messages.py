"""Which function writes which message; whoever adds a kind of message adds its line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs import (
    account_messages,
    alarm_message,
    archive_message,
    canary_message,
    domain_message,
    filed_message,
    grant_decided_message,
    grant_message,
    letter_message,
    link_message,
    policy_message,
    receipt_message,
    staff_messages,
)
from voiceline.models import DeliveryKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.models import Delivery

    Writer = Callable[[Services, Session, Delivery], EmailMessage]

WRITERS: dict[DeliveryKind, Writer] = {
    DeliveryKind.REQUEST_FILED: filed_message.write,
    DeliveryKind.RECEIPT: receipt_message.write,
    DeliveryKind.EMAIL_LINK: link_message.write,
    DeliveryKind.LETTER: letter_message.write,
    DeliveryKind.DOMAIN_LOST: domain_message.write,
    DeliveryKind.ARCHIVE_FAILING: archive_message.write,
    DeliveryKind.POLICY_CHANGED: policy_message.write,
    DeliveryKind.GRANT_ASKED: grant_message.write,
    DeliveryKind.GRANT_DECIDED: grant_decided_message.write,
    **staff_messages.WRITERS,
    **account_messages.WRITERS,
    **canary_message.WRITERS,
    **alarm_message.WRITERS,
}
"""Each reads what it says when it is sent, and raises PermanentFailure where there is nobody to
tell any more; the same delivery is always the same message to the same address."""
