"""The job that deletes files nobody's note has: whoever uploaded them died half-way.

Marked first, then the object, then the row: wherever this dies, the next round goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from jobs.claimed import now
from jobs.excused import excused
from jobs.process import services
from voiceline.attachments import abandoned_key, forget_file, give_up_abandoned
from voiceline.errors import PermanentFailure, TemporaryFailure

if TYPE_CHECKING:
    from uuid import UUID

    from voiceline.bootstrap import Services

BATCH = 200

log = structlog.get_logger()


@excused("sweep_attachments")
def sweep_attachments() -> None:
    """Delete what was offered for a note over an hour ago and is part of none."""
    built = services()
    done = 0
    failed: set[UUID] = set()
    while len(failed) < BATCH:
        with built.sessions.begin() as session:
            found = give_up_abandoned(session, at=now(), limit=BATCH, but=failed)
        if not found:
            break
        for file_id in found:
            if _sweep(built, file_id):
                done += 1
            else:
                failed.add(file_id)
    if done or failed:
        log.info("attachments.swept", count=done, lost=len(failed))


def _sweep(built: Services, file_id: UUID) -> bool:
    with built.sessions.begin() as session:
        key = abandoned_key(session, file_id)
    if key is None:
        return True
    try:
        built.store.delete(key)
    except (TemporaryFailure, PermanentFailure) as failure:
        log.warning("attachment.not_swept", attachment=file_id, error=failure)
        return False
    with built.sessions.begin() as session:
        forget_file(session, file_id)
    return True
