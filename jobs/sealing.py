"""The job that seals what was stored before there were keys, and sees that the rest is sealed.

The sealed copy is written, read back, opened and compared before the plain one goes; wherever this
dies, the next round goes on. What went meanwhile is deleted again, and its new key with it.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from jobs.excused import excused
from jobs.process import services
from voiceline import sealing
from voiceline.errors import MissingObjectError, PermanentFailure, TemporaryFailure

if TYPE_CHECKING:
    from uuid import UUID

    from voiceline.bootstrap import Services
    from voiceline.sealing import AnySealed

BATCH = 200
ROUND_SECONDS = 20.0

log = structlog.get_logger()


@excused("seal")
def seal() -> None:
    """Seal what is not, for as long as a round may take."""
    built, until = services(), time.monotonic() + ROUND_SECONDS
    for kind in sealing.SEALED_ROWS:
        done = 0
        failed: set[UUID] = set()
        while time.monotonic() < until:
            with built.sessions.begin() as session:
                found = sealing.find_unsealed(session, kind, limit=BATCH, but=failed)
            if not found:
                break
            for row_id in found:
                if time.monotonic() > until:
                    break
                if _seal_one(built, kind, row_id):
                    done += 1
                else:
                    failed.add(row_id)
        if done or failed:
            log.info("objects.sealed", table=kind.__tablename__, count=done, lost=len(failed))


def _seal_one(built: Services, kind: AnySealed, row_id: UUID) -> bool:
    with built.sessions.begin() as session:
        row = sealing.find_row(session, kind, row_id)
        keys = sealing.keys_of(row) if row is not None else []
    if not keys:
        return True
    try:
        for derived in keys[:-1]:
            with suppress(MissingObjectError):
                built.store.seal(derived)
        sealed = built.store.seal(keys[-1])
        master_id = built.store.keys.wrapped_by(keys[-1])
    except (TemporaryFailure, PermanentFailure) as failure:
        log.warning("object.not_sealed", row=row_id, error=failure)
        return False
    with built.sessions.begin() as session:
        row = sealing.find_row(session, kind, row_id, locked=True)
        if row is not None:
            sealing.note_sealed(row, master_id, sealed)
        else:
            for key in keys:
                built.store.delete(key)
    return True
