"""The verb that erases a voicemail for good: in every place where something of it is.

Each place is asked whether it is done; one that refuses keeps none of the others. It is called
again until all say so, and whoever is killed on the way leaves what the next call goes on with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import select

from voiceline import audit
from voiceline.audit import SYSTEM, Actor
from voiceline.derived_audio import derived_key
from voiceline.errors import MissingObjectError, PermanentFailure, TemporaryFailure, UserError
from voiceline.line_proofs import erased
from voiceline.models import PrivacyRequest, Transcript, Voicemail
from voiceline.rules.lifecycle import TranscriptStatus, VoicemailStatus
from voiceline.search_documents import follow_document
from voiceline.takes import hold_takes
from voiceline.tombstones import bury
from voiceline.voicemails import object_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.ports import RecordingSource

STAYED = "it was deleted, and is still there"
NOT_YET = {VoicemailStatus.PENDING, VoicemailStatus.FAILED}
ENDS = {VoicemailStatus.STORED, VoicemailStatus.REPLACED}


class Why(StrEnum):
    """What it was erased for."""

    BY_HAND = "by_hand"
    ACCOUNT_ENDED = "account_ended"
    RESTORED = "restored"
    """A dump from before brought back what was erased already."""


class Keys(Protocol):
    """What `Services.store.keys` does with a data key."""

    def prove(self, *, first: bool) -> None:
        """Raise where it is not the key store that the keys were put into."""

    def wrapped_by(self, name: str) -> str:
        """Raise MissingKeyError where there is none."""

    def knows(self, master_id: str) -> bool:
        """Tell whether that master key is at hand."""

    @property
    def master_id(self) -> str:
        """Which master key wraps what is made now; PermanentFailure where none is at hand."""

    def find(self, name: str) -> bytes:
        """Answer the key, or raise MissingKeyError."""

    def destroy(self, name: str) -> None:
        """Delete every copy of it under the master keys at hand."""


class Store(Protocol):
    """What `Services.store` does with objects and their keys."""

    @property
    def keys(self) -> Keys:
        """The data keys."""

    def tags(self, key: str) -> dict[str, str]:
        """Answer the object's tags, sealed or plain, or raise MissingObjectError; needs no key."""

    def delete(self, key: str) -> None:
        """Destroy its key, and delete every version of the object."""


class Places(Protocol):
    """What `Services` has of the places where a voicemail is."""

    @property
    def store(self) -> Store:
        """The objects, and their keys."""

    @property
    def recordings(self) -> RecordingSource:
        """The carrier."""


@dataclass
class Erased:
    """What was found at this call, and what still stands in the way."""

    objects: int = 0
    texts: int = 0
    refusals: dict[str, str] = field(default_factory=dict)
    """By place: `key`, `audio`, `mp3`, `carrier`."""

    @property
    def done(self) -> bool:
        """Tell whether each place says that nothing is left."""
        return not self.refusals


def erase_voicemail(
    session: Session,
    services: Places,
    voicemail: Voicemail,
    why: Why,
    at: datetime,
    *,
    by: Actor = SYSTEM,
) -> Erased:
    """Erase audio, MP3, outline, drafts and key; commit afterwards, also when not all is done.

    No rollback brings back what the places gave up, and a call again goes on. The row stays, and
    the request with its log. Notes are the request's, and stay. What is under a legal hold is
    refused, unless it was erased before and a dump brought it back.
    """
    hold_takes(session, voicemail.call_id)
    if voicemail.held and why != Why.RESTORED:
        raise UserError("It is under a legal hold: lift the hold first.")
    if voicemail.status in NOT_YET:
        raise UserError("Its audio has not been collected yet: wait until it is here.")
    bury(session, voicemail.id, at)
    found = Erased(texts=_forget_drafts(session, voicemail, at))
    wav = object_key(voicemail)
    _try(found, "key", lambda: _key_is_gone(services.store.keys, wav, voicemail))
    for place, key in (("mp3", derived_key(wav)), ("audio", wav)):
        _try(found, place, partial(_object_is_gone, services.store, key, found))
    if voicemail.carrier_deleted_at is None:
        _try(found, "carrier", lambda: _carrier_is_rid(services, voicemail, at))
    if voicemail.derived is not None:
        voicemail.derived.leave(at)
    ends = found.done and voicemail.status in ENDS
    if ends:
        voicemail.erase(at)
    request = session.scalar(
        select(PrivacyRequest).where(PrivacyRequest.call_id == voicemail.call_id)
    )
    if request is not None:
        follow_document(session, request)
    if ends or (found.done and found.texts):
        audit.write(session, erased(voicemail, request, why=why.value, by=by, at=at))
    return found


def erase_risen(
    session: Session, services: Places, voicemail_id: UUID, at: datetime
) -> Erased | None:
    """Erase again what a dump from before brought back; None where it is not there any more."""
    voicemail = session.get(Voicemail, voicemail_id)
    if voicemail is None:
        return None
    return erase_voicemail(session, services, voicemail, Why.RESTORED, at)


def _forget_drafts(session: Session, voicemail: Voicemail, at: datetime) -> int:
    """Empty every draft; one that is being made is told to stop, and finds its claim gone."""
    drafts = session.scalars(
        select(Transcript)
        .where(Transcript.voicemail_id == voicemail.id)
        .order_by(Transcript.version)
        .with_for_update()
    ).all()
    texts = 0
    for draft in drafts:
        texts += draft.text is not None
        if draft.status == TranscriptStatus.PENDING:
            draft.skip("the voicemail was erased", at)
        draft.forget()
    return texts


def _try(found: Erased, place: str, step: Callable[[], bool]) -> None:
    """Take the step; a place that refuses is named, and the next is asked all the same."""
    try:
        if not step():
            found.refusals[place] = STAYED
    except (TemporaryFailure, PermanentFailure) as failure:
        found.refusals[place] = str(failure)


def _key_is_gone(keys: Keys, name: str, voicemail: Voicemail) -> bool:
    """Destroy it; a master key that is not at hand hides where its data keys are."""
    if not keys.knows(voicemail.sealed_by or keys.master_id):
        raise PermanentFailure(f"the master key {voicemail.sealed_by} is not at hand")
    keys.destroy(name)
    try:
        keys.find(name)
    except MissingObjectError:
        return True
    return False


def _object_is_gone(store: Store, key: str, found: Erased) -> bool:
    """Delete it and look; its size would not do, for without a key there is none to tell."""
    if not _is_there(store, key):
        store.delete(key)  # versions may be hidden behind a marker
        return not _is_there(store, key)
    store.delete(key)
    gone = not _is_there(store, key)
    found.objects += gone
    return gone


def _is_there(store: Store, key: str) -> bool:
    try:
        store.tags(key)
    except MissingObjectError:
        return False
    return True


def _carrier_is_rid(services: Places, voicemail: Voicemail, at: datetime) -> bool:
    services.recordings.delete(voicemail.carrier_id)
    voicemail.carrier_deleted_at = at
    return True
