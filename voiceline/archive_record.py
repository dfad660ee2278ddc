"""The record beside each copied sound: what it is, who left it, and what a machine heard.

Its form is `docs/archive-record.schema.json`, made from these models (`make docs`). Whoever reads
records looks at `version` first: what is added keeps it, what changes its meaning raises it. The
same voicemail is always the same record, so that what is put twice is put once.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from voiceline.models import PrivacyRequest, Transcript
from voiceline.rules.lifecycle import TranscriptStatus

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from voiceline.models import Voicemail


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Sound(_Part):
    """The file that the record is about; it lies beside it."""

    name: str
    """Without the prefix's folders."""
    type: Literal["audio/wav"] = "audio/wav"
    size: int
    """Bytes."""
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    duration_ms: int


class Caller(_Part):
    """Who called, as the carrier claims it, and what they keyed."""

    number: str | None
    """E.164, unverified; null where the network showed none."""
    called: str | None
    """The number they dialled."""
    service_code: str
    language: str
    right: str | None
    """The right they chose by a key; null where they chose none."""
    started_at: datetime


class Filed(_Part):
    """The request that the voicemail became."""

    reference: str
    """Nine digits, as the caller heard them."""
    received_on: date
    """The day that its dates count from, in the business's time zone."""


class Heard(_Part):
    """One word that a machine heard, and when, in seconds of the sound."""

    text: str
    start: float
    end: float
    confidence: float | None


class Draft(_Part):
    """What a machine heard: a draft, which nobody has confirmed."""

    version: int
    text: str
    language: str
    confidence: float | None
    engine: str
    engine_version: str
    words: list[Heard]


class Record(_Part):
    """A voicemail, without its sound."""

    format: Literal["voiceline-voicemail"] = "voiceline-voicemail"
    version: Literal[1] = 1
    voicemail: UUID
    take: int | None
    """Which recording of this call it is, counted from 1; null where that is not known."""
    recorded_at: datetime
    """When the caller spoke."""
    sound: Sound
    caller: Caller
    request: Filed | None
    transcript: Draft | None
    """The newest; null until there is one. The record is put again when it comes."""


def record_of(session: Session, voicemail: Voicemail, name: str) -> bytes:
    """Write the record of a stored voicemail whose sound has that name."""
    call, folderless = voicemail.call, name.rpartition("/")[2]
    request = session.scalar(select(PrivacyRequest).where(PrivacyRequest.call_id == call.id))
    record = Record(
        voicemail=voicemail.id,
        take=voicemail.take,
        recorded_at=voicemail.recorded_at,
        sound=Sound(
            name=folderless,
            size=voicemail.size or 0,
            sha256=voicemail.sha256 or "",
            duration_ms=voicemail.duration_ms or 0,
        ),
        caller=Caller(
            number=call.caller_id,
            called=call.to_number,
            service_code=call.service_code.code,
            language=call.language,
            right=call.right,
            started_at=call.started_at,
        ),
        request=request and Filed(reference=request.reference, received_on=request.received_on),
        transcript=_draft_of(session, voicemail),
    )
    return (record.model_dump_json(indent=1) + "\n").encode()


def schema() -> str:
    """Write the form of a record as JSON Schema."""
    made: dict[str, Any] = Record.model_json_schema(mode="serialization")
    return json.dumps(made, indent=2) + "\n"


def _draft_of(session: Session, voicemail: Voicemail) -> Draft | None:
    newest = session.scalar(
        select(Transcript)
        .where(
            Transcript.voicemail_id == voicemail.id,
            Transcript.status == TranscriptStatus.COMPLETED,
            Transcript.text.is_not(None),
        )
        .order_by(Transcript.version.desc())
        .limit(1)
    )
    if newest is None:
        return None
    return Draft(
        version=newest.version,
        text=newest.text or "",
        language=newest.language or voicemail.call.language,
        confidence=newest.confidence,
        engine=newest.engine or "",
        engine_version=newest.engine_version or "",
        words=[Heard.model_validate(word) for word in newest.words or ()],
    )
