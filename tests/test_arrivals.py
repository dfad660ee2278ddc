"""Recordings written down together: the same rows as one by one, and nothing that is not plain."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from factories import make_business, make_call, make_code, make_voicemail
from sqlalchemy import select

from voiceline import carrier_events
from voiceline.arrivals import Arrival, receive_plain
from voiceline.carrier_events import RecordingNotice
from voiceline.models import Voicemail
from voiceline.rules.rights import Right

AT = datetime(2026, 11, 20, 20, tzinfo=UTC)
SPOKEN = AT + timedelta(minutes=1)
LATER = AT + timedelta(days=3)
FACTS = ("business_id", "status", "take", "claimed_seconds", "attempts", "due_at")


def test_what_is_written_together_equals_one_by_one(session, code):
    together, alone = (_notice(make_call(session, code, started_at=AT)) for _ in range(2))

    owed = receive_plain(session, [Arrival(together, LATER)])
    carrier_events.accept(session, alone, at=LATER)

    ours, theirs = (_voicemail(session, one.recording_id) for one in (together, alone))
    assert owed == {together.recording_id: ours.id}
    assert [getattr(ours, name) for name in FACTS] == [getattr(theirs, name) for name in FACTS]
    assert (ours.recorded_at, ours.received_at) == (theirs.recorded_at, theirs.received_at)


def test_nobody_speaks_before_the_call_began_nor_later_than_now(session, code):
    early, late = (_notice(make_call(session, code, started_at=AT)) for _ in range(2))
    early = replace(early, recorded_at=AT - timedelta(days=9))
    late = replace(late, recorded_at=LATER + timedelta(days=9))

    receive_plain(session, [Arrival(early, LATER), Arrival(late, LATER)])

    assert _voicemail(session, early.recording_id).recorded_at == AT
    assert _voicemail(session, late.recording_id).recorded_at == LATER


@pytest.mark.parametrize(
    "facts",
    [
        {"call_id": "CA0"},
        {"status": "absent"},
        {"status": "failed"},
        {"seconds": 0},
        {"hung_up": True},
        {"right": "delete"},
        {"from_number": "+14155550199"},
    ],
    ids=str,
)
def test_what_is_not_plain_is_left_to_others(session, code, facts):
    call = make_call(session, code, caller_id=None, caller_unknown_because="missing")

    owed = receive_plain(session, [Arrival(replace(_notice(call), **facts), LATER)])

    assert owed == {}
    assert not session.scalars(select(Voicemail)).all()


def test_a_right_the_call_knows_teaches_nothing(session, code):
    call = make_call(session, code, right=Right.DELETE)

    owed = receive_plain(session, [Arrival(replace(_notice(call), right="delete"), LATER)])

    assert len(owed) == 1


def test_a_second_take_is_left_to_who_settles_takes(session, code):
    call = make_call(session, code)
    make_voicemail(session, call)

    assert receive_plain(session, [Arrival(replace(_notice(call), take=2), LATER)]) == {}


def test_of_two_takes_at_once_only_one_is_plain(session, code):
    first = _notice(make_call(session, code))
    second = replace(first, recording_id="RE2", take=2)

    owed = receive_plain(session, [Arrival(first, LATER), Arrival(second, LATER)])

    assert list(owed) == [first.recording_id]


def test_a_recording_of_another_call_stays_where_it_is(session, code):
    known = make_voicemail(session, make_call(session, code))
    call = make_call(session, code)

    receive_plain(session, [Arrival(replace(_notice(call), recording_id=known.carrier_id), LATER)])

    assert [one.id for one in session.scalars(select(Voicemail))] == [known.id]


def _notice(call):
    recording_id = call.carrier_id.replace("CA", "RE")
    return RecordingNotice(call.carrier_id, recording_id, "completed", SPOKEN, seconds=7, take=1)


def _voicemail(session, recording_id):
    return session.execute(
        select(Voicemail).where(Voicemail.carrier_id == recording_id)
    ).scalar_one()


@pytest.fixture
def code(session):
    return make_code(session, make_business(session))
