"""Calls that the REST API places: their own rows, and the thread that each of them runs in."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from .errors import CarrierFault
from .ids import new_sid
from .live import utc_now
from .outgoing import LegParty, make_leg
from .resources import CallRow
from .speech import Speech

if TYPE_CHECKING:
    from .carrier import Carrier
    from .events import CallRecord
    from .verbs import Verb

OUTGOING = "outbound-api"
APOLOGY_SECONDS = 4
"""How long the carrier's own apology is heard where the document cannot be done."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """What a POST to Calls asks for."""

    from_number: str
    to_number: str
    verbs: tuple[Verb, ...]
    time_limit: float
    fault: CarrierFault | None = None
    """Why the document cannot be done; the call is placed all the same."""


def place(carrier: Carrier, wanted: Wanted) -> CallRow:
    """Begin the call and answer its row; what becomes of it is read there later."""
    row = CallRow(
        new_sid("CA"),
        wanted.from_number,
        wanted.to_number,
        "queued",
        utc_now(),
        direction=OUTGOING,
    )
    carrier.save_call(row)
    run = partial(_run, carrier, wanted, row)
    threading.Thread(target=run, name="outgoing-call", daemon=True).start()
    return row


def _run(carrier: Carrier, wanted: Wanted, row: CallRow) -> None:
    try:
        ended = _dial(carrier, wanted, row)
    except CarrierFault as fault:
        carrier.alert(fault, row.sid)
        ended = replace(row, status="completed", started_at=utc_now(), duration=APOLOGY_SECONDS)
    except Exception:  # the caller reads that it failed; the developer wants the traceback
        log.exception("the outgoing call broke")
        ended = replace(row, status="failed")
    carrier.save_call(replace(ended, ended_at=utc_now()))


def _dial(carrier: Carrier, wanted: Wanted, row: CallRow) -> CallRow:
    for fault, status in (("outgoing_busy", "busy"), ("outgoing_unanswered", "no-answer")):
        if carrier.faults.strikes(fault):
            return replace(row, status=status)
    if carrier.number(wanted.to_number) is None:
        return replace(row, status="failed")
    if wanted.fault is not None:
        raise wanted.fault
    speech = Speech(carrier.config.data_dir / "speech")
    leg = make_leg(wanted.verbs, carrier.signer, speech, limit=wanted.time_limit)

    def answered() -> None:
        now = utc_now()
        carrier.save_call(replace(row, status="in-progress", started_at=now))

    record = carrier.connect(
        lambda clock: LegParty(leg, clock, answered),
        wanted.from_number,
        wanted.to_number,
        lambda _: None,
    )
    return _ended(carrier, row, record)


def _ended(carrier: Carrier, row: CallRow, record: CallRecord) -> CallRow:
    """Answer the row as the other end left it."""
    now, other = carrier.store.call(row.sid), carrier.store.call(record.call_id)
    if other is None or now is None:
        return replace(row, status="failed")
    return replace(now, status=other.status, duration=other.duration)
