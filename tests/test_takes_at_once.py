"""Two takes of one call, told of in two transactions at once: the latest stands, and no other."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from factories import make_business, make_call, make_code
from sqlalchemy import select

from voiceline import carrier_events, voicemails
from voiceline.arrivals import Arrival, receive_plain
from voiceline.carrier_events import RecordingNotice
from voiceline.models import Voicemail
from voiceline.ports import StoredObject
from voiceline.rules.lifecycle import VoicemailStatus

AT = datetime(2026, 11, 20, 20, tzinfo=UTC)
SPOKEN = AT + timedelta(minutes=1)
MOMENT = 0.3
"""Seconds after which a transaction that is still at work waits for the other one."""


def alone(session, notice):
    carrier_events.accept(session, notice, at=SPOKEN)


def together(session, notice):
    if not receive_plain(session, [Arrival(notice, SPOKEN)]):
        alone(session, notice)


@pytest.mark.parametrize("takes", [(1, 2), (2, 1), (2, 3), (3, 2)], ids=str)
def test_the_latest_of_two_takes_at_once_stands(services, call, takes):
    _at_once(services, (alone, _notice(call, takes[0])), (alone, _notice(call, takes[1])))

    assert _statuses(services) == {
        min(takes): VoicemailStatus.REPLACED,
        max(takes): VoicemailStatus.PENDING,
    }


@pytest.mark.parametrize("ways", [(together, alone), (alone, together), (together, together)])
@pytest.mark.parametrize("takes", [(1, 2), (2, 1)], ids=str)
def test_an_earlier_take_gives_way_once_the_latest_is_stored(services, call, takes, ways):
    _at_once(services, *zip(ways, (_notice(call, take) for take in takes), strict=True))

    for take in takes:
        _keep(services, call, take)

    found = _statuses(services)
    assert found[2] == VoicemailStatus.STORED
    assert found.get(1, VoicemailStatus.REPLACED) == VoicemailStatus.REPLACED


def test_a_restored_take_does_not_give_way_again(services, call):
    for take in (2, 3):
        with services.sessions.begin() as session:
            alone(session, _notice(call, take))
    with services.sessions.begin() as session:
        second, third = session.scalars(select(Voicemail).order_by(Voicemail.take))
        third.fail("the carrier lost it", AT)
        second.try_again(AT)

    _keep(services, call, 2)

    assert _statuses(services) == {2: VoicemailStatus.STORED, 3: VoicemailStatus.FAILED}


def _at_once(services, first, second):
    """Let the second transaction begin while the first is not committed."""

    def follow():
        with services.sessions.begin() as session:
            second[0](session, second[1])

    follower = threading.Thread(target=follow)
    with services.sessions.begin() as session:
        first[0](session, first[1])
        session.flush()
        follower.start()
        follower.join(MOMENT)
    follower.join()


def _keep(services, call, take):
    with services.sessions.begin() as session:
        row = session.scalar(
            select(Voicemail).where(Voicemail.call_id == call.id, Voicemail.take == take)
        )
        if row is not None and row.status == VoicemailStatus.PENDING:
            stored = StoredObject(f"rec/{take}.wav", 16000, "0" * 64)
            voicemails.keep(session, row, stored, tier_tag="small_medium", duration_ms=7000, at=AT)


def _notice(call, take):
    return RecordingNotice(call.carrier_id, f"RE{take}", "completed", SPOKEN, seconds=7, take=take)


def _statuses(services):
    with services.sessions() as session:
        return {row.take: row.status for row in session.scalars(select(Voicemail))}


@pytest.fixture
def call(services):
    with services.sessions.begin() as session:
        return make_call(session, make_code(session, make_business(session)), started_at=AT)
