"""Reading all that belongs to a request, in one transaction, as plain facts.

The caller has locked the request, so that no step of casework happens meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from voiceline.attachments import files_of
from voiceline.evidence.facts import all_facts, facts_of, people_in
from voiceline.models import (
    Appeal,
    Call,
    ComplianceNote,
    Delivery,
    IdentityCheck,
    Letter,
    NoteVersion,
    RequestedRight,
    Requester,
    RequestEvent,
    ServiceCode,
    Transcript,
    User,
    Voicemail,
)
from voiceline.rules.attachments import ending_of
from voiceline.rules.due_dates import from_record
from voiceline.rules.explanations import why
from voiceline.rules.lifecycle import VoicemailStatus

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from voiceline.models import NoteAttachment, PrivacyRequest

Facts = dict[str, Any]

WHY_NOT = {
    VoicemailStatus.PENDING: "It was not stored yet when this pack was made.",
    VoicemailStatus.FAILED: "It could not be stored so far; it is tried again.",
    VoicemailStatus.ABSENT: "The carrier kept none: the message was too short, or silent.",
    VoicemailStatus.REPLACED: "The caller recorded the message again; this take gave way.",
    VoicemailStatus.ERASED: "It was erased.",
    VoicemailStatus.EXPIRED: "It was kept as long as was promised, and has expired.",
}
"""Why there is no audio of a voicemail."""


@dataclass(frozen=True)
class Held:
    """A file that the object store holds, and the facts that will say what became of it."""

    name: str
    key: str
    size: int
    sha256: str
    facts: Facts


@dataclass(frozen=True)
class Gathered:
    """All that is to be told of a request."""

    documents: dict[str, Facts]
    """By file name without its ending."""
    held: list[Held]


def gather(session: Session, request: PrivacyRequest) -> Gathered:
    """Read the request with all that belongs to it."""
    held: list[Held] = []
    documents: dict[str, Facts] = {
        "request": _request(session, request),
        "messages": {"messages": _messages(session, request, held)},
        "notes": {"notes": _notes(session, request, held)},
        "letters": {
            "letters": _rows(session, _of(Letter, request).order_by(Letter.kept_at)),
            "deliveries": _deliveries(session, request),
        },
        "history": {"events": _rows(session, _of(RequestEvent, request).order_by(RequestEvent.at))},
    }
    named = set(people_in(list(documents.values())))
    names = session.execute(select(User.id, User.name).where(User.id.in_(named)))
    documents["request"]["people"] = {str(user_id): name for user_id, name in names}
    return Gathered(documents, held)


def _request(session: Session, request: PrivacyRequest) -> Facts:
    business, code = request.business, session.get_one(ServiceCode, request.service_code_id)
    call = session.get(Call, request.call_id) if request.call_id else None
    requester = session.scalar(_of(Requester, request))
    rights = session.scalars(
        _of(RequestedRight, request)
        .options(undefer(RequestedRight.due_records))
        .order_by(RequestedRight.respond_by, RequestedRight.id)
    )
    return {
        "request": facts_of(request),
        "business": {
            "id": str(business.id),
            "name": business.name,
            "time_zone": business.time_zone,
        },
        "service_code": {"code": code.code, "brand": code.brand},
        "call": facts_of(call) if call else None,
        "requester": facts_of(requester) if requester else None,
        "rights": [_with_dates(right) for right in rights],
        "identity_checks": _rows(session, _of(IdentityCheck, request).order_by(IdentityCheck.at)),
        "appeals": [
            _with_dates(appeal)
            for appeal in session.scalars(_of(Appeal, request).order_by(Appeal.noted_at))
        ],
    }


def _with_dates(row: RequestedRight | Appeal) -> Facts:
    """Answer the row's facts, each date with its rule, both readings, and why it is that date."""
    facts = facts_of(row)
    records = facts.pop("due_records") or {}
    dates = [
        {**record, "rule_id": due.rule_id, "why": why(due)}
        for record in records.values()
        for due in [from_record(record)]
    ]
    return facts | {"dates": sorted(dates, key=lambda each: str(each["by"]))}


def _messages(session: Session, request: PrivacyRequest, held: list[Held]) -> list[Facts]:
    if request.call_id is None:
        return []
    voicemails = session.scalars(
        select(Voicemail)
        .where(Voicemail.call_id == request.call_id)
        .order_by(Voicemail.recorded_at, Voicemail.take, Voicemail.id)
    ).all()
    drafts: dict[UUID, list[Facts]] = {}
    query = select(Transcript).where(Transcript.voicemail_id.in_([v.id for v in voicemails]))
    for draft in session.scalars(query.order_by(Transcript.version)):
        drafts.setdefault(draft.voicemail_id, []).append(facts_of(draft))
    found = []
    for place, voicemail in enumerate(voicemails, 1):
        facts = facts_of(voicemail) | {"transcripts": drafts.get(voicemail.id, [])}
        facts |= {"file": None, "why_no_file": WHY_NOT.get(voicemail.status), "altered": None}
        if voicemail.status == VoicemailStatus.STORED and voicemail.object_key:
            name = f"audio/message-{place}.wav"
            size, digest = voicemail.size or 0, voicemail.sha256 or ""
            held.append(Held(name, voicemail.object_key, size, digest, facts))
        found.append(facts)
    return found


def _notes(session: Session, request: PrivacyRequest, held: list[Held]) -> list[Facts]:
    query = _of(ComplianceNote, request).order_by(ComplianceNote.created_at, ComplianceNote.id)
    rows: list[ComplianceNote] = list(session.scalars(query))
    ids = [note.id for note in rows]
    texts: dict[UUID, list[Facts]] = {}
    versions = select(NoteVersion).where(NoteVersion.note_id.in_(ids)).order_by(NoteVersion.number)
    for version in session.scalars(versions):
        texts.setdefault(version.note_id, []).append(facts_of(version))
    files = files_of(session, ids)
    return [
        facts_of(note)
        | {
            "texts": texts.get(note.id, []),
            "attachments": [_attachment(file, held) for file in files.get(note.id, [])],
        }
        for note in rows
    ]


def _attachment(file: NoteAttachment, held: list[Held]) -> Facts:
    facts = facts_of(file) | {"file": None, "why_no_file": None, "altered": None}
    count = sum(each.name.startswith("attachments/") for each in held) + 1
    name = f"attachments/file-{count}{ending_of(file.content_type)}"
    held.append(Held(name, file.object_key, file.size, file.sha256, facts))
    return facts


def _deliveries(session: Session, request: PrivacyRequest) -> list[Facts]:
    """Answer what mail was owed and sent; not what it was written from, which may open a door."""
    found = _rows(session, _of(Delivery, request).order_by(Delivery.created_at))
    hidden = {"facts", "key"}
    return [{name: each[name] for name in each if name not in hidden} for each in found]


def _of(table: Any, request: PrivacyRequest) -> Select[Any]:
    """Ask for the table's rows of the request."""
    return select(table).where(table.request_id == request.id)


def _rows(session: Session, query: Select[Any]) -> list[Facts]:
    return all_facts(session.scalars(query))
