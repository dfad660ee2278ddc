"""The verbs of a canary call's proof: read off the rows that the real path wrote, then judged once.

Nothing here is told by the call itself: each moment is that of the row which a consumer's call
would have left. The caller of a verb commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from voiceline.filing import request_of
from voiceline.intake import find_call
from voiceline.models import CanaryCall, Transcript, Voicemail
from voiceline.rules import canary as rules
from voiceline.rules.canary import CanaryOutcome, CanaryStep
from voiceline.rules.deadlines import deadlines_for, received_on
from voiceline.rules.jurisdictions import UNKNOWN
from voiceline.rules.lifecycle import TranscriptStatus, VoicemailStatus

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import Call, PrivacyRequest

REFUSED = {
    "busy": "the line was busy",
    "no-answer": "nobody answered",
    "failed": "the carrier could not reach the number",
    "canceled": "the call was canceled at the carrier",
}
OVER = frozenset({"completed", *REFUSED})
NOT_YET = "nothing came within {minutes} minutes"


@dataclass(frozen=True)
class Seen:
    """What others say of the call: the carrier of our end, the store of the audio."""

    status: str | None = None
    """The carrier's word; None where it was not asked, or did not answer."""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    sha256: str | None = None
    """Of the audio as the store answered it now; None where there is none yet."""


@dataclass(frozen=True)
class Missing:
    """The first step that was not proven, and why it will not be; no reason: it may come yet."""

    step: CanaryStep
    reason: str | None = None


def audio_of(session: Session, row: CanaryCall) -> Voicemail | None:
    """Answer the call's stored message, if it has come so far."""
    call = find_call(session, row.call_carrier_id) if row.call_carrier_id else None
    return _voicemail(session, call) if call else None


def judge(session: Session, canary_id: UUID, seen: Seen, *, at: datetime) -> CanaryCall | None:
    """Write down what is proven by now, and the outcome once there is one; answer a judged call.

    None while it is under way, or where somebody else has judged it: told once, not twice.
    """
    row = session.scalar(
        select(CanaryCall)
        .where(CanaryCall.id == canary_id, CanaryCall.outcome.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        return None
    missing = _look(session, row, seen, at)
    if missing is None:
        row.judge(_how_soon(row), at)
    elif missing.reason or at > row.placed_at + rules.GIVE_UP_AFTER:
        minutes = int(rules.GIVE_UP_AFTER.total_seconds() // 60)
        reason = missing.reason or NOT_YET.format(minutes=minutes)
        row.judge(CanaryOutcome.FAILED, at, step=missing.step, reason=reason)
    return row if row.outcome is not None else None


def _look(session: Session, row: CanaryCall, seen: Seen, at: datetime) -> Missing | None:
    row.prove(CanaryStep.ANSWERED, seen.answered_at or row.code_at)
    call = find_call(session, row.call_carrier_id) if row.call_carrier_id else None
    if call is None:
        return _unheard(row, seen, at)
    if call.receipt_heard_at:
        row.prove(CanaryStep.ACKNOWLEDGED, call.receipt_heard_at)
    voicemail, request = _voicemail(session, call), request_of(session, call)
    if voicemail is None:
        return _unrecorded(row, seen, at)
    for found in (
        _collected(row, voicemail, seen),
        _filed(row, voicemail, request),
        _acknowledged(row, seen, at),
        _transcribed(session, row, voicemail),
    ):
        if found is not None:
            return found
    return None


def _unheard(row: CanaryCall, seen: Seen, at: datetime) -> Missing:
    """Say what is missing of a call that keyed no code that we know of."""
    if seen.status in REFUSED:
        return Missing(CanaryStep.ANSWERED, REFUSED[seen.status])
    if row.carrier_id is None:
        late = at > row.placed_at + rules.UNHEARD_AFTER
        return Missing(CanaryStep.PLACED, "the carrier did not confirm the call" if late else None)
    if _is_over(seen, at):
        return Missing(CanaryStep.CODE, "the call ended before its code was accepted")
    return Missing(CanaryStep.CODE if row.answered_at else CanaryStep.ANSWERED)


def _unrecorded(row: CanaryCall, seen: Seen, at: datetime) -> Missing:
    """Say what is missing of a call that left no message so far.

    A greeting nobody asked to go on from fails at once; a recording may be adopted later on.
    """
    if row.greeting_at is None:
        ended = "the call ended during the greeting" if _is_over(seen, at) else None
        return Missing(CanaryStep.GREETING, ended)
    return Missing(CanaryStep.RECORDED)


def _collected(row: CanaryCall, voicemail: Voicemail, seen: Seen) -> Missing | None:
    row.prove(CanaryStep.RECORDED, voicemail.recorded_at)
    row.prove(CanaryStep.CALLBACK, voicemail.received_at)
    if voicemail.status == VoicemailStatus.ABSENT:
        return Missing(CanaryStep.RECORDED, "the carrier recorded nothing")
    if voicemail.status != VoicemailStatus.STORED or seen.sha256 is None:
        return Missing(CanaryStep.COLLECTED)
    if seen.sha256 != voicemail.sha256:
        return Missing(CanaryStep.COLLECTED, "the store answers other bytes than were stored")
    row.sha256 = seen.sha256
    row.prove(CanaryStep.COLLECTED, voicemail.stored_at)
    return None


def _filed(row: CanaryCall, voicemail: Voicemail, request: PrivacyRequest | None) -> Missing | None:
    """Look whether the dates are those that the rules give for when the caller spoke."""
    if request is None:
        return Missing(CanaryStep.FILED)
    received = received_on(voicemail.recorded_at, request.business.time_zone)
    respond_by = deadlines_for(None, received, UNKNOWN).respond_by
    if (request.received_on, request.respond_by) != (received, respond_by):
        return Missing(CanaryStep.FILED, "the request was filed with other dates than the law's")
    row.prove(CanaryStep.FILED, request.filed_at)
    return None


def _acknowledged(row: CanaryCall, seen: Seen, at: datetime) -> Missing | None:
    if row.acknowledged_at is not None:
        return None
    unheard = "the call ended before the acknowledgement did" if _is_over(seen, at) else None
    return Missing(CanaryStep.ACKNOWLEDGED, unheard)


def _transcribed(session: Session, row: CanaryCall, voicemail: Voicemail) -> Missing | None:
    """Look for the words; where no engine knows the language, nothing is missing."""
    draft = session.scalars(
        select(Transcript)
        .where(Transcript.voicemail_id == voicemail.id)
        .order_by(Transcript.version.desc())
        .limit(1)
    ).first()
    if draft is not None and draft.status == TranscriptStatus.SKIPPED:
        return None
    if draft is None or draft.status == TranscriptStatus.PENDING:
        return Missing(CanaryStep.TRANSCRIBED)
    if draft.status == TranscriptStatus.FAILED:
        return Missing(CanaryStep.TRANSCRIBED, "the engine gave up")
    if not rules.holds_words(draft.text or "", row.language):
        return Missing(CanaryStep.TRANSCRIBED, "the draft does not hold what was said")
    row.prove(CanaryStep.TRANSCRIBED, draft.finished_at)
    return None


def _voicemail(session: Session, call: Call) -> Voicemail | None:
    newest = select(Voicemail).where(Voicemail.call_id == call.id).order_by(Voicemail.take.desc())
    return session.scalars(newest.limit(1)).first()


def _is_over(seen: Seen, at: datetime) -> bool:
    """Tell whether the call has been over for long enough that nothing of it is on its way."""
    if seen.status not in OVER:
        return False
    return seen.ended_at is None or at > seen.ended_at + rules.SETTLED_AFTER


def _how_soon(row: CanaryCall) -> CanaryOutcome:
    moments = [moment for step in CanaryStep if (moment := row.moment(step))]
    late = max(moments) > row.placed_at + rules.LATE_AFTER
    return CanaryOutcome.LATE if late else CanaryOutcome.OK
