"""The verbs of an evidence pack: note that it is taken, read all of the request, make the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.audit.encoding import moment
from voiceline.evidence.excerpt import CHAIN, ENTRIES, HEADS, NAMES
from voiceline.evidence.gathering import gather
from voiceline.evidence.packing import (
    Source,
    held_sources,
    json_source,
    lines_source,
    make_pack,
    text_source,
)
from voiceline.evidence.report import write_report
from voiceline.evidence.trail import chain_between, trail_of
from voiceline.models import ActorKind, EventKind, PrivacyRequest
from voiceline.rules.references import grouped

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from voiceline.audit import Actor
    from voiceline.audit.keys import SigningKey
    from voiceline.evidence.gathering import Gathered
    from voiceline.evidence.packing import Pack
    from voiceline.evidence.trail import Trail
    from voiceline.ports import ObjectStore


@dataclass(frozen=True)
class Dossier:
    """A request as it was when the pack was asked for; files are still in the store."""

    request: PrivacyRequest
    at: datetime
    gathered: Gathered
    trail: Trail


def take_out(session: Session, request: PrivacyRequest, by: Actor, at: datetime) -> Dossier:
    """Prove that a pack is taken, and read all that goes into it, in the caller's transaction.

    The request is locked meanwhile. UserError where its part of the audit trail does not hold.
    """
    session.refresh(request, with_for_update={"of": PrivacyRequest, "key_share": True})
    user_id = by.id if by.kind == ActorKind.STAFF else None
    event = request.note_event(EventKind.EXPORTED, at=at, by=user_id)
    event.facts = {"by": by.kind.value}
    session.flush()
    facts = {"entry": str(event.id)}
    subject = audit.about(request)
    audit.write(session, Deed(request.business_id, Action.REQUEST_EXPORTED, by, at, subject, facts))
    return Dossier(request, at, gather(session, request), trail_of(session, request))


def pack_of(
    dossier: Dossier, store: ObjectStore, key: SigningKey, *, chain_from: Engine | None = None
) -> Pack:
    """Make the pack, outside of a transaction; TemporaryFailure where the store is away.

    `chain_from`: with the entries of the business in between, so that whoever has a signed head
    can follow the chain to it without us.
    """
    request, documents = dossier.request, dossier.gathered.documents
    held = held_sources(store, dossier.gathered.held)
    made_at = moment(dossier.at)
    report = write_report(documents, dossier.trail, made_at, sealed_with=key.id)
    sources = [
        text_source("report.html", report),
        *(json_source(f"{name}.json", facts) for name, facts in documents.items()),
        lines_source(ENTRIES, dossier.trail.lines),
        *_chain(dossier, chain_from),
        lines_source(HEADS, dossier.trail.heads),
        lines_source(NAMES, dossier.trail.names),
        *held,
    ]
    about = {
        "business": str(request.business_id),
        "made_at": made_at,
        "reference": request.reference,
        "request": str(request.id),
    }
    return make_pack(about, sources, key)


def file_name(request: PrivacyRequest, at: datetime) -> str:
    """Name the file: the reference and the day (UTC) it was made."""
    return f"VL-{grouped(request.reference)}_evidence_{at:%Y-%m-%d}.zip"


def _chain(dossier: Dossier, engine: Engine | None) -> Sequence[Source]:
    entries = dossier.trail.entries
    if engine is None or not entries:
        return []
    first, last = entries[0].sequence, entries[-1].sequence
    return [Source(CHAIN, lambda: chain_between(engine, dossier.request, first, last))]
