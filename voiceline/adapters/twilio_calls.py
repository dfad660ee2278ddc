"""Calls that we place at the carrier ourselves: placed, and looked at until they are over.

`client` is make_twilio_client's; the words of `CarrierLeg.status` are Twilio's Call resource's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceline.adapters.twilio_http import carrier_answers
from voiceline.errors import PermanentFailure, TemporaryFailure

if TYPE_CHECKING:
    from datetime import datetime

    from twilio.rest import Client

RING_SECONDS = 30
"""How long the number may ring: our line answers at once."""
_CALL_ID = re.compile(r"CA[0-9a-f]{32}")


@dataclass(frozen=True)
class CarrierLeg:
    """Our end of a call as the carrier tells it."""

    status: str
    answered_at: datetime | None
    ended_at: datetime | None


class TwilioCalls:
    """Places calls at Twilio, or at anything that speaks its REST API."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def place(self, *, to: str, from_number: str, twiml: str, time_limit: int) -> str:
        """Place the call and answer its id.

        Raises PermanentFailure where the carrier refused it. After a TemporaryFailure it may have
        been placed all the same: the carrier takes no key that would make asking again harmless.
        """
        with carrier_answers():
            call = self._client.calls.create(
                to=to,
                from_=from_number,
                twiml=twiml,
                time_limit=time_limit,
                timeout=RING_SECONDS,
            )
        if not _CALL_ID.fullmatch(call.sid or ""):
            raise TemporaryFailure("the carrier's answer cannot be read")
        return str(call.sid)

    def look(self, call_id: str) -> CarrierLeg:
        """Answer how far the call is."""
        if not _CALL_ID.fullmatch(call_id):
            raise PermanentFailure("not an id of the carrier's")
        with carrier_answers():
            call = self._client.calls(call_id).fetch()
        return CarrierLeg(str(call.status), call.start_time, call.end_time)
