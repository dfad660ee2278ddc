"""The verbs of what is made of a voicemail for browsers; it goes wherever the voicemail goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from voiceline.models import DerivedAudio, Voicemail
from voiceline.outbox import OFFER_AFTER
from voiceline.rules.lifecycle import VoicemailStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.ports import StoredObject


def derived_key(wav_key: str) -> str:
    """Answer the key of the MP3: beside the WAV, so that the bucket's own expiry covers it."""
    return f"{wav_key.removesuffix('.wav')}.mp3"


def owe_derived(session: Session, voicemail: Voicemail, *, at: datetime) -> None:
    """Ask for what browsers want of a message that was just stored."""
    if voicemail.derived is None:
        due_at = at + OFFER_AFTER
        session.add(
            DerivedAudio(
                business_id=voicemail.business_id,
                voicemail=voicemail,
                created_at=at,
                due_at=due_at,
            )
        )
        session.flush()
    elif voicemail.derived.object_key is None:
        voicemail.derived.due_at = at


def hold_voicemail(session: Session, derived: DerivedAudio) -> Voicemail:
    """Lock the message: it does not go while something is written down about it."""
    return session.scalars(
        select(Voicemail)
        .where(Voicemail.id == derived.voicemail_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def keep_derived(
    session: Session,
    derived: DerivedAudio,
    stored: StoredObject,
    *,
    peaks: bytes,
    tags: Mapping[str, str],
) -> bool:
    """Note that the MP3 is there; False where the message went meanwhile, and it must go, too.

    Where the business changed its tier meanwhile, the tags are owed again.
    """
    voicemail = hold_voicemail(session, derived)
    if voicemail.status != VoicemailStatus.STORED:
        derived.rest()
        return False
    derived.make(stored, peaks)
    if voicemail.store_tags != tags:
        voicemail.tier_tag = None
    return True
