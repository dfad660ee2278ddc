"""The usual word of a recording, for many calls at once: one look, one insert, one commit.

The carrier tells us of each recording by itself, but a busy line hears of many at the same moment,
and what a callback costs is its own transaction. Only the plain case is written here: the first
recording of a call we know, of which there is nothing else to learn. Whatever is left out goes
through `carrier_events.accept`, which knows all the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from voiceline.carrier_events import SHORTEST
from voiceline.models import Call, Voicemail
from voiceline.outbox import OFFER_AFTER
from voiceline.rules.lifecycle import VoicemailStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.carrier_events import RecordingNotice


@dataclass(frozen=True)
class Arrival:
    """A notice and when we got it."""

    notice: RecordingNotice
    at: datetime


def receive_plain(session: Session, arrivals: Iterable[Arrival]) -> dict[str, UUID]:
    """Write down the plain ones among them; answer the new voicemails by recording id.

    Where somebody else writes the same recording at this moment, its id answered here is that of
    no row: waking a job for it does nothing, and the other has woken one for the row there is.
    """
    plain = _one_for_each_call(
        arrival for arrival in arrivals if _is_plain_by_itself(arrival.notice)
    )
    connection = session.connection()
    calls = {row.carrier_id: row for row in connection.execute(_CALLS, {"ids": list(plain)})}
    rows = [
        _voicemail(arrival, calls[call_id])
        for call_id, arrival in plain.items()
        if call_id in calls and _teaches_nothing(arrival.notice, calls[call_id])
    ]
    if rows:
        # In one order everywhere: groups that hold the same recordings must not wait in a circle.
        rows.sort(key=lambda row: str(row["carrier_id"]))
        connection.execute(_INSERT[connection.dialect.name], rows)
    return {row["carrier_id"]: row["id"] for row in rows}


def _one_for_each_call(arrivals: Iterable[Arrival]) -> dict[str, Arrival]:
    """Answer the first arrival of each call; two takes are not plain."""
    first: dict[str, Arrival] = {}
    for arrival in arrivals:
        first.setdefault(arrival.notice.call_id, arrival)
    return first


def _is_plain_by_itself(notice: RecordingNotice) -> bool:
    heard = notice.seconds is None or notice.seconds >= SHORTEST
    is_first = notice.take in {None, 1}
    return notice.status == "completed" and heard and is_first and not notice.hung_up


def _teaches_nothing(notice: RecordingNotice, call: Any) -> bool:
    """Tell whether the call knows what the notice says, and has no recording yet."""
    knows_right = call.right is not None or not notice.right
    knows_caller = call.caller_unknown_because != "missing" or not notice.from_number
    return knows_right and knows_caller and not call.has_voicemail


def _voicemail(arrival: Arrival, call: Any) -> dict[str, Any]:
    """Answer the row. Nobody speaks before the call began (intake.receive_voicemail)."""
    notice, at = arrival.notice, arrival.at
    return {
        "id": uuid4(),
        "business_id": call.business_id,
        "call_id": call.id,
        "carrier_id": notice.recording_id,
        "take": notice.take,
        "status": VoicemailStatus.PENDING,
        "claimed_seconds": notice.seconds,
        "recorded_at": max(min(notice.recorded_at, at), call.started_at),
        "received_at": at,
        "due_at": at + OFFER_AFTER,
        "attempts": 0,
    }


_CALLS = select(
    Call.carrier_id,
    Call.id,
    Call.business_id,
    Call.started_at,
    Call.right,
    Call.caller_unknown_because,
    select(Voicemail.id).where(Voicemail.call_id == Call.id).exists().label("has_voicemail"),
).where(Call.carrier_id.in_(bindparam("ids", expanding=True)))

_INSERT = {
    "sqlite": sqlite.insert(Voicemail).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(Voicemail).on_conflict_do_nothing(),
}
"""Built once: building a statement takes longer than running it."""
