"""The verbs of a canary call: whom it calls, when the next is due, and which call is ours.

A call is the canary's by the code it keys: drawn at random for this one call, taken by the first
call that keys it from the canary's number, worth nothing before it is placed or after it is judged.
The number it comes from proves nothing, since anybody can claim one.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from voiceline.errors import UserError
from voiceline.models import Business, CanaryCall, ServiceCode
from voiceline.periods import take_turn
from voiceline.rules import canary as rules
from voiceline.rules.canary import CanaryOutcome, CanaryStep
from voiceline.rules.lifecycle import BusinessStatus
from voiceline.rules.retention import AccountTier
from voiceline.rules.service_codes import CANARY_CODE, CANARY_PREFIX, MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import Call

NAME = "Line check"
TURN = "canary_call"
APART = timedelta(minutes=2)
"""Two calls are never placed closer together than this, whoever asks."""

KEYED_WITHIN = timedelta(minutes=5)
"""A code that was not keyed by then is no call's any more."""


def open_sentinel(session: Session, *, at: datetime) -> Business:
    """Open the business that canary calls reach, or answer the one there is; nobody works in it."""
    found = session.scalar(select(Business).where(Business.is_canary))
    if found is not None:
        return found
    if session.scalar(select(ServiceCode.id).where(ServiceCode.code == CANARY_CODE)):
        raise UserError(f"Code {CANARY_CODE} is kept for canary calls: withdraw and rename it.")
    sentinel = Business(
        name=NAME,
        tier=AccountTier.SMALL_MEDIUM,
        status=BusinessStatus.ACTIVE,
        opened_at=at,
        is_canary=True,
        asks_right=False,
    )
    session.add(sentinel)
    session.flush()
    session.add(ServiceCode(business_id=sentinel.id, code=CANARY_CODE))
    session.flush()
    return sentinel


def sentinel_code(session: Session) -> ServiceCode | None:
    """Answer the sentinel's own code, which nobody reaches by keying it."""
    return session.scalar(
        select(ServiceCode)
        .join(Business)
        .where(Business.is_canary, ServiceCode.code == CANARY_CODE)
    )


def is_due(session: Session, *, period: timedelta, at: datetime) -> bool:
    """Tell whether the next call's moment has come; never while one is under way."""
    newest = _newest(session)
    if newest is None:
        return True
    before = [each.judged for each in last_proofs(session, 2, number=newest.number)]
    return newest.outcome is not None and at >= newest.placed_at + rules.next_wait(before, period)


def begin(
    session: Session, *, numbers: Sequence[str], from_number: str, at: datetime
) -> CanaryCall | None:
    """Write the next call down before it is placed; None where another is under way or too close.

    A line whose sentinel is suspended is not called: that is how an operator pauses it. Nor is a
    number of one business alone, which asks for no code: what is said there is that business's.
    """
    found = sentinel_code(session)
    taken = set(session.scalars(select(ServiceCode.dedicated_number)))
    numbers = [number for number in numbers if number not in taken]
    if found is None or found.business.status != BusinessStatus.ACTIVE or not numbers:
        return None
    if not take_turn(session, TURN, every=APART, at=at):
        return None
    newest = _newest(session)
    if newest is not None and newest.outcome is None:
        return None
    number, language = _whose_turn(session, numbers, newest)
    row = CanaryCall(
        number=number,
        from_number=from_number,
        language=language,
        code=_draw_code(session),
        placed_at=at,
    )
    session.add(row)
    session.flush()
    return row


def admit(
    session: Session, keyed: str, *, call_id: str, from_number: str | None, at: datetime
) -> ServiceCode | None:
    """Answer the sentinel's code to the one call that may reach it; to any other, nothing.

    The first call that keys the drawn code takes it, by a locked row; it may be delivered again.
    """
    if not keyed.startswith(CANARY_PREFIX):
        return None
    row = session.scalar(
        select(CanaryCall)
        .where(
            CanaryCall.code == keyed,
            CanaryCall.from_number == (from_number or ""),
            CanaryCall.outcome.is_(None),
            CanaryCall.placed_at > at - KEYED_WITHIN,
        )
        .with_for_update()
    )
    if row is None or row.call_carrier_id not in {None, call_id}:
        return None
    row.call_carrier_id = call_id
    row.prove(CanaryStep.CODE, at)
    return sentinel_code(session)


def hear_greeting(session: Session, call: Call, *, at: datetime) -> None:
    """Write down that the greeting was spoken, where the caller is the canary."""
    if call.business.is_canary:
        row = find_by_call(session, call.carrier_id)
        if row is not None:
            row.prove(CanaryStep.GREETING, at)


def find_by_call(session: Session, call_id: str) -> CanaryCall | None:
    """Answer the canary call whose other end this is."""
    return session.scalar(select(CanaryCall).where(CanaryCall.call_carrier_id == call_id))


def last_proofs(session: Session, limit: int, *, number: str | None = None) -> Sequence[CanaryCall]:
    """Answer the latest canary calls, newest first, of one number or of all."""
    rows = select(CanaryCall).order_by(CanaryCall.placed_at.desc(), CanaryCall.id).limit(limit)
    return session.scalars(
        rows if number is None else rows.where(CanaryCall.number == number)
    ).all()


def newest_verdicts(session: Session, numbers: Sequence[str]) -> list[CanaryCall]:
    """Answer the newest judged call of each number that has one, in the order of the numbers."""
    judged = CanaryCall.outcome.is_not(None)
    newest = [
        session.scalar(
            select(CanaryCall)
            .where(CanaryCall.number == number, judged)
            .order_by(CanaryCall.placed_at.desc())
            .limit(1)
        )
        for number in numbers
    ]
    return [each for each in newest if each is not None]


def under_way(session: Session) -> Sequence[UUID]:
    """Answer the calls that nobody has judged yet."""
    return session.scalars(select(CanaryCall.id).where(CanaryCall.outcome.is_(None))).all()


def forget_proofs(session: Session, *, at: datetime) -> int:
    """Delete proofs that have had their time; answer how many."""
    old = (CanaryCall.placed_at < at - rules.KEPT_FOR, CanaryCall.erased_at.is_not(None))
    gone = session.scalars(delete(CanaryCall).where(*old).returning(CanaryCall.id))
    return len(gone.all())


def _newest(session: Session) -> CanaryCall | None:
    return next(iter(last_proofs(session, 1)), None)


def _whose_turn(
    session: Session, numbers: Sequence[str], newest: CanaryCall | None
) -> tuple[str, str]:
    """Answer the next number and language; a first failure is looked at once more."""
    if newest is None:
        return rules.next_in_turn(numbers, None)
    last = [each.outcome for each in last_proofs(session, 2, number=newest.number)]
    first_failure = [outcome == CanaryOutcome.FAILED for outcome in last] in ([True], [True, False])
    if first_failure and newest.number in numbers:
        return newest.number, newest.language
    return rules.next_in_turn(numbers, (newest.number, newest.language))


def _draw_code(session: Session) -> str:
    """Draw a code that is no business's: some may have had one before these were kept."""
    digits = MAX_LENGTH - len(CANARY_PREFIX)
    while True:
        code = f"{CANARY_PREFIX}{secrets.randbelow(10**digits):0{digits}d}"
        taken = session.scalar(select(ServiceCode.id).where(ServiceCode.code == code))
        if taken is None:
            return code
