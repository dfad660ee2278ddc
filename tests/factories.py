"""Rows with believable content, one plain function a noun; keywords say what a test is about."""

from __future__ import annotations

import io
import math
import wave
from array import array
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from voiceline.derived_audio import derived_key
from voiceline.models import (
    Business,
    Call,
    Channel,
    DerivedAudio,
    EventKind,
    Membership,
    PrivacyRequest,
    RequestedRight,
    Role,
    ServiceCode,
    Transcript,
    User,
    Voicemail,
)
from voiceline.passwords import make_hash
from voiceline.ports import Transcription, Word
from voiceline.rules import deadlines, retention
from voiceline.rules.lifecycle import RequestStatus, RightStatus
from voiceline.rules.references import check_digit
from voiceline.rules.rights import Right, RightSource
from voiceline.sound.mp3 import make_mp3
from voiceline.waveform import draw_peaks

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from voiceline.ports import ObjectStore

AT = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
"""Ten in the morning in California, a Saturday."""

PASSWORD = "correct horse battery staple"

_numbers = count(1)


def make_business(session: Session, name: str = "Acme Shoes", **facts: Any) -> Business:
    facts = {"tier": retention.AccountTier.SMALL_MEDIUM, "opened_at": AT} | facts
    business = Business(name=name, **facts)
    session.add(business)
    session.flush()
    return business


def make_code(
    session: Session, business: Business, code: str | None = None, **facts: Any
) -> ServiceCode:
    row = ServiceCode(business=business, code=code or f"3{next(_numbers):06d}", **facts)
    session.add(row)
    session.flush()
    return row


def make_user(session: Session, name: str = "Alice Abbott", **facts: Any) -> User:
    """Add a person whose password is PASSWORD, hashed once for all of them."""
    email = f"{name.split(maxsplit=1)[0].lower()}@example.com"
    facts = {"email": email, "password_hash": _hash(), "created_at": AT} | facts
    user = User(name=name, **facts)
    session.add(user)
    session.flush()
    return user


def make_member(session: Session, business: Business, user: User, role: Role = Role.OWNER) -> None:
    """Add a place in the business, of which the trail knows nothing."""
    session.add(Membership(business_id=business.id, user_id=user.id, role=role, created_at=AT))
    session.flush()


def make_call(session: Session, code: ServiceCode, **facts: Any) -> Call:
    facts = {"caller_id": "+14155550123", "prompts_version": "2026-11", "started_at": AT} | facts
    call = Call(
        carrier_id=f"CA{uuid4().hex}",
        business_id=code.business.id,
        service_code_id=code.id,
        to_number="+18005550100",
        **facts,
    )
    session.add(call)
    session.flush()
    return call


def make_voicemail(
    session: Session,
    call: Call,
    *,
    store: ObjectStore | None = None,
    audio: bytes | None = None,
    **facts: Any,
) -> Voicemail:
    """Add a voicemail that still owes its audio; with a store, one whose audio is there."""
    facts = {"recorded_at": call.started_at, "received_at": call.started_at, "take": 1} | facts
    voicemail = Voicemail(
        business_id=call.business_id, call=call, carrier_id=f"RE{uuid4().hex}", **facts
    )
    session.add(voicemail)
    session.flush()
    if store:
        keep_audio(session, voicemail, store, audio or tone())
    return voicemail


def keep_audio(session: Session, voicemail: Voicemail, store: ObjectStore, audio: bytes) -> None:
    tier = session.get_one(Business, voicemail.business_id).tier
    key = f"rec/{voicemail.business_id}/{voicemail.carrier_id}.wav"
    stored = store.put(key, audio, content_type="audio/wav", tags=retention.store_tags(tier))
    voicemail.store(stored, duration_ms=(len(audio) - 44) // 16, at=voicemail.received_at)
    voicemail.expires_at = retention.expires_at(voicemail.recorded_at, tier)
    session.flush()


def make_derived(session: Session, voicemail: Voicemail, store: ObjectStore) -> DerivedAudio:
    """Add what a job makes of a stored voicemail for browsers."""
    audio = store.get(voicemail.object_key or "")
    derived = DerivedAudio(business_id=voicemail.business_id, voicemail=voicemail, created_at=AT)
    session.add(derived)
    session.flush()
    key, tags = (
        derived_key(voicemail.object_key or ""),
        retention.store_tags(voicemail.business.tier),
    )
    mp3, peaks = _made_of(audio)
    stored = store.put(key, mp3, content_type="audio/mpeg", tags=tags)
    derived.make(stored, peaks)
    session.flush()
    return derived


@cache
def _made_of(audio: bytes) -> tuple[bytes, bytes]:
    return make_mp3(audio), draw_peaks(audio)


def make_transcript(
    session: Session, voicemail: Voicemail, text: str | None = "please delete my data", **facts: Any
) -> Transcript:
    """Add a finished draft, its words spread evenly over the audio; no text: one still owed."""
    transcript = Transcript(
        business_id=voicemail.business_id, voicemail=voicemail, created_at=AT, **facts
    )
    session.add(transcript)
    session.flush()
    if text is not None:
        transcript.complete(draft_of(text, (voicemail.duration_ms or 3000) / 1000), AT)
    session.flush()
    return transcript


def draft_of(text: str, seconds: float) -> Transcription:
    words = text.split()
    step = seconds / max(len(words), 1)
    return Transcription(
        text=text,
        language="en",
        confidence=0.8,
        words=tuple(
            Word(word, place * step, (place + 1) * step, 0.3 if place % 7 == 4 else 0.9)
            for place, word in enumerate(words)
        ),
        engine="pocketsphinx",
        engine_version="5",
    )


def make_request(
    session: Session,
    code: ServiceCode,
    *,
    right: Right | None = Right.DELETE,
    received_at: datetime = AT,
    call: Call | None = None,
    **facts: Any,
) -> PrivacyRequest:
    """Add a filed request with the dates the law gives it."""
    received = deadlines.received_on(received_at, code.business.time_zone)
    dates = deadlines.deadlines_for(right, received)
    facts = {"reference": new_reference(), "filed_at": received_at + timedelta(seconds=4)} | facts
    request = PrivacyRequest(
        id=uuid4(),
        business_id=code.business.id,
        service_code=code,
        call=call,
        channel=Channel.PHONE,
        status=RequestStatus.RECEIVED,
        received_at=received_at,
        received_on=received,
        **facts,
    )
    source = RightSource.KEYED if right else None
    asked = RequestedRight(
        business_id=code.business.id, right=right, source=source, status=RightStatus.OPEN
    )
    asked.date_by(dates)
    request.rights.append(asked)
    request.follow_rights(request.filed_at)
    request.note_event(EventKind.FILED, at=request.filed_at)
    session.add(request)
    session.flush()
    return request


def make_message(
    session: Session,
    code: ServiceCode,
    store: ObjectStore | None = None,
    *,
    text: str | None = "please delete my data",
    received_at: datetime = AT,
    audio: bytes | None = None,
    **facts: Any,
) -> tuple[PrivacyRequest, Voicemail]:
    """Add a whole call: request, voicemail (with its audio, given a store) and draft."""
    call = make_call(session, code, started_at=received_at)
    voicemail = make_voicemail(session, call, store=store, audio=audio)
    make_transcript(session, voicemail, text)
    request = make_request(session, code, call=call, received_at=received_at, **facts)
    return request, voicemail


def new_reference() -> str:
    digits = f"{next(_numbers) * 48271597 % 10**8:08d}"
    return digits + check_digit(digits)


@cache
@cache
def tone(seconds: float = 3.0) -> bytes:
    """Answer a WAV as the carrier makes it, swelling and fading like speech: 8 kHz, 16 bit."""
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(8000)
        audio.writeframes(array("h", map(_swelling, range(int(8000 * seconds)))).tobytes())
    return file.getvalue()


def _swelling(place: int) -> int:
    loudness = abs(math.sin(place / 2400)) * abs(math.sin(place / 9100 + 0.4))
    return int(9000 * loudness * math.sin(place * 0.35))


def unknown_id() -> UUID:
    """Answer an id nobody has."""
    return uuid4()


@cache
def _mp3(audio: bytes) -> bytes:
    return make_mp3(audio)


@cache
def _hash() -> str:
    return make_hash(PASSWORD)
