"""A message that came without its call is told of by the carrier, when it is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jobs import upkeep
from voiceline import carrier_events
from voiceline.carrier_events import RecordingNotice
from voiceline.errors import PermanentFailure, TemporaryFailure
from voiceline.models import Call
from voiceline.ports import CarrierCall

AT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
CALL = "CA" + "1" * 32
NOTICE = RecordingNotice(CALL, "RE" + "1" * 32, "completed", AT, seconds=7)
NAMED = CarrierCall(CALL, "+14155550123", "+18005550100", AT)


def test_a_callers_number_is_asked_of_the_carrier(desk):
    told(desk, NOTICE)
    desk.recordings.calls[CALL] = NAMED

    upkeep.reconcile()

    (call,) = desk.rows(Call)
    assert (call.caller_id, call.caller_unknown_because) == (NAMED.from_number, None)
    assert (call.to_number, call.unassigned) == (NAMED.to_number, True)


def test_a_withheld_number_is_not_asked_for_again(desk):
    told(desk, NOTICE)
    desk.recordings.calls[CALL] = replace(NAMED, from_number="anonymous")
    upkeep.reconcile()
    desk.recordings.calls[CALL] = NAMED

    upkeep.reconcile()

    (call,) = desk.rows(Call)
    assert (call.caller_id, call.caller_unknown_because) == (None, "withheld")


@pytest.mark.parametrize(
    "facts",
    [{"from_number": "+14155550199"}, {"to_number": "+18005550177"}, {"code": "4021"}],
    ids=str,
)
def test_what_is_known_of_a_call_is_not_asked(desk, facts):
    told(desk, replace(NOTICE, **facts))
    (before,) = desk.rows(Call)
    desk.recordings.calls[CALL] = NAMED

    upkeep.reconcile()

    (after,) = desk.rows(Call)
    assert (after.caller_id, after.to_number) == (before.caller_id, before.to_number)


@pytest.mark.parametrize(
    "failure", [None, PermanentFailure("no id of the carrier's"), TemporaryFailure("away")]
)
def test_a_carrier_that_cannot_tell_changes_nothing(desk, failure):
    other = "CA" + "2" * 32
    told(desk, NOTICE)
    told(desk, replace(NOTICE, call_id=other, recording_id="RE2", recorded_at=AT - timedelta(1)))
    desk.recordings.calls |= {CALL: failure, other: replace(NAMED, call_id=other)}

    upkeep.reconcile()

    known = {call.carrier_id: call.caller_id for call in desk.rows(Call)}
    assert known[CALL] is None
    assert (known[other] is None) == isinstance(failure, TemporaryFailure)


def told(desk, notice):
    with desk.services.sessions.begin() as session:
        carrier_events.accept(session, notice, at=AT)
