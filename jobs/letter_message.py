"""The e-mail that a letter is: subject and text as they were kept, not a word else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.envelope import envelope
from voiceline.errors import PermanentFailure

if TYPE_CHECKING:
    from email.message import EmailMessage

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.models import Delivery


def write(built: Services, _session: Session, delivery: Delivery) -> EmailMessage:
    """Put the letter into an envelope."""
    letter = delivery.letter
    if letter is None:
        raise PermanentFailure("the letter is gone")
    return envelope(built, delivery, letter.subject, letter.text)
