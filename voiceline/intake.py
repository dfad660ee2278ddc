"""The verbs of a call: from a keyed code to a message that was left.

Each is safe to run again: the carrier delivers events late, twice and out of order, and jobs run
at least once. The caller of a verb commits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import case, literal, select, update
from sqlalchemy.orm import joinedload

from voiceline.database import insert_once
from voiceline.models import Call, ServiceCode, Voicemail
from voiceline.outbox import OFFER_AFTER
from voiceline.rules.caller_ids import read_caller_id
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.service_codes import OPERATOR_CODE, is_service_code

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.rules.rights import Right

SHORTEST_REPLACEMENT = 3
"""Seconds: a shorter second take is kept beside the first, for it may be a slip of the finger."""

REPLACEABLE = (VoicemailStatus.PENDING, VoicemailStatus.STORED, VoicemailStatus.FAILED)


def find_code(session: Session, code: str, at: datetime) -> ServiceCode | None:
    """Answer the code if somebody answers for it; all reasons why not look alike."""
    if not is_service_code(code):
        return None
    found = session.scalar(
        select(ServiceCode)
        .where(ServiceCode.code == code)
        .options(joinedload(ServiceCode.business))
    )
    return found if found is not None and found.answers(at) else None


def find_dedicated(session: Session, number: str, at: datetime) -> ServiceCode | None:
    """Answer the code whose callers need not key it, because the number is theirs alone."""
    found = session.scalar(
        select(ServiceCode)
        .where(ServiceCode.dedicated_number == number)
        .options(joinedload(ServiceCode.business))
    )
    return found if found is not None and found.answers(at) else None


def operator_code(session: Session) -> ServiceCode:
    """Answer the operator's own code; without it nothing could be left unassigned."""
    return session.execute(
        select(ServiceCode)
        .where(ServiceCode.code == OPERATOR_CODE)
        .options(joinedload(ServiceCode.business))
    ).scalar_one()


def find_call(session: Session, carrier_id: str) -> Call | None:
    """Answer the call with the carrier's id."""
    return session.scalar(select(Call).where(Call.carrier_id == carrier_id))


def begin_call(
    session: Session,
    *,
    carrier_id: str,
    service_code: ServiceCode | None,
    at: datetime,
    language: str = "en",
    from_number: str | None = None,
    to_number: str | None = None,
    attestation: str | None = None,
    prompts_version: str | None = None,
) -> Call:
    """Write the call down, once; no service code means the operator's unassigned queue.

    A caller who goes back and keys another code moves the call, until something was recorded.
    """
    target = service_code or operator_code(session)
    caller = read_caller_id(from_number)
    session.execute(
        insert_once(session, Call).values(
            id=uuid4(),
            carrier_id=carrier_id,
            business_id=target.business_id,
            service_code_id=target.id,
            unassigned=service_code is None,
            to_number=(to_number or "")[:64] or None,
            caller_id=caller.number,
            caller_unknown_because=caller.unknown_because,
            attestation=(attestation or "")[:64] or None,
            language=language,
            prompts_version=prompts_version,
            started_at=at,
        )
    )
    call = session.execute(
        select(Call).where(Call.carrier_id == carrier_id).with_for_update()
    ).scalar_one()
    moved = call.service_code_id != target.id and call.reference is None
    if moved and not _has_voicemail(session, call):
        call.business_id, call.service_code_id = target.business_id, target.id
        call.unassigned, call.right = service_code is None, None
    call.language = language
    return call


def find_nameless(session: Session, *, since: datetime, limit: int) -> Sequence[Call]:
    """Answer unassigned calls of which nobody has told us who called whom, latest first."""
    return session.scalars(
        select(Call)
        .where(
            Call.business_id == operator_code(session).business_id,
            Call.started_at >= since,
            Call.unassigned,
            Call.caller_unknown_because == "missing",
            Call.to_number.is_(None),
        )
        .order_by(Call.started_at.desc())
        .limit(limit)
    ).all()


def learn_caller(
    session: Session, carrier_id: str, *, from_number: str | None, to_number: str | None
) -> None:
    """Write down who called whom, where that was not known; what was known stays."""
    caller = read_caller_id(from_number)
    session.execute(
        update(Call)
        .where(
            Call.carrier_id == carrier_id,
            Call.caller_unknown_because == "missing",
            Call.to_number.is_(None),
        )
        .values(
            caller_id=caller.number,
            caller_unknown_because=caller.unknown_because,
            to_number=(to_number or "")[:64] or None,
        )
        .execution_options(synchronize_session=False)
    )


def key_right(session: Session, carrier_id: str, right: Right) -> None:
    """Write down the right the caller keyed: a fact, and the last one counts."""
    session.execute(update(Call).where(Call.carrier_id == carrier_id).values(right=right))


def receive_voicemail(
    session: Session,
    *,
    call_carrier_id: str,
    carrier_id: str,
    recorded_at: datetime,
    at: datetime,
    take: int | None = None,
    claimed_seconds: int | None = None,
) -> UUID | None:
    """Write down that the carrier has a recording; answer its id if this was the first to say so.

    One statement reads the call and inserts, because the carrier may tell us twenty times at
    once. None means that we knew, or that we do not know the call. Nobody speaks before the call
    began: believed, such a moment would let the voicemail expire before it was heard.
    """
    if take is not None and take > 1:
        _await_other_takes(session, call_carrier_id)
    voicemail_id = uuid4()
    row = select(
        literal(voicemail_id, Voicemail.id.type),
        Call.business_id,
        Call.id,
        literal(carrier_id),
        literal(take, Voicemail.take.type),
        literal(VoicemailStatus.PENDING, Voicemail.status.type),
        literal(claimed_seconds, Voicemail.claimed_seconds.type),
        case((Call.started_at > recorded_at, Call.started_at), else_=recorded_at),
        literal(at, Voicemail.received_at.type),
        literal(at + OFFER_AFTER, Voicemail.due_at.type),
        literal(0),
    ).where(Call.carrier_id == call_carrier_id)
    inserted = session.scalar(
        insert_once(session, Voicemail).from_select(_RECEIVED_COLUMNS, row).returning(Voicemail.id)
    )
    if inserted is not None and take is not None:
        _settle_takes(session, inserted, at)
    return inserted


_RECEIVED_COLUMNS = [
    "id",
    "business_id",
    "call_id",
    "carrier_id",
    "take",
    "status",
    "claimed_seconds",
    "recorded_at",
    "received_at",
    "due_at",
    "attempts",
]


def find_voicemail(session: Session, carrier_id: str) -> Voicemail | None:
    """Answer the voicemail with the carrier's recording id."""
    return session.scalar(select(Voicemail).where(Voicemail.carrier_id == carrier_id))


def replace_earlier(
    session: Session, call_id: UUID, *, take: int, seconds: int | None, at: datetime
) -> None:
    """Let the call's takes before this one give way to it.

    They are not erased before a later one is stored (voicemails.next_step).
    """
    if seconds is not None and seconds < SHORTEST_REPLACEMENT:
        return
    earlier = select(Voicemail).where(Voicemail.call_id == call_id, Voicemail.take < take)
    for voicemail in session.scalars(earlier.order_by(Voicemail.id).with_for_update()):
        if voicemail.status in REPLACEABLE:
            voicemail.replace(at)


def has_message(session: Session, call: Call) -> bool:
    """Tell whether audio of the call is on its way, or was."""
    kept = select(Voicemail.id).where(
        Voicemail.call_id == call.id, Voicemail.status != VoicemailStatus.ABSENT
    )
    return session.scalar(kept.limit(1)) is not None


def _has_voicemail(session: Session, call: Call) -> bool:
    found = session.scalar(select(Voicemail.id).where(Voicemail.call_id == call.id).limit(1))
    return found is not None


def _await_other_takes(session: Session, carrier_id: str) -> None:
    """Let whoever writes another take of the call at this moment commit first, so that it is seen.

    They hold the call's row, if only by their foreign key. Voicemails come first, as in the jobs:
    who takes the two in another order than they could wait for them in a circle.
    """
    takes = select(Voicemail.id).join(Call).where(Call.carrier_id == carrier_id)
    session.execute(takes.order_by(Voicemail.id).with_for_update(of=Voicemail))
    session.execute(select(Call.id).where(Call.carrier_id == carrier_id).with_for_update())


def _settle_takes(session: Session, voicemail_id: UUID, at: datetime) -> None:
    """Let the latest take stand, in whatever order the carrier told us of them."""
    call_id = select(Voicemail.call_id).where(Voicemail.id == voicemail_id).scalar_subquery()
    latest = session.execute(
        select(Voicemail.call_id, Voicemail.take, Voicemail.claimed_seconds)
        .where(Voicemail.call_id == call_id, Voicemail.take.is_not(None))
        .order_by(Voicemail.take.desc())
        .limit(1)
    ).one()
    replace_earlier(
        session, latest.call_id, take=latest.take, seconds=latest.claimed_seconds, at=at
    )
