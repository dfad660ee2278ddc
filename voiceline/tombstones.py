"""The verbs of tombstones: what was erased stays so, also when an older dump is restored.

A restored dump lacks the newest of them: they are written out beside it, and read in again.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from voiceline.audit.encoding import canonical, moment
from voiceline.database import insert_once
from voiceline.errors import UserError
from voiceline.models import Grave, Tombstone, Transcript, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy.orm import Session


def bury(session: Session, voicemail_id: UUID, at: datetime) -> None:
    """Note that it is erased for good; the first time counts."""
    _write(session, voicemail_id, Grave.VOICEMAIL, at)


def is_buried(session: Session, voicemail_id: UUID) -> bool:
    """Tell whether erasing it has begun, at some time."""
    return session.get(Tombstone, voicemail_id) is not None


def write_out(session: Session) -> Iterator[str]:
    """Answer all there are, oldest first, each a line of JSON."""
    order = Tombstone.erased_at, Tombstone.row_id
    for each in session.scalars(select(Tombstone).order_by(*order)):
        yield canonical(
            {"at": moment(each.erased_at), "id": str(each.row_id), "kind": each.kind.value}
        )


def read_in(session: Session, lines: Iterable[str]) -> int:
    """Take in what `write_out` wrote; answer how many lines there were. Twice is once."""
    count = 0
    for line in filter(str.strip, lines):
        count += 1
        try:
            said = json.loads(line)
            row_id, kind = UUID(said["id"]), Grave(said["kind"])
            at = datetime.fromisoformat(said["at"])
            _write(session, row_id, kind, at)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UserError(f"Line {count} is not a tombstone; nothing was taken in.") from None
    return count


def find_risen(session: Session) -> Sequence[UUID]:
    """Answer the voicemails that were erased and are here again, with audio or a draft."""
    there = (VoicemailStatus.STORED, VoicemailStatus.REPLACED)
    drafted = select(Transcript.voicemail_id).where(Transcript.text.is_not(None))
    risen = Voicemail.status.in_(there) | Voicemail.id.in_(drafted)
    buried = select(Tombstone.row_id).where(Tombstone.kind == Grave.VOICEMAIL)
    return session.scalars(
        select(Voicemail.id).where(Voicemail.id.in_(buried), risen).order_by(Voicemail.id)
    ).all()


def _write(session: Session, row_id: UUID, kind: Grave, at: datetime) -> None:
    row = insert_once(session, Tombstone).values(row_id=row_id, kind=kind, erased_at=at)
    session.execute(row)
