"""The job that compares rows and objects each night, in both directions, and mends what it can.

A page at a time, and how far it is stands in a row: whoever is killed goes on from there, and of
two jobs at once each page is done twice at most, to the same end. Nothing is locked while others
answer.
"""

from __future__ import annotations

import hashlib
import time
from itertools import groupby
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select

from jobs.claimed import now
from jobs.deleting import delete_seen
from jobs.excused import excused
from jobs.process import offer, services
from jobs.stray_claims import claim
from voiceline import clock, strays
from voiceline.alarms import Alarm, alarm, tell_people
from voiceline.errors import (
    MissingObjectError,
    ObjectConflictError,
    PermanentFailure,
    TemporaryFailure,
)
from voiceline.models import DeliveryKind, PrivacyRequest, Role
from voiceline.sealing import note_sealed
from voiceline.strays import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.models import Voicemail
    from voiceline.strays import Found

log = structlog.get_logger()

PAGE = 500
ROWS = 100
ROUND_SECONDS = 20.0
AUDIO = "audio/x-wav"


@excused("compare_store")
def compare_store() -> None:
    """Go on with tonight's comparison for as long as a round may take."""
    walk(services(), until=time.monotonic() + ROUND_SECONDS)


def walk(built: Services, *, until: float, anew: bool = False) -> bool:
    """Compare until then; tell whether the walk is through."""
    while time.monotonic() < until:
        with built.sessions.begin() as session:
            part, after = strays.begin(session, at=now(), anew=anew)
        if not part:
            return True
        anew = False
        mark = _take_page(built, part, after)
        with built.sessions.begin() as session:
            if not strays.move(session, part, after, mark, at=now()):
                return False  # another job does it at this moment
    return False


def _take_page(built: Services, part: str, after: str) -> str | None:
    """Do a page of the part; answer where it ended, or None at its end."""
    what, _, prefix = part.partition(" ")
    if what == "rows":
        return _look_for_objects(built, after)
    if what == "strays":
        return _end_strays(built, after)
    listed = built.store.listed if what == "objects" else built.store.keys.names
    page = listed(prefix, after=after, limit=PAGE)
    if not page:
        return None
    with built.sessions.begin() as session:
        unknown = strays.note_strays(session, {each.key for each in page}, at=now())
        if any(key.startswith(strays.VOICEMAILS) for key in unknown):
            alarm(session, Alarm.STRAYS, {}, at=now())
    for key in unknown:
        log.warning("store.stray_found", object=key)
    return page[-1].mark


def _look_for_objects(built: Services, after: str) -> str | None:
    with built.sessions.begin() as session:
        rows = strays.stored_after(session, after, at=now(), limit=ROWS)
    if not rows:
        return None
    there = [row.id for row in rows if _is_there(built, row)]
    absent = [row for row in rows if row.id not in set(there)]
    lost = [row.id for row in absent if not _refetch(built, row)]
    with built.sessions.begin() as session:
        strays.note_found(session, there)
        _tell_of(session, strays.note_missed(session, lost, at=now()), at=now())
    return str(rows[-1].id)


def _is_there(built: Services, row: Voicemail) -> bool:
    """Tell whether the audio can be opened; a store that fails raises its failure."""
    key = row.object_key or ""
    try:
        built.store.size(key)
    except MissingObjectError:
        # a bucket that is gone as a whole says the same of one object, and not of its list
        built.store.listed(key, limit=1)
        return False
    return True


def _refetch(built: Services, row: Voicemail) -> bool:
    """Put back what the carrier still has; False where it is lost."""
    key = row.object_key or ""
    try:
        audio = built.recordings.fetch(row.carrier_id)
    except TemporaryFailure as failure:
        log.warning("voicemail.not_refetched", voicemail=row.id, error=failure)
        return True  # nobody knows yet: the next night asks again
    except PermanentFailure:
        return False
    if hashlib.sha256(audio).hexdigest() != row.sha256:
        return False
    with built.sessions() as session:
        tags = session.merge(row, load=False).store_tags
    try:
        stored = built.store.put(key, audio, content_type=AUDIO, tags=tags)
    except ObjectConflictError:  # a sealed object whose key is lost: nobody opens it any more
        built.store.delete(key)
        stored = built.store.put(key, audio, content_type=AUDIO, tags=tags)
    with built.sessions.begin() as session:
        held = strays.hold_stored(session, row.id)
        if held is None:
            built.store.delete(key)
            return True
        held.missed_at, master_id = None, built.store.keys.master_id
        note_sealed(held, master_id, stored.seal)
        if held.derived is not None:  # with the key that may have been lost went the MP3's
            held.derived.make_again(now())
    log.warning("voicemail.refetched", voicemail=row.id)
    return True


def _end_strays(built: Services, after: str) -> str | None:
    with built.sessions.begin() as session:
        at = clock.moment(session, process=now())
        found = strays.strays_after(session, after, limit=ROWS)
    if not found or at is None:
        return None
    for each in found:
        try:
            if _end(built, each, at):
                with built.sessions.begin() as session:
                    strays.forget_stray(session, each.key)
        except (TemporaryFailure, PermanentFailure) as failure:
            log.warning("store.stray_not_ended", object=each.key, error=failure)
    return found[-1].key


def _end(built: Services, found: Found, at: datetime) -> bool:
    """Claim the stray, or delete it when its time is over; tell whether it is one no more."""
    if found.standing == Standing.WANTED:
        return True
    if found.standing == Standing.UNKNOWN and (owed := claim(built, found.key)):
        offer("collect", [owed])
        return True
    if not strays.is_over(found, at) or not delete_seen(built.store, found.key):
        return False
    log.warning("store.stray_deleted", object=found.key, standing=found.standing.value)
    return True


def _tell_of(session: Session, rows: Sequence[Voicemail], *, at: datetime) -> None:
    """Tell each business's owners, and the operator, of what was lost: once."""
    by_business = sorted(rows, key=lambda row: row.business_id)
    for business_id, theirs in groupby(by_business, key=lambda row: row.business_id):
        facts = _facts(session, list(theirs))
        about, roles = f"missing/{facts.pop('first')}", (Role.OWNER,)
        tell_people(session, business_id, roles, DeliveryKind.ALARM, about, facts, at=at)
    if rows:
        facts = _facts(session, rows)
        alarm(session, Alarm.MISSING, facts, at=at, of=facts.pop("first"))
        log.error("voicemails.missing", count=len(rows))


def _facts(session: Session, rows: Sequence[Voicemail]) -> dict[str, str]:
    calls = [row.call_id for row in rows]
    known = select(PrivacyRequest.call_id, PrivacyRequest.reference).where(
        PrivacyRequest.call_id.in_(calls)
    )
    references: dict[UUID | None, str] = {call: name for call, name in session.execute(known)}  # noqa: C416
    lines = [
        f"{references.get(row.call_id, row.id)}, left on {row.recorded_at:%d %b %Y %H:%M} UTC"
        for row in rows
    ]
    first = min(row.id for row in rows).hex
    facts = {"about": Alarm.MISSING.value, "count": str(len(rows)), "first": first}
    return facts | {"which": "\n".join(lines)}
