"""A source of recordings at the fake carrier, and what is asked of it."""

from __future__ import annotations

from datetime import UTC, datetime

from fakes.carrier import ACCOUNT, TOKEN

from voiceline.adapters.twilio_recordings import TwilioRecordings

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
ABSENT = "RE" + "f" * 32


def carrier_source(carrier, password=TOKEN, **facts):
    return TwilioRecordings(
        account_sid=ACCOUNT, username=ACCOUNT, password=password, api_base=carrier.base, **facts
    )
