"""The takes of a call, locked in the one order that all keep who write to several of them.

What is made of a message comes first, then the messages by their ids, then the call and its
request. Who took them otherwise could wait for somebody who waits for them, and PostgreSQL would
stop one of the two in the middle of its work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from voiceline.models import DerivedAudio, Voicemail

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session


def hold_takes(session: Session, call_id: UUID | None) -> Sequence[Voicemail]:
    """Answer the messages of a call, read anew; nobody writes to them before this transaction ends.

    A request that came without a call has none.
    """
    mine = Voicemail.call_id == call_id
    made = select(DerivedAudio.id).join(Voicemail).where(mine)
    session.execute(made.order_by(DerivedAudio.id).with_for_update(of=DerivedAudio))
    return session.scalars(
        select(Voicemail)
        .where(mine)
        .order_by(Voicemail.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
