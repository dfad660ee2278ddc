"""The verbs of sealing: what owes it, what is under which master key, and the end of a key.

A row says that its object is sealed only after somebody saw it; what it does not say is looked at
again by upkeep. Audio and its MP3 have one data key, a file of a note has its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Select, func, select, update

from voiceline.models import NoteAttachment, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.voicemails import all_keys, object_key

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.ports import Seal

AnySealed = type[Voicemail] | type[NoteAttachment]
SEALED_ROWS: tuple[AnySealed, ...] = (Voicemail, NoteAttachment)


class Keys(Protocol):
    """What `Services.store.keys` does with a data key."""

    @property
    def master_id(self) -> str:
        """Which master key wraps what is made now."""

    def find(self, name: str) -> bytes:
        """Answer the key, or raise MissingKeyError."""

    def rewrap(self, name: str) -> str:
        """Put the key under the first master key; answer its id."""

    def destroy(self, name: str) -> None:
        """Delete every copy of it."""


def shred(keys: Keys, voicemail: Voicemail) -> None:
    """Destroy the voicemail's data key: its audio is unreadable in every copy from then on.

    Not undone by any rollback, so it is called outside of a transaction, or last in one. Deleting
    the WAV from the store does the same.
    """
    keys.destroy(object_key(voicemail))


def find_unsealed(
    session: Session, kind: AnySealed, *, limit: int, but: Collection[UUID] = ()
) -> Sequence[UUID]:
    """Answer rows whose object nobody has seen to be sealed."""
    there = _present(kind).where(kind.sealed_by.is_(None), kind.id.not_in(but))
    return session.scalars(there.order_by(kind.id).limit(limit)).all()


def find_under_others(
    session: Session, kind: AnySealed, master_id: str, *, limit: int, but: Collection[UUID] = ()
) -> Sequence[UUID]:
    """Answer rows whose data key is not under that master key yet."""
    there = _present(kind).where(kind.sealed_by != master_id, kind.id.not_in(but))
    return session.scalars(there.order_by(kind.id).limit(limit)).all()


def sealed_after(
    session: Session, kind: AnySealed, last: UUID | None, *, limit: int
) -> Sequence[Voicemail | NoteAttachment]:
    """Answer the sealed rows behind that one, in the order of their ids."""
    ids = _present(kind).where(kind.sealed_by.is_not(None))
    ids = ids if last is None else ids.where(kind.id > last)
    found = session.scalars(ids.order_by(kind.id).limit(limit)).all()
    return [row for row_id in found if (row := find_row(session, kind, row_id)) is not None]


def keys_of(row: Voicemail | NoteAttachment) -> list[str]:
    """Answer the keys of its objects; the last is the one that the data key is named after."""
    return all_keys(row) if isinstance(row, Voicemail) else [row.object_key]


def is_present(row: Voicemail | NoteAttachment) -> bool:
    """Tell whether its object is still meant to be there."""
    if isinstance(row, Voicemail):
        return row.status == VoicemailStatus.STORED
    return row.note_id is not None


def find_row(
    session: Session, kind: AnySealed, row_id: UUID, *, locked: bool = False
) -> Voicemail | NoteAttachment | None:
    """Answer the row, unless its object is not meant to be there any more."""
    row = session.get(kind, row_id, with_for_update=locked or None, populate_existing=locked)
    if not isinstance(row, (Voicemail, NoteAttachment)):
        return None
    return row if is_present(row) else None


def note_sealed(row: Voicemail | NoteAttachment, master_id: str, seal: Seal | None) -> None:
    """Note that its object is sealed; the copy may have an older tag than the row."""
    if isinstance(row, Voicemail) and seal is not None:
        row.seal(seal)
        row.tier_tag = None
    row.sealed_by = master_id


def note_rewrapped(session: Session, kind: AnySealed, row_id: UUID, master_id: str) -> None:
    """Note which master key its data key is under now."""
    session.execute(update(kind).where(kind.id == row_id).values(sealed_by=master_id))


def count_by_master(session: Session) -> dict[str | None, int]:
    """Answer how many objects are under each master key; None: not seen to be sealed yet."""
    counts: dict[str | None, int] = {}
    for kind in SEALED_ROWS:
        there = _present(kind).with_only_columns(kind.sealed_by, func.count())
        for master_id, count in session.execute(there.group_by(kind.sealed_by)):
            counts[master_id] = counts.get(master_id, 0) + count
    return counts


def _present(kind: AnySealed) -> Select[UUID]:
    if kind is Voicemail:
        return select(Voicemail.id).where(Voicemail.status == VoicemailStatus.STORED)
    return select(NoteAttachment.id).where(NoteAttachment.note_id.is_not(None))
