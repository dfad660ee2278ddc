"""The outbox's last step: a message is written and handed to the mail server, once.

It is handed over before that is written down. A process that dies in between hands it over again,
which nothing on our side can tell from a message that never arrived; the Message-ID, which is the
delivery's own, tells the reader's side. That is the one point at which it is at least once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.claimed import now, work_off
from jobs.mail_look import dress
from jobs.messages import WRITERS
from jobs.process import services
from voiceline import outbox
from voiceline.models import Delivery, DeliveryKind

if TYPE_CHECKING:
    from email.message import EmailMessage

    from voiceline.bootstrap import Services

TO_CONSUMERS = frozenset({DeliveryKind.RECEIPT, DeliveryKind.EMAIL_LINK})
"""Written in the language of the request; all others are in English."""


def notify(delivery_id: str) -> None:
    """Send the message, once: its Message-ID is the delivery's own."""
    work_off(services(), Delivery, delivery_id, _send)


def _send(built: Services, delivery: Delivery) -> None:
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, Delivery, delivery.id, delivery.claim)
        if held is None:
            return
        message = _dressed(built, held, WRITERS[held.kind](built, session, held))
    built.mailer.send(message)
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, Delivery, delivery.id, delivery.claim)
        if held is not None:
            held.finish(now())


def _dressed(built: Services, delivery: Delivery, message: EmailMessage) -> EmailMessage:
    """Give a message of ours its look; a letter is the business's own, as it was kept."""
    if delivery.kind is DeliveryKind.LETTER:
        return message
    about = delivery.request if delivery.kind in TO_CONSUMERS else None
    language = about.language if about else "en"
    bases = (built.settings.dashboard_url, built.settings.consumer_url)
    return dress(message, language=language, bases=bases)
