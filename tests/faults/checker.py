"""The one checker of all scenarios: nothing lost, nothing twice, nothing half-done, nothing early.

It compares what the carrier recorded with the database, the object store and the mail folder.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import joinedload

from voiceline.derived_audio import derived_key
from voiceline.models import Call, Delivery, PrivacyRequest, Transcript, Voicemail
from voiceline.rules.lifecycle import DeliveryStatus, TranscriptStatus, VoicemailStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faults.house import House
    from sqlalchemy.orm import Session

    from voiceline.simulator.resources import RecordingRow

NOTIFIED = "Acme Shoes"
GONE = {VoicemailStatus.ERASED, VoicemailStatus.REPLACED}


def complaints(house: House) -> list[str]:
    """Say everything that is not as promised (yet); nothing is wrong when it is empty."""
    try:
        with house.reading() as session:
            return list(_look(house, session))
    except (SQLAlchemyError, OSError) as error:
        return [f"cannot look: {type(error).__name__}"]


def _look(house: House, session: Session) -> Iterator[str]:
    standing = house.carrier.standing()
    voicemails = _all(session, select(Voicemail).options(joinedload(Voicemail.call)))
    kept = [one for one in voicemails if one.status not in GONE]
    yield from _voicemails(house, standing, kept)
    yield from _objects(house, kept)
    yield from _requests(session, standing, kept)
    yield from _leaves(house, session, kept)
    yield from _carriers_copies(house)


def _voicemails(
    house: House, standing: dict[str, RecordingRow], kept: list[Voicemail]
) -> Iterator[str]:
    """One stored voicemail for each recording, with the bytes the carrier had, owing nothing."""
    wanted = {row.sid for row in standing.values()}
    counts = Counter(one.carrier_id for one in kept)
    yield from (f"lost: {sid}" for sid in wanted - counts.keys())
    yield from (f"never said: {sid}" for sid in counts.keys() - wanted - _said_anew(house))
    yield from (f"twice: {sid}" for sid, count in counts.items() if count > 1)
    for one in kept:
        if one.status != VoicemailStatus.STORED:
            yield f"{one.carrier_id} is {one.status} ({one.last_error})"
        elif one.sha256 != house.carrier.ledger.sha256.get(one.carrier_id):
            yield f"{one.carrier_id}: other bytes than were said"
        elif one.due_at is not None or one.claim is not None:
            yield f"{one.carrier_id} owes work"
        elif one.carrier_deleted_at is None:
            yield f"{one.carrier_id}: the carrier's copy was not let go"


def _said_anew(house: House) -> set[str]:
    """Answer what was said in calls that the fallback took over: it may have asked a second time.

    Nobody chose between the two, so both are kept; the clock runs from the first.
    """
    return {
        recording
        for record in house.records
        if any("/voice/fallback" in document.url for document in record.documents)
        for recording in record.recordings
    }


def _objects(house: House, kept: list[Voicemail]) -> Iterator[str]:
    wanted = {one.object_key: one.sha256 for one in kept if one.object_key}
    there = house.objects.all()
    yield from (f"no object {key}" for key in wanted.keys() - there.keys())
    derived = {derived_key(key) for key in wanted}  # an MP3 may be there already, or not yet
    yield from (f"nobody's object {key}" for key in there.keys() - wanted.keys() - derived)
    yield from (
        f"damaged {key}" for key in wanted.keys() & there.keys() if wanted[key] != there[key]
    )


def _requests(
    session: Session, standing: dict[str, RecordingRow], kept: list[Voicemail]
) -> Iterator[str]:
    """One request for each call, received when the caller spoke, under the call's reference.

    Who said nothing, but keyed a right, is filed as well (docs/decisions/0006).
    """
    query = select(PrivacyRequest, Call.carrier_id, Call.reference, Call.right).join(
        Call, Call.id == PrivacyRequest.call_id
    )
    filed = session.execute(query).all()
    counts = Counter(row.carrier_id for row in filed)
    keyed = {row.carrier_id for row in filed if row.right is not None}
    spoken = defaultdict(set)
    for one in kept:
        spoken[one.call.carrier_id].add(one.recorded_at)
    yield from (f"no request: {call}" for call in standing.keys() - counts.keys())
    yield from (f"request of nobody: {call}" for call in counts.keys() - standing.keys() - keyed)
    yield from (f"{count} requests: {call}" for call, count in counts.items() if count > 1)
    for request, call, reference, _ in filed:
        if request.reference != reference:
            yield f"{call}: another reference than the caller heard"
        if call in spoken and request.received_at != min(spoken[call]):
            yield f"{call}: the clock does not run from when the caller spoke"


def _leaves(house: House, session: Session, kept: list[Voicemail]) -> Iterator[str]:
    """One draft a voicemail, one mail a request, each done."""
    drafts = _all(session, select(Transcript))
    counts = Counter(draft.voicemail_id for draft in drafts)
    yield from (f"{counts[one.id]} drafts: {one.carrier_id}" for one in kept if counts[one.id] != 1)
    waiting = sum(draft.status == TranscriptStatus.PENDING for draft in drafts)
    if waiting:
        yield f"{waiting} drafts wait"
    notified = session.scalars(
        select(PrivacyRequest.id)
        .join(PrivacyRequest.business)
        .where(PrivacyRequest.business.has(name=NOTIFIED))
    ).all()
    owed = _all(session, select(Delivery))
    if Counter(one.request_id for one in owed) != Counter(notified):
        yield "not one message for each request"
    yield from (f"a message is {one.status}" for one in owed if one.status != DeliveryStatus.DONE)
    mails = list((house.services.settings.data_dir / "mail").glob("*.eml"))
    names = {next((str(one.id) for one in owed if str(one.id) in path.name), "") for path in mails}
    if len(mails) != len(owed) or len(names) != len(owed) or "" in names:
        yield f"{len(mails)} mails for {len(owed)} messages"


def _carriers_copies(house: House) -> Iterator[str]:
    ledger = house.carrier.ledger
    yield from (f"deleted before ours was there: {sid}" for sid in ledger.too_early)
    standing = {row.sid: row for row in house.carrier.standing().values()}
    yield from (f"still at the carrier: {s}" for s, row in standing.items() if not row.deleted_at)


def _all(session: Session, query: Any) -> list[Any]:
    return list(session.scalars(query).unique())
