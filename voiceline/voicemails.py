"""The verbs of a voicemail's audio: where it is kept, until when, and when a copy may go."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from voiceline import audit
from voiceline.audit import Action, Actor, Deed
from voiceline.derived_audio import derived_key, owe_derived
from voiceline.filing import file_request, hold_call, request_of
from voiceline.holds import is_held
from voiceline.intake import replace_earlier
from voiceline.models import Business, Call, PrivacyRequest, Transcript, Voicemail
from voiceline.outbox import OFFER_AFTER
from voiceline.rules import retention
from voiceline.rules.lifecycle import TranscriptStatus, VoicemailStatus
from voiceline.search_documents import follow_document

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.ports import StoredObject

LOOK_AGAIN = timedelta(seconds=30)
"""How often a call that goes on is looked at, before the carrier's copy is deleted."""


class Step(StrEnum):
    """What a voicemail owes next."""

    COLLECT = "collect"
    """Fetch the audio, store it, file the request."""
    DELETE_AT_CARRIER = "delete_at_carrier"
    """Ours was read back: the carrier's copy may go."""
    WAIT = "wait"
    """The call goes on: the caller may want to hear the message, or to record it again."""
    ERASE = "erase"
    """A later take is stored: this one goes everywhere."""
    RESTORE = "restore"
    """The take that was to replace this one never came."""
    NOTHING = "nothing"


def object_key(voicemail: Voicemail) -> str:
    """Answer the key of the audio: always the same, and nothing in it tells who called.

    It names the business that the call reached, and keeps that name when the message is handed
    over: what is written down is the key.
    """
    if voicemail.object_key is not None:
        return voicemail.object_key
    month = voicemail.recorded_at.strftime("%Y/%m")
    return f"rec/{voicemail.business_id}/{month}/{voicemail.carrier_id}.wav"


def all_keys(voicemail: Voicemail) -> list[str]:
    """Answer every key under which the store may have something of the message."""
    wav = object_key(voicemail)
    return [derived_key(wav), wav] if voicemail.derived is not None else [wav]


def next_step(session: Session, voicemail: Voicemail, *, at: datetime, grace: timedelta) -> Step:
    """Answer what is owed now; `grace` is how long a call may go on without word of its end."""
    if voicemail.status in {VoicemailStatus.PENDING, VoicemailStatus.FAILED}:
        return Step.COLLECT
    if voicemail.status == VoicemailStatus.REPLACED:
        return _step_of_replaced(session, voicemail)
    if voicemail.status == VoicemailStatus.STORED and voicemail.carrier_deleted_at is None:
        over = voicemail.call.ended_at is not None or at > voicemail.received_at + grace
        return Step.DELETE_AT_CARRIER if over else Step.WAIT
    return Step.NOTHING


def _step_of_replaced(session: Session, voicemail: Voicemail) -> Step:
    later = session.scalars(
        select(Voicemail.status).where(
            Voicemail.call_id == voicemail.call_id, Voicemail.take > voicemail.take
        )
    ).all()
    if VoicemailStatus.STORED in later:
        return Step.ERASE
    hopeless = {VoicemailStatus.FAILED, VoicemailStatus.ABSENT}
    return Step.RESTORE if set(later) <= hopeless else Step.WAIT


def keep(
    session: Session,
    voicemail: Voicemail,
    stored: StoredObject,
    *,
    tier_tag: str,
    duration_ms: int,
    at: datetime,
) -> UUID:
    """Note that the audio is safe, file its request and owe what is made of it: one transaction."""
    _follow_call(session, voicemail)
    tier = voicemail.business.tier
    voicemail.store(stored, duration_ms=duration_ms, at=at)
    voicemail.keep_until(retention.expires_at(voicemail.recorded_at, tier))
    voicemail.held = voicemail.held or is_held(session, voicemail.business_id)
    voicemail.tier_tag = tier_tag if tier_tag == voicemail.store_tags["tier"] else None
    voicemail.claim, voicemail.due_at, voicemail.attempts = None, at + LOOK_AGAIN, 0
    if voicemail.take is not None and voicemail.take > 1:
        # An earlier one may have been written down at the same moment, unseen.
        seconds = voicemail.claimed_seconds
        replace_earlier(session, voicemail.call_id, take=voicemail.take, seconds=seconds, at=at)
        _tell_of_take(session, voicemail, at)
    owe_transcript(session, voicemail, at=at)
    owe_derived(session, voicemail, at=at)
    return file_request(session, voicemail.call, received_at=voicemail.recorded_at, at=at)


def _follow_call(session: Session, voicemail: Voicemail) -> None:
    """Go where the call went, if it was handed over at the moment this take was written down."""
    hold_call(session, voicemail.call)
    if voicemail.business_id != voicemail.call.business_id:
        voicemail.business_id = voicemail.call.business_id
        session.flush()
        session.refresh(voicemail, ["business"])


def _tell_of_take(session: Session, voicemail: Voicemail, at: datetime) -> None:
    """Let a request that is filed already be news again; the words of earlier takes leave it."""
    request = request_of(session, voicemail.call)
    if request is not None:
        # not a newer version of the request: no colleague at a form is overtaken by it
        session.execute(
            update(PrivacyRequest).where(PrivacyRequest.id == request.id).values(news_at=at)
        )
        session.refresh(request, ["news_at"])
        follow_document(session, request)


def finish_step(voicemail: Voicemail, done: Step, *, at: datetime) -> None:
    """Note that a step after the storing is done, and what is owed next."""
    voicemail.claim = None
    match done:
        case Step.DELETE_AT_CARRIER:
            voicemail.carrier_deleted_at, voicemail.due_at = at, None
        case Step.ERASE:
            voicemail.erase(at)
        case Step.RESTORE:
            voicemail.try_again(at)
        case Step.WAIT:
            voicemail.due_at, voicemail.attempts = at + LOOK_AGAIN, 0
        case _:
            voicemail.due_at = None


def owe_transcript(session: Session, voicemail: Voicemail, *, at: datetime) -> Transcript:
    """Ask for a draft of the voicemail, unless one is asked for already."""
    latest = session.scalar(
        select(Transcript)
        .where(Transcript.voicemail_id == voicemail.id)
        .order_by(Transcript.version.desc())
        .limit(1)
    )
    if latest is not None:
        return latest
    transcript = Transcript(
        business_id=voicemail.business_id,
        voicemail_id=voicemail.id,
        version=1,
        status=TranscriptStatus.PENDING,
        created_at=at,
        due_at=at + OFFER_AFTER,
    )
    session.add(transcript)
    session.flush()
    return transcript


def change_tier(
    session: Session,
    business: Business,
    tier: retention.AccountTier,
    *,
    by: Actor,
    at: datetime,
) -> int:
    """Move the business to another tier; answer how many voicemails got another last day.

    None expires for it within 30 days from now. Their objects owe another tag from now on, which
    `upkeep.retag` writes. A trial that goes on as another tier has no end any more.
    """
    former, business.tier = business.tier, tier
    if tier != retention.AccountTier.TRIAL:
        business.trial_ends_at = None
    voicemails = session.scalars(
        select(Voicemail).where(
            Voicemail.business_id == business.id, Voicemail.status == VoicemailStatus.STORED
        )
    ).all()
    for voicemail in voicemails:
        last = retention.expires_at_after(
            voicemail.recorded_at, tier, was=voicemail.expires_at, at=at
        )
        voicemail.keep_until(last)
        voicemail.tier_tag = None
    facts = {"from": former.value, "to": tier.value, "voicemails": len(voicemails)}
    subject = audit.about(business)
    deed = Deed(business.id, Action.BUSINESS_TIER_CHANGED, by, at, subject, facts)
    audit.write(session, deed)
    return len(voicemails)


def find_untagged(session: Session, *, limit: int, but: Collection[UUID] = ()) -> Sequence[UUID]:
    """Answer stored voicemails whose object owes the tag of their business's tier."""
    return session.scalars(
        select(Voicemail.id)
        .where(
            Voicemail.status == VoicemailStatus.STORED,
            Voicemail.tier_tag.is_(None),
            Voicemail.id.not_in(but),
        )
        .limit(limit)
    ).all()


def end_call(session: Session, carrier_id: str, *, at: datetime) -> None:
    """Note that the call is over, once; a call we never wrote down is none of ours."""
    session.execute(
        update(Call)
        .where(Call.carrier_id == carrier_id, Call.ended_at.is_(None))
        .values(ended_at=at)
    )


def count_by_status(session: Session) -> dict[VoicemailStatus, int]:
    """Answer how many voicemails are in each state, for the doctor."""
    rows = session.execute(select(Voicemail.status, func.count()).group_by(Voicemail.status))
    return {status: count for status, count in rows}  # noqa: C416 - a Row is not a tuple to mypy
