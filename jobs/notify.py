"""The outbox's last step: a message is written and handed to the mail server, once.

It is handed over before that is written down. A process that dies in between hands it over again,
which nothing on our side can tell from a message that never arrived; the Message-ID, which is the
delivery's own, tells the reader's side. That is the one point at which it is at least once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.claimed import now, work_off
from jobs.messages import WRITERS
from jobs.process import services
from voiceline import outbox
from voiceline.models import Delivery

if TYPE_CHECKING:
    from voiceline.bootstrap import Services


def notify(delivery_id: str) -> None:
    """Send the message, once: its Message-ID is the delivery's own."""
    work_off(services(), Delivery, delivery_id, _send)


def _send(built: Services, delivery: Delivery) -> None:
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, Delivery, delivery.id, delivery.claim)
        if held is None:
            return
        message = WRITERS[held.kind](built, session, held)
    built.mailer.send(message)
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, Delivery, delivery.id, delivery.claim)
        if held is not None:
            held.finish(now())
