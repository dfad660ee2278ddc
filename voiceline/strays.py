"""The verbs of the nightly comparison of rows and objects, in both directions.

A row without its object: mended from the carrier while that still has the recording, else told of.
An object without a row, or a data key without one: it has its time to be claimed, then it goes.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import selectinload

from voiceline.attachments import KEYS as NOTES
from voiceline.database import insert_once
from voiceline.models import NoteAttachment, StoreWalk, Stray, Tombstone, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.retention import ENDED_KEPT, UNKNOWN_KEPT
from voiceline.voicemails import object_key

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

ONE = 1
"""The id of the only walk."""

EVERY = timedelta(hours=23)
"""Once a night, though one begins a little sooner than the last."""

LATE = timedelta(hours=50)
"""After this long without an end, something is wrong with it."""

VOICEMAILS, PROBES = "rec/", "probe/"
PREFIXES = (NOTES, PROBES, VOICEMAILS)
"""What is ours in a store; whatever else lies there is somebody else's."""

PARTS = (
    *(f"objects {prefix}" for prefix in PREFIXES),
    *(f"keys {prefix}" for prefix in PREFIXES),
    *("rows", "strays"),
)
"""What one walk goes through, in this order."""

NEXT = dict(pairwise((*PARTS, "")))

UNSETTLED = {VoicemailStatus.PENDING, VoicemailStatus.FAILED, VoicemailStatus.REPLACED}
"""The row owes something of the object still: to take it on, or to erase it."""


MISSED = (Voicemail.status == VoicemailStatus.STORED, Voicemail.missed_at.is_not(None))
MOST_NAMED = 1000


class Standing(StrEnum):
    """How the rows stand to an object."""

    WANTED = "wanted"
    ENDED = "ended"
    """Its row says that it is gone."""
    UNKNOWN = "unknown"
    """No row ever spoke of it: the database may be older than the object."""


KEPT = {Standing.ENDED: ENDED_KEPT, Standing.UNKNOWN: UNKNOWN_KEPT}


@dataclass(frozen=True)
class Found:
    """A stray, when it was first seen, and what the rows say of it now."""

    key: str
    seen_at: datetime
    standing: Standing


def begin(session: Session, *, at: datetime, anew: bool = False) -> tuple[str, str]:
    """Answer the part and the mark to go on from; a new walk begins once a night, or `anew`."""
    first = insert_once(session, StoreWalk).values(id=ONE, began_at=at, part=PARTS[0], after="")
    session.execute(first)
    walk = session.scalars(select(StoreWalk).with_for_update()).one()
    if not walk.part and (anew or at >= walk.began_at + EVERY):
        walk.began_at, walk.part, walk.after = at, PARTS[0], ""
    return walk.part, walk.after


def move(session: Session, part: str, after: str, mark: str | None, *, at: datetime) -> bool:
    """Go on behind that mark, or to the next part; False where another job did before."""
    to = part if mark is not None else NEXT[part]
    ended = {} if to else {"ended_at": at}
    moved = session.scalar(
        update(StoreWalk)
        .where(StoreWalk.part == part, StoreWalk.after == after)
        .values(part=to, after=mark or "", **ended)
        .returning(StoreWalk.id)
    )
    return moved is not None


def standings(session: Session, keys: Collection[str]) -> dict[str, Standing]:
    """Answer for each key how the rows stand to it."""
    found = dict.fromkeys(keys, Standing.UNKNOWN)
    rows = _voicemails(session, [key for key in keys if key.startswith(VOICEMAILS)])
    files = _attachments(session, [key for key in keys if key.startswith(NOTES)])
    for key in keys:
        if key.startswith(PROBES):
            found[key] = Standing.ENDED
        elif key in files:
            found[key] = Standing.WANTED
        elif (row := rows.get(recording_of(key))) is not None:
            found[key] = _standing(row, key)
    return found


def note_strays(session: Session, keys: Collection[str], *, at: datetime) -> list[str]:
    """Note those that no row wants, once each; answer the new ones that no row ever spoke of."""
    found = standings(session, keys)
    rows = [{"key": key, "seen_at": at} for key in found if found[key] != Standing.WANTED]
    if not rows:
        return []
    new = session.scalars(insert_once(session, Stray).values(rows).returning(Stray.key))
    return [key for key in new if found[key] == Standing.UNKNOWN]


def strays_after(session: Session, after: str, *, limit: int) -> list[Found]:
    """Answer the strays behind that key, and how the rows stand to them now."""
    query = select(Stray).where(Stray.key > after).order_by(Stray.key).limit(limit)
    rows = session.scalars(query).all()
    now = standings(session, [row.key for row in rows])
    return [Found(row.key, row.seen_at, now[row.key]) for row in rows]


def is_over(found: Found, at: datetime) -> bool:
    """Tell whether its time to be claimed is over."""
    return found.standing in KEPT and at > found.seen_at + KEPT[found.standing]


def forget_stray(session: Session, key: str) -> None:
    """Forget a stray that is gone, or that a row wants by now."""
    session.execute(delete(Stray).where(Stray.key == key))


def stored_after(session: Session, after: str, *, at: datetime, limit: int) -> Sequence[Voicemail]:
    """Answer voicemails whose audio must be there, behind that id.

    Not what is over by its age; nor what was erased, though the row of a restored dump says that it
    is there: it is not lost, and must not be fetched again.
    """
    query = select(Voicemail).where(
        Voicemail.id.not_in(select(Tombstone.row_id)),
        Voicemail.status == VoicemailStatus.STORED,
        Voicemail.going_at.is_(None),
        or_(
            Voicemail.expires_at.is_(None),
            Voicemail.expires_at >= at,
            Voicemail.held,
            Voicemail.held_back,
        ),
    )
    if after:
        query = query.where(Voicemail.id > UUID(after))
    return session.scalars(query.order_by(Voicemail.id).limit(limit)).all()


def note_missed(session: Session, ids: Collection[UUID], *, at: datetime) -> list[Voicemail]:
    """Note that the audio of these is lost; answer those of which nobody knew."""
    rows = _hold(session, ids)
    new = [row for row in rows if row.missed_at is None]
    for row in new:
        row.missed_at = at
    return new


def note_found(session: Session, ids: Collection[UUID]) -> None:
    """Note that the audio of these is there (again)."""
    missed = (Voicemail.id.in_(ids), Voicemail.missed_at.is_not(None))
    session.execute(update(Voicemail).where(*missed).values(missed_at=None))


def hold_stored(session: Session, voicemail_id: UUID) -> Voicemail | None:
    """Lock the voicemail if its audio must still be there."""
    return next(iter(_hold(session, [voicemail_id])), None)


def counts(session: Session) -> tuple[int, int, datetime | None]:
    """Answer how many voicemails are missed, how many strays there are, and the last walk's end."""
    lost = session.scalar(select(func.count()).select_from(Voicemail).where(*MISSED)) or 0
    strays = session.scalar(select(func.count()).select_from(Stray)) or 0
    return lost, strays, session.scalar(select(StoreWalk.ended_at))


def began(session: Session) -> datetime | None:
    """Answer when the last walk began."""
    return session.scalar(select(StoreWalk.began_at))


def missed(session: Session, *, limit: int = MOST_NAMED) -> Sequence[Voicemail]:
    """Answer voicemails whose audio is lost, the first ones found first."""
    query = select(Voicemail).where(*MISSED).order_by(Voicemail.missed_at, Voicemail.id)
    return session.scalars(query.limit(limit)).all()


def kept(session: Session, *, limit: int = MOST_NAMED) -> Sequence[Stray]:
    """Answer strays that may still be claimed, the first ones found first."""
    query = select(Stray).order_by(Stray.seen_at, Stray.key)
    return session.scalars(query.limit(limit)).all()


def write_metrics(session: Session) -> str:
    """Write the figures as Prometheus reads them."""
    lost, strays, ended_at = counts(session)
    figures = (
        ("voiceline_voicemails_missing", "Voicemails whose audio is lost.", lost),
        ("voiceline_store_strays", "Objects or data keys that no row wants.", strays),
        (
            "voiceline_store_compared_timestamp_seconds",
            "When rows and objects were compared last.",
            int(ended_at.timestamp()) if ended_at else 0,
        ),
    )
    return "".join(
        f"# HELP {name} {what}\n# TYPE {name} gauge\n{name} {value}\n"
        for name, what, value in figures
    )


def recording_of(key: str) -> str:
    """Answer the carrier's id in a key, `.../RE123.wav` or `.../RE123-0f3c.wav`."""
    return key.rpartition("/")[2].partition(".")[0].partition("-")[0]


def _hold(session: Session, ids: Collection[UUID]) -> Sequence[Voicemail]:
    return session.scalars(
        select(Voicemail)
        .where(
            Voicemail.id.in_(ids),
            Voicemail.id.not_in(select(Tombstone.row_id)),
            Voicemail.status == VoicemailStatus.STORED,
            Voicemail.going_at.is_(None),
        )
        .order_by(Voicemail.id)
        .with_for_update(of=Voicemail)
        .execution_options(populate_existing=True)
    ).all()


def _standing(row: Voicemail, key: str) -> Standing:
    if row.status in UNSETTLED:
        return Standing.WANTED
    wav = f"{key.removesuffix('.mp3')}.wav" if key.endswith(".mp3") else key
    if wav != object_key(row):
        return Standing.UNKNOWN  # bytes of another origin, beside its own
    if row.status == VoicemailStatus.STORED and (key == wav or row.derived is not None):
        return Standing.WANTED
    return Standing.ENDED


def _voicemails(session: Session, keys: Collection[str]) -> dict[str, Voicemail]:
    """Answer the rows by the carrier's id, which the keys end with."""
    if not keys:
        return {}
    rows = session.scalars(
        select(Voicemail)
        .where(Voicemail.carrier_id.in_({recording_of(key) for key in keys}))
        .options(selectinload(Voicemail.derived))
    )
    return {row.carrier_id: row for row in rows}


def _attachments(session: Session, keys: Collection[str]) -> set[str]:
    ids = []
    for key in keys:
        with suppress(ValueError):
            ids.append(UUID(key.rpartition("/")[2]))
    if not ids:
        return set()
    query = select(NoteAttachment.object_key).where(NoteAttachment.id.in_(ids))
    return set(session.scalars(query))
