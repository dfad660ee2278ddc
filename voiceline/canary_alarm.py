"""The verbs of the canary's alarm: the operator's owners and admins are told once, then daily.

Whether there is trouble is read off the calls of one number, so nothing is remembered that could be
forgotten; and who was told is the outbox's own unique key, so nobody is told twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from voiceline.alarms import tell_operator
from voiceline.canary import last_proofs
from voiceline.models import Delivery, DeliveryKind
from voiceline.rules.canary import CanaryOutcome, is_trouble

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import CanaryCall

LOOKED_BACK = 1000
"""Calls of a number; a trouble that is older began with the oldest of them."""


def tell(session: Session, judged: CanaryCall, *, at: datetime) -> None:
    """Owe the mail that this outcome asks for, if any: trouble, a reminder, or its end."""
    if judged.outcome == CanaryOutcome.FAILED:
        streak = streak_of(session, judged.number)
        if streak and is_trouble([each.judged for each in streak]):
            _owe_trouble(session, streak, at)
    else:
        _owe_mended(session, judged, at)


def streak_of(session: Session, number: str, *, but: CanaryCall | None = None) -> list[CanaryCall]:
    """Answer the number's failures in a row, newest first, up to now; `but` is passed over."""
    streak = []
    for each in last_proofs(session, LOOKED_BACK, number=number):
        if each is but or each.outcome is None:
            continue
        if each.outcome != CanaryOutcome.FAILED:
            break
        streak.append(each)
    return streak


def _owe_trouble(session: Session, streak: Sequence[CanaryCall], at: datetime) -> None:
    """Owe the word of it once a day from its beginning, counted in whole days."""
    first, last = streak[-1], streak[0]
    days = (at - first.placed_at).days
    facts = {
        "number": last.number,
        "step": last.failed_step.value if last.failed_step else "",
        "reason": last.reason or "",
        "since": first.placed_at.isoformat(),
        "count": str(len(streak)),
    }
    tell_operator(session, DeliveryKind.CANARY_FAILED, f"{first.id.hex}/{days}", facts, at)


def _owe_mended(session: Session, judged: CanaryCall, at: datetime) -> None:
    """Owe the word that it works again to whom was told that it did not."""
    streak = streak_of(session, judged.number, but=judged)
    if not streak:
        return
    first = streak[-1]
    key = f"{DeliveryKind.CANARY_FAILED}/{first.id.hex}/"
    told = select(Delivery.id).where(Delivery.key.startswith(key, autoescape=True)).limit(1)
    if session.scalar(told) is not None:
        facts = {"number": judged.number, "since": first.placed_at.isoformat()}
        tell_operator(session, DeliveryKind.CANARY_MENDED, first.id.hex, facts, at)
