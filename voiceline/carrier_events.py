"""The verbs of what the carrier tells us about a recording, by whichever way it reached us.

The recording callback, the end of `<Record>`, a spooled event replayed after an outage and the
nightly comparison all end here, so that none of them can do it differently.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from voiceline import canary, filing, intake
from voiceline.rules.caller_ids import read_caller_id
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.rights import Right

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import Call, ServiceCode

SHORTEST = 1
"""Seconds; less is somebody who hung up at the tone (reliability.md row 44)."""


@dataclass(frozen=True)
class RecordingNotice:
    """What we were told about one recording, with what the call's own state said."""

    call_id: str
    """The carrier's CallSid."""
    recording_id: str
    status: str
    """`completed`, `absent`, `failed`, `in-progress`, or a word we do not know yet."""
    recorded_at: datetime
    """When the caller stopped speaking."""
    seconds: int | None = None
    take: int | None = None
    code: str | None = None
    language: str = "en"
    right: str | None = None
    from_number: str | None = None
    to_number: str | None = None
    hung_up: bool = False

    def as_json(self) -> dict[str, Any]:
        """Answer plain values, for the spool."""
        return {**asdict(self), "recorded_at": self.recorded_at.isoformat()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> RecordingNotice:
        """Read what `as_json` wrote."""
        return cls(**{**values, "recorded_at": datetime.fromisoformat(values["recorded_at"])})


def accept(session: Session, notice: RecordingNotice, *, at: datetime) -> UUID | None:
    """Write down what the notice says; answer a voicemail that has just become owed."""
    if notice.status == "completed":
        return _accept_completed(session, notice, at)
    if notice.status == "absent":
        _accept_absent(session, notice, at)
    if notice.status == "failed":
        _accept_failed(session, notice, at)
    return None


def _accept_completed(session: Session, notice: RecordingNotice, at: datetime) -> UUID | None:
    if notice.seconds is not None and notice.seconds < SHORTEST:
        _file_without_audio(session, notice, at)
        return None
    call = intake.find_call(session, notice.call_id)
    if call is None:
        if canary.find_by_call(session, notice.call_id):
            return None  # a late word of what was taken away
        call = _write_call(session, notice, at)
    _add_what_was_missing(call, notice, at)
    return _receive(session, notice, at)


def _receive(session: Session, notice: RecordingNotice, at: datetime) -> UUID | None:
    return intake.receive_voicemail(
        session,
        call_carrier_id=notice.call_id,
        carrier_id=notice.recording_id,
        recorded_at=min(notice.recorded_at, at),
        at=at,
        take=notice.take,
        claimed_seconds=notice.seconds,
    )


def _accept_absent(session: Session, notice: RecordingNotice, at: datetime) -> None:
    voicemail = intake.find_voicemail(session, notice.recording_id)
    if voicemail is not None and voicemail.status == VoicemailStatus.PENDING:
        voicemail.find_absent()
    _file_without_audio(session, notice, at)


def _file_without_audio(session: Session, notice: RecordingNotice, at: datetime) -> None:
    """File what was keyed, or given a reference, even where nothing was said: both are facts.

    A message of the same call files it by itself, with the clock of when it was spoken.
    """
    call = intake.find_call(session, notice.call_id)
    if call is None and notice.right:
        call = _write_call(session, notice, at)
    if call is None:
        return
    _add_what_was_missing(call, notice, at)
    is_fact = call.right is not None or call.reference is not None
    if is_fact and not intake.has_message(session, call):
        received_at = max(min(notice.recorded_at, at), call.started_at)
        filing.file_request(session, call, received_at=received_at, at=at)


def _accept_failed(session: Session, notice: RecordingNotice, at: datetime) -> None:
    """Park what the carrier lost, and file it: somebody asked, and can perhaps be called back.

    No length is believed: what could not be kept may have been said all the same.
    """
    _accept_completed(session, replace(notice, seconds=notice.seconds or None), at)
    voicemail = intake.find_voicemail(session, notice.recording_id)
    if voicemail is not None and voicemail.status == VoicemailStatus.PENDING:
        voicemail.fail("the carrier could not keep the recording", at)
        filing.file_request(session, voicemail.call, received_at=voicemail.recorded_at, at=at)


def _write_call(session: Session, notice: RecordingNotice, at: datetime) -> Call:
    """Write down a call we only hear of by its recording."""
    code = _find_code(session, notice, at) if notice.code else None
    if code is None and notice.to_number:
        code = intake.find_dedicated(session, notice.to_number, at)
    call = intake.begin_call(
        session,
        carrier_id=notice.call_id,
        service_code=code,
        at=min(notice.recorded_at, at) - timedelta(seconds=notice.seconds or 0),
        language=notice.language,
        from_number=notice.from_number,
        to_number=notice.to_number,
    )
    session.flush()
    return call


def _find_code(session: Session, notice: RecordingNotice, at: datetime) -> ServiceCode | None:
    keyed = notice.code or ""
    return intake.find_code(session, keyed, at) or canary.admit(
        session, keyed, call_id=notice.call_id, from_number=notice.from_number, at=at
    )


def _add_what_was_missing(call: Call, notice: RecordingNotice, at: datetime) -> None:
    """Learn what only this notice knows: another one came first, or the database was away."""
    if call.caller_unknown_because == "missing" and notice.from_number:
        caller = read_caller_id(notice.from_number)
        call.caller_id, call.caller_unknown_because = caller.number, caller.unknown_because
    if call.right is None and notice.right:
        call.right = Right(notice.right)
    if notice.hung_up:
        call.end(at)
