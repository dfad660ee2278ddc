"""The rows that belong to a request, and what becomes of each when another business gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from voiceline.models import (
    TO_STAFF,
    Appeal,
    ArchiveCopy,
    Call,
    ComplianceNote,
    ConfirmationLink,
    Delivery,
    DerivedAudio,
    Erasure,
    IdentityCheck,
    Letter,
    NoteAttachment,
    NoteVersion,
    RaisedDeadline,
    RequestedRight,
    Requester,
    RequestEvent,
    RequestRead,
    SearchDocument,
    Transcript,
    Voicemail,
    WebSubmission,
)
from voiceline.rules.service_codes import OPERATOR_CODE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import PrivacyRequest, ServiceCode

OF_REQUEST = (
    *(RequestedRight, RequestEvent, Requester, SearchDocument, IdentityCheck, Letter, Appeal),
    *(ComplianceNote, NoteAttachment, WebSubmission, ConfirmationLink, Erasure),
)
"""What belongs to a request, and goes with it."""

OF_VOICEMAIL = (Transcript, DerivedAudio)

FORGOTTEN = (RequestRead, RaisedDeadline)
"""Who has read it, and what was raised: both are about the people it was with."""


def forget_readers(session: Session, request: PrivacyRequest) -> None:
    """Let go of what was about the people who had it: what they read, and mail not sent yet."""
    for table in FORGOTTEN:
        session.execute(delete(table).where(table.request_id == request.id))
    session.execute(
        delete(Delivery).where(
            Delivery.request_id == request.id,
            Delivery.kind.in_(TO_STAFF),
            Delivery.due_at.is_not(None),
        )
    )


def move_rows(
    session: Session, request: PrivacyRequest, takes: Sequence[UUID], to: ServiceCode
) -> None:
    """Write the new owner into every row; in the order in which jobs lock them."""
    whose: dict[str, Any] = {"business_id": to.business_id}
    notes = select(ComplianceNote.id).where(ComplianceNote.request_id == request.id)
    steps = [
        *(update(table).where(table.voicemail_id.in_(takes)) for table in OF_VOICEMAIL),
        update(Voicemail).where(Voicemail.id.in_(takes)),
        update(NoteVersion).where(NoteVersion.note_id.in_(notes)),
        *(update(table).where(table.request_id == request.id) for table in OF_REQUEST),
        update(Delivery).where(Delivery.request_id == request.id, Delivery.kind.not_in(TO_STAFF)),
    ]
    # what the former business has in a bucket of its own stays its own; this one has none yet
    session.execute(delete(ArchiveCopy).where(ArchiveCopy.voicemail_id.in_(takes)))
    for step in steps:
        session.execute(step.values(whose).execution_options(synchronize_session=False))
    called = update(Call).where(Call.id == request.call_id)
    called = called.values(**whose, service_code_id=to.id, unassigned=to.code == OPERATOR_CODE)
    session.execute(called.execution_options(synchronize_session=False))
    session.expire_all()
    request.business_id, request.service_code_id = to.business_id, to.id
    session.flush()
    session.refresh(request, ["business", "service_code"])
