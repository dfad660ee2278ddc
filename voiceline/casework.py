"""The verbs of working on requests: find one, read it with all that belongs to it, note who heard.

Nothing here is found without its business, and what belongs to another business is missing. The
caller of a verb commits.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.errors import NotFoundError
from voiceline.models import (
    EventKind,
    PrivacyRequest,
    RequestedRight,
    RequestEvent,
    Transcript,
    User,
    Voicemail,
)
from voiceline.reading import note_read
from voiceline.rules.lifecycle import VoicemailStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.audit import Actor
    from voiceline.models import AccessGrant
    from voiceline.rules.rights import Right

LONGEST_HISTORY = 200
HEARD = (EventKind.LISTENED, EventKind.DOWNLOADED)

_GIVEN_WAY = (VoicemailStatus.REPLACED, VoicemailStatus.ERASED)


@dataclass(frozen=True)
class Message:
    """A voicemail with the newest draft of what it says, if one is owed."""

    voicemail: Voicemail
    transcript: Transcript | None


@dataclass(frozen=True)
class HistoryLine:
    """One thing that happened to a request."""

    kind: EventKind
    at: datetime
    by: str | None
    """A colleague's name; None when the line itself did it."""
    right: Right | None = None
    """The right it was about, as it is named now; None: the whole request, or nobody named it."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What was decided, in plain values."""
    id: UUID | None = None
    by_id: UUID | None = None


def find_request(session: Session, business_id: UUID, request_id: UUID) -> PrivacyRequest:
    """Answer the business's request with its rights, code, call and who asks, or NotFoundError.

    The rights come with the full records of their dates, for "Why this date?".
    """
    request = session.scalar(
        select(PrivacyRequest)
        .where(PrivacyRequest.business_id == business_id, PrivacyRequest.id == request_id)
        .options(
            joinedload(PrivacyRequest.service_code),
            joinedload(PrivacyRequest.call),
            joinedload(PrivacyRequest.requester),
            selectinload(PrivacyRequest.rights).undefer(RequestedRight.due_records),
        )
    )
    if request is None:
        raise NotFoundError("no such request")
    return request


def messages_of(session: Session, request: PrivacyRequest) -> list[Message]:
    """Answer what the caller left, the latest take first, with each one's newest draft.

    Takes that gave way to a later one are left out; where nothing else is left, the latest of
    them is answered, for its end is what there is to tell.
    """
    if request.call_id is None:
        return []
    voicemails = session.scalars(
        select(Voicemail)
        .where(Voicemail.business_id == request.business_id, Voicemail.call_id == request.call_id)
        .options(joinedload(Voicemail.derived))
        .order_by(Voicemail.take.desc().nulls_last(), Voicemail.recorded_at.desc(), Voicemail.id)
    ).all()
    standing = [each for each in voicemails if each.status not in _GIVEN_WAY] or voicemails[:1]
    drafts = _newest_drafts(session, standing)
    return [Message(each, drafts.get(each.id)) for each in standing]


def find_message(
    session: Session, request: PrivacyRequest, voicemail_id: UUID | None = None
) -> Message:
    """Answer one message of the request, the latest unless named, or raise NotFoundError."""
    for message in messages_of(session, request):
        if voicemail_id in {None, message.voicemail.id}:
            return message
    raise NotFoundError("no such voicemail")


def history_of(session: Session, request: PrivacyRequest) -> list[HistoryLine]:
    """Answer what happened to the request, newest first, the newest 200 of it."""
    rows = session.execute(
        select(
            *(RequestEvent.kind, RequestEvent.at, User.name, RequestedRight.right),
            *(RequestEvent.facts, RequestEvent.id, RequestEvent.user_id),
        )
        .outerjoin(User, User.id == RequestEvent.user_id)
        .outerjoin(RequestedRight, RequestedRight.id == RequestEvent.right_id)
        .where(RequestEvent.request_id == request.id)
        .order_by(RequestEvent.at.desc(), RequestEvent.id)
        .limit(LONGEST_HISTORY)
    )
    lines = [
        HistoryLine(kind, at, who, right, facts or {}, id_, by_id)
        for kind, at, who, right, facts, id_, by_id in rows
    ]
    return _with_names(session, lines)


def _with_names(session: Session, lines: list[HistoryLine]) -> list[HistoryLine]:
    """Name the colleagues whom the entries know by their ids."""
    given = [line.facts.get("to") for line in lines if line.kind == EventKind.ASSIGNED]
    ids = {UUID(to) for to in given if to}
    if not ids:
        return lines
    found = session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    names = {str(id_): {"name": name} for id_, name in found}
    return [
        replace(line, facts={**line.facts, **names.get(str(line.facts.get("to")), {})})
        for line in lines
    ]


def note_opened(
    session: Session,
    request: PrivacyRequest,
    user: User,
    at: datetime,
    grant: AccessGrant | None = None,
) -> None:
    """Prove that somebody opened the request's page; once a sitting."""
    by, facts = _read_by(user, grant)
    subject = audit.about(request)
    audit.write_once(
        session, Deed(request.business_id, Action.REQUEST_OPENED, by, at, subject, facts)
    )


def note_listened(
    session: Session,
    request: PrivacyRequest,
    voicemail: Voicemail,
    user: User,
    at: datetime,
    grant: AccessGrant | None = None,
) -> None:
    """Prove that somebody was given the audio to hear; once a sitting. They have read it then.

    Under a grant the trail alone tells of it: nothing of the business's changes.
    """
    if grant is None:
        note_read(session, request, user.id, at=at)
    by, facts = _read_by(user, grant)
    subject = audit.about(voicemail, request)
    deed = Deed(request.business_id, Action.VOICEMAIL_LISTENED, by, at, subject, facts)
    if audit.write_once(session, deed) and grant is None:
        request.note_event(EventKind.LISTENED, at=at, by=user.id)


def note_downloaded(
    session: Session,
    request: PrivacyRequest,
    voicemail: Voicemail,
    user: User,
    at: datetime,
    grant: AccessGrant | None = None,
) -> None:
    """Prove that somebody took the audio away; once a sitting."""
    by, facts = _read_by(user, grant)
    subject = audit.about(voicemail, request)
    deed = Deed(request.business_id, Action.VOICEMAIL_DOWNLOADED, by, at, subject, facts)
    if audit.write_once(session, deed) and grant is None:
        request.note_event(EventKind.DOWNLOADED, at=at, by=user.id)


def _read_by(user: User, grant: AccessGrant | None) -> tuple[Actor, dict[str, str]]:
    if grant is None:
        return audit.staff(user), {}
    return audit.operators(user), {"grant": str(grant.id)}


def _newest_drafts(session: Session, voicemails: Sequence[Voicemail]) -> dict[UUID, Transcript]:
    drafts = session.scalars(
        select(Transcript)
        .where(Transcript.voicemail_id.in_([each.id for each in voicemails]))
        .order_by(Transcript.version)
    )
    return {draft.voicemail_id: draft for draft in drafts}
