"""The verbs of taking voicemails away in one archive: what is in it, who may now, how far it is.

What is taken is given by conditions on requests, as the inbox has them, and fixed before the first
byte is sent: a list of ids, sixteen bytes each, whose digest stands in the audit trail.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import and_, delete, func, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from voiceline import audit
from voiceline.audit import Action, Deed, Subject
from voiceline.limits import limit_key, take
from voiceline.models import (
    AuditEntry,
    Business,
    Download,
    EventKind,
    PrivacyRequest,
    RequestEvent,
    User,
    Voicemail,
)
from voiceline.reach import bind
from voiceline.rules.lifecycle import VoicemailStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from voiceline.audit.deeds import Plain

    Conditions = Sequence[ColumnElement[bool]]

MANY = 500
"""Voicemails or requests: who takes more away at once proves first that they are there."""

MOST_AN_HOUR = 10
WINDOW = timedelta(hours=1)
SILENT = timedelta(minutes=2)
"""After so long without a sign of life, the process that sent it is dead."""

BATCH = 1000

AWAITED = (VoicemailStatus.PENDING, VoicemailStatus.FAILED)

_ABOUT = (Voicemail.sha256, Voicemail.size, Voicemail.status)


class Refusal(Enum):
    """Why no download begins."""

    BUSY = "busy"
    """The person has one that runs."""
    TOO_OFTEN = "too_often"


@dataclass(frozen=True)
class Plan:
    """What an archive will hold."""

    ids: bytes
    """Voicemails in their order, 16 bytes each: a hundred thousand are no burden."""
    size: int
    digest: str
    """SHA-256 over a line `<id> <sha256>` for each."""
    without: bytes = b""
    """Those of which there is no audio, not yet or not any more: listed with the reason."""

    @property
    def count(self) -> int:
        """How many messages there are."""
        return len(self.ids) // 16


@dataclass(frozen=True)
class Sent:
    """A message that went into an archive."""

    voicemail_id: UUID
    request_id: UUID


@dataclass(frozen=True)
class Taken:
    """Who last took a message away, and when."""

    by: str
    at: datetime


@dataclass(frozen=True)
class Extent:
    """How much a choice of requests covers."""

    requests: int
    voicemails: int
    """Messages with audio."""
    size: int
    """Bytes of that audio."""
    awaited: int
    """Messages whose audio we still fetch, or try to."""
    gone: int
    """Messages whose audio expired, was erased, or never was."""


def measure(session: Session, business_id: UUID, conditions: Conditions) -> Extent:
    """Answer how much these conditions cover."""
    mine = (PrivacyRequest.business_id == business_id, *conditions)
    requests = session.scalar(select(func.count()).select_from(PrivacyRequest).where(*mine))
    query = (
        select(Voicemail.status, func.count(), func.sum(Voicemail.size))
        .select_from(PrivacyRequest)
        .join(Voicemail, _of_request())
        .where(*mine)
        .group_by(Voicemail.status)
    )
    rows = session.execute(query).all()
    counts = {status: count for status, count, _ in rows}
    sizes = {status: int(size or 0) for status, _, size in rows}
    stored = VoicemailStatus.STORED
    awaited = sum(counts.get(status, 0) for status in AWAITED)
    voicemails = counts.get(stored, 0)
    gone = sum(counts.values()) - voicemails - awaited
    return Extent(requests or 0, voicemails, sizes.get(stored, 0), awaited, gone)


def make_plan(sessions: Callable[[], Session], business_id: UUID, conditions: Conditions) -> Plan:
    """Fix what is taken, oldest first, a piece at a time."""
    ids, without, size, digest = bytearray(), bytearray(), 0, hashlib.sha256()
    after: tuple[Any, ...] | None = None
    while True:
        with bind(sessions(), business_id) as session:
            rows = session.execute(_piece(business_id, conditions, after)).all()
        for _, _, voicemail_id, sha256, bytes_, status in rows:
            if status != VoicemailStatus.STORED:
                without += voicemail_id.bytes
                continue
            ids += voicemail_id.bytes
            size += bytes_ or 0
            digest.update(f"{voicemail_id} {sha256}\n".encode())
        if len(rows) < BATCH:
            return Plan(bytes(ids), size, digest.hexdigest(), bytes(without))
        after = tuple(rows[-1][:3])


def begin(
    session: Session, business: Business, user: User, plan: Plan, *, secret: str, at: datetime
) -> Download | Refusal:
    """Write down that the archive is taken, before its first byte, or answer why it is not."""
    _end_silent(session, business, user, at)
    download = Download(
        business_id=business.id,
        user_id=user.id,
        voicemails=plan.count,
        size=plan.size,
        started_at=at,
        seen_at=at,
    )
    try:
        with session.begin_nested():
            session.add(download)
    except IntegrityError:
        return Refusal.BUSY
    key = limit_key("download", str(user.id), secret)
    if not take(session, key=key, allowance=MOST_AN_HOUR, window=WINDOW, at=at):
        session.delete(download)
        return Refusal.TOO_OFTEN
    facts: dict[str, Plain] = {
        "download": str(download.id),
        "voicemails": plan.count,
        "digest": plan.digest,
    }
    subject, by = audit.about(business), audit.staff(user)
    deed = Deed(business.id, Action.VOICEMAILS_DOWNLOADED, by, at, subject, facts)
    audit.write(session, deed)
    return download


def note_sent(
    session: Session, download: Download, user: User, sent: Sequence[Sent], *, at: datetime
) -> None:
    """Prove that these messages were sent: as a copy that stays, if the archive is whole.

    What was cut off before its end can hardly be opened: nobody should count on it when ours
    expires. That its voices left the house is proven all the same.
    """
    by, business_id = audit.staff(user), download.business_id
    whole = download.whole_at is not None
    if whole:
        event = {"business_id": business_id, "kind": EventKind.DOWNLOADED}
        event |= {"at": at, "user_id": user.id}
        rows = [event | {"id": uuid4(), "request_id": each.request_id} for each in sent]
        session.execute(insert(RequestEvent), rows)
    action = Action.VOICEMAIL_DOWNLOADED if whole else Action.VOICEMAIL_DOWNLOAD_CUT_OFF
    subjects = [Subject("voicemail", each.voicemail_id, each.request_id) for each in sent]
    audit.write(session, *(Deed(business_id, action, by, at, about) for about in subjects))


def note_progress(session: Session, download: Download, *, at: datetime) -> None:
    """Write down how far it is, as a sign of life."""
    reached = {
        "done": download.done,
        "done_size": download.done_size,
        "problems": download.problems,
        "seen_at": at,
    }
    if download.ended_at is not None:
        # Not otherwise: while its reader paused, it may have been taken for dead and ended.
        reached |= {"ended_at": download.ended_at, "whole_at": download.whole_at}
    session.execute(
        update(Download)
        .where(Download.id == download.id)
        .values(reached)
        .execution_options(synchronize_session=False)
    )


def newest_download(session: Session, business_id: UUID, user: User) -> Download | None:
    """Answer the person's newest download of the business."""
    mine = (Download.business_id == business_id, Download.user_id == user.id)
    query = select(Download).where(*mine).order_by(Download.started_at.desc()).limit(1)
    return session.scalar(query)


def forget_downloads(session: Session, *, before: datetime) -> int:
    """Delete what is noted of archives of before then; the trail keeps who took what away."""
    old = delete(Download).where(Download.seen_at < before)
    return len(session.scalars(old.returning(Download.id)).all())


def last_taken(
    session: Session, business_id: UUID, voicemail_ids: Sequence[UUID]
) -> dict[UUID, Taken]:
    """Answer, for each message somebody took away, who last did and when."""
    rows = session.execute(
        select(AuditEntry.subject_id, User.name, AuditEntry.at)
        .join(User, User.id == AuditEntry.actor_id)
        .where(
            AuditEntry.business_id == business_id,
            AuditEntry.subject_id.in_(voicemail_ids),
            AuditEntry.action == Action.VOICEMAIL_DOWNLOADED.value,
        )
        .order_by(AuditEntry.sequence)
    )
    return {voicemail_id: Taken(name, at) for voicemail_id, name, at in rows}


def _of_request() -> ColumnElement[bool]:
    return and_(
        Voicemail.call_id == PrivacyRequest.call_id,
        Voicemail.business_id == PrivacyRequest.business_id,
        Voicemail.status != VoicemailStatus.REPLACED,
    )


def _piece(
    business_id: UUID, conditions: Conditions, after: tuple[Any, ...] | None
) -> Select[Any, Any, Any, Any, Any, Any]:
    table = PrivacyRequest
    query = (
        select(*(table.received_at, table.id, Voicemail.id), *_ABOUT)
        .join(Voicemail, _of_request())
        .where(table.business_id == business_id, *conditions)
        .order_by(table.received_at, table.id, Voicemail.id)
        .limit(BATCH)
    )
    if after is None:
        return query
    # The second says no more than the first, but of one table, whose index it can be read from.
    return query.where(
        tuple_(table.received_at, table.id, Voicemail.id) > after,
        tuple_(table.received_at, table.id) >= after[:2],
    )


def _end_silent(session: Session, business: Business, user: User, at: datetime) -> None:
    session.execute(
        update(Download)
        .where(
            Download.business_id == business.id,
            Download.user_id == user.id,
            Download.ended_at.is_(None),
            Download.seen_at < at - SILENT,
        )
        .values(ended_at=Download.seen_at)
        .execution_options(synchronize_session=False)
    )
