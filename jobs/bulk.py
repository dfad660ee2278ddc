"""Many requests at once, where they are too many for somebody to wait: in slices, told as it goes.

On the queue of mail: somebody looks at the page and waits, while a mail may come a minute later;
and the sweeper, which offers what was interrupted again, must not stand behind it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from jobs.claimed import now, work_off
from jobs.process import offer, services
from voiceline import bulk, outbox
from voiceline.models import BulkAction

if TYPE_CHECKING:
    from voiceline.bootstrap import Services

SLICE = timedelta(seconds=20)
"""Then the queue's mail has its turn."""


def act_in_bulk(bulk_id: str) -> None:
    """Do the next part of an act; what is left is offered again at once."""
    work_off(services(), BulkAction, bulk_id, _advance)


def _advance(built: Services, action: BulkAction) -> None:
    if bulk.work(built.sessions, action, now, until=now() + SLICE):
        return
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, BulkAction, action.id, action.claim)
        if held is None:
            return
        held.claim, held.due_at, held.attempts = None, now(), 0
    offer("act_in_bulk", [action.id])
