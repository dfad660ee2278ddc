"""The job that lets go of voicemails which were kept as long as their tier promises.

They are taken on, deleted, seen to be gone, and only then marked: whoever is killed on the way
leaves what the next round goes on with.
"""

from __future__ import annotations

import time
from itertools import groupby
from typing import TYPE_CHECKING

import structlog

from jobs.claimed import now
from jobs.deleting import delete_seen
from jobs.excused import excused
from jobs.process import services
from voiceline import clock, expiry
from voiceline.alarms import Alarm, alarm
from voiceline.errors import PermanentFailure, TemporaryFailure

if TYPE_CHECKING:
    from uuid import UUID

    from voiceline.bootstrap import Services
    from voiceline.expiry import Taken

log = structlog.get_logger()

BATCH = 100
MARKED = 25
"""Marked in one transaction: meanwhile nobody else of the business writes to its trail."""

ROUND_SECONDS = 20.0
"""How long one run works, so that the sweeper never waits long behind it."""

STAYED = "the store says that it deleted, and the object is still there"


@excused("expire")
def expire() -> None:
    """Delete what is older than its tier's period by the database's clock, if that is believed."""
    built = services()
    with built.sessions.begin() as session:
        at = clock.moment(session, process=now())
    if at is None:
        log.error("expiry.clock_doubted")
        return
    left: dict[UUID, str] = {}
    done = 0
    until = time.monotonic() + ROUND_SECONDS
    while time.monotonic() < until:
        with built.sessions.begin() as session:
            taken = expiry.take(session, at=at, limit=BATCH, but=left)
        if not taken:
            break
        done += _mark(built, [each for each in taken if _is_gone(built, each, left, until)])
    if left:
        _tell(built, next(iter(left.values())))
    if done or left:
        log.info("voicemails.expired", count=done, lost=len(left))


def _is_gone(built: Services, taken: Taken, left: dict[UUID, str], until: float) -> bool:
    """Delete the objects and look; one that fails is passed over, or it would bar all others."""
    if time.monotonic() > until:
        return False  # it is taken on: the next round goes on with it
    try:
        # what stays keeps none of the others
        if not [key for key in taken.keys if not delete_seen(built.store, key)]:
            return True
        left[taken.id] = STAYED
    except (TemporaryFailure, PermanentFailure) as failure:
        left[taken.id] = str(failure)
    log.warning("voicemail.not_expired", voicemail=taken.id, error=left[taken.id])
    return False


def _mark(built: Services, gone: list[Taken]) -> int:
    done = 0
    by_business = sorted(gone, key=lambda each: each.business_id)
    for _, theirs in groupby(by_business, key=lambda each: each.business_id):
        ids = [each.id for each in theirs]
        for start in range(0, len(ids), MARKED):
            with built.sessions.begin() as session:
                at = clock.database_now(session)
                done += expiry.let_go(session, ids[start : start + MARKED], at=at)
    return done


def _tell(built: Services, reason: str) -> None:
    with built.sessions.begin() as session:
        if count := expiry.count_stuck(session, at=clock.database_now(session)):
            facts = {"count": str(count), "reason": reason[:300]}
            alarm(session, Alarm.UNDELETED, facts, at=now())
