"""Who does something, and what it is done to: rows as the trail names them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceline.models import (
    AccessGrant,
    ActorKind,
    Business,
    ComplianceNote,
    Invitation,
    NoteAttachment,
    PrivacyRequest,
    SavedView,
    ServiceCode,
    User,
    Voicemail,
)

if TYPE_CHECKING:
    from uuid import UUID

SUBJECTS: dict[type, str] = {
    AccessGrant: "grant",
    Business: "business",
    ComplianceNote: "note",
    Invitation: "invitation",
    NoteAttachment: "attachment",
    PrivacyRequest: "request",
    SavedView: "view",
    ServiceCode: "code",
    User: "person",
    Voicemail: "voicemail",
}


@dataclass(frozen=True)
class Actor:
    """Who did it; the name as it is now, for those who have one."""

    kind: ActorKind
    id: UUID | None = None
    name: str | None = None


SYSTEM = Actor(ActorKind.SYSTEM)
"""The service by itself."""

OPERATOR = Actor(ActorKind.OPERATOR)
"""Whoever types commands."""


@dataclass(frozen=True)
class Subject:
    """What it was done to, and the request that this is part of."""

    kind: str
    id: UUID
    request_id: UUID | None = None


def staff(user: User) -> Actor:
    """Answer the colleague as who does something."""
    return Actor(ActorKind.STAFF, user.id, user.name)


def operators(user: User) -> Actor:
    """Answer one of the operator's people as who does something to another business."""
    return Actor(ActorKind.OPERATOR, user.id, user.name)


def consumer(request: PrivacyRequest) -> Actor:
    """Answer whoever made the request; the request is all we know them by."""
    return Actor(ActorKind.CONSUMER, request.id)


def about(
    row: AccessGrant
    | Business
    | ComplianceNote
    | Invitation
    | NoteAttachment
    | PrivacyRequest
    | SavedView
    | ServiceCode
    | User
    | Voicemail,
    request: PrivacyRequest | None = None,
) -> Subject:
    """Answer the row as what something is done to, as a part of the request if one is given."""
    part_of = row if isinstance(row, PrivacyRequest) else request
    return Subject(SUBJECTS[type(row)], row.id, part_of.id if part_of else None)
