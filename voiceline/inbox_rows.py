"""What the inbox shows of each request: read for a whole page in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from voiceline.casework import HEARD
from voiceline.colleagues import WORKING
from voiceline.models import (
    Membership,
    PrivacyRequest,
    RequestEvent,
    Transcript,
    User,
    Voicemail,
)
from voiceline.rules.lifecycle import TranscriptStatus, VoicemailStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

SNIPPET = 180
"""Characters of a draft shown in the list."""


@dataclass(frozen=True)
class InboxRow:
    """What the list shows of one request."""

    request: PrivacyRequest
    voicemail: Voicemail | None
    """The latest take."""
    transcript_status: TranscriptStatus | None
    snippet: str | None
    """How the draft begins, or what the consumer wrote."""
    heard: bool
    """Whether anybody of the business has listened to it."""
    assignee: str | None
    """Who works on it, while they are a member."""


def load_rows(session: Session, ids: Sequence[UUID]) -> list[InboxRow]:
    """Answer the requests in this order, with what the list shows of each."""
    requests = {
        request.id: request
        for request in session.scalars(
            select(PrivacyRequest)
            .where(PrivacyRequest.id.in_(ids))
            .options(
                joinedload(PrivacyRequest.call),
                joinedload(PrivacyRequest.service_code),
                joinedload(PrivacyRequest.requester),
                selectinload(PrivacyRequest.rights),
            )
        )
    }
    calls = [request.call_id for request in requests.values() if request.call_id]
    messages = _load_messages(session, calls)
    heard = set(
        session.scalars(
            select(RequestEvent.request_id)
            .where(RequestEvent.request_id.in_(ids), RequestEvent.kind.in_(HEARD))
            .distinct()
        )
    )
    names = assignees_of(session, requests.values())
    return [
        InboxRow(
            each,
            *messages.get(each.call_id, (None, None, _written(each))),
            each.id in heard,
            names.get(each.id),
        )
        for each in (requests[id_] for id_ in ids if id_ in requests)
    ]


def assignees_of(session: Session, requests: Iterable[PrivacyRequest]) -> dict[UUID, str]:
    """Answer who works on which of the requests; who may not work here any more works on none."""
    given = [each for each in requests if each.assignee_id]
    if not given:
        return {}
    members = session.execute(
        select(Membership.business_id, User.id, User.name)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.business_id.in_({each.business_id for each in given}),
            Membership.role.in_(WORKING),
            User.disabled_at.is_(None),
            User.id.in_({each.assignee_id for each in given}),
        )
    )
    names = {(business_id, id_): name for business_id, id_, name in members}
    keys = {each.id: (each.business_id, each.assignee_id) for each in given}
    return {id_: names[key] for id_, key in keys.items() if key in names}


def _written(request: PrivacyRequest) -> str | None:
    """Answer how the words of a request begin that came in writing."""
    details = request.requester.details if request.requester else None
    return details[:SNIPPET] if details else None


def _load_messages(
    session: Session, calls: Sequence[UUID]
) -> dict[UUID | None, tuple[Voicemail | None, TranscriptStatus | None, str | None]]:
    """Answer each call's latest take with the beginning of its newest draft."""
    rows = session.execute(
        select(Voicemail, Transcript.status, func.substr(Transcript.text, 1, SNIPPET))
        .outerjoin(Transcript, Transcript.voicemail_id == Voicemail.id)
        .where(
            Voicemail.call_id.in_(calls),
            Voicemail.status.not_in((VoicemailStatus.REPLACED, VoicemailStatus.ERASED)),
        )
        .order_by(
            Voicemail.take.nulls_first(), Voicemail.recorded_at, Voicemail.id, Transcript.version
        )
    )
    return {voicemail.call_id: (voicemail, status, text) for voicemail, status, text in rows}
