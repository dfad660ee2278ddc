"""The carrier gets it wrong: tells us late, twice, never or nonsense, and refuses to delete."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from faults.house import House, open_house, wait_for
from faults.report import note
from sqlalchemy import select

from voiceline.models import PrivacyRequest, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.simulator import Faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faults.ledger import KeepingCarrier

    from voiceline.simulator import CallRecord

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(480)]

CALLS = 3
PARKED = Voicemail.status == VoicemailStatus.FAILED
CALLBACKS = {
    "repeated twenty times at once": Faults(callbacks_repeated=19, repeats_at_once=True),
    "shuffled and repeated": Faults(callbacks_shuffled=4.0, callbacks_repeated=1, seed=7),
    "late": Faults(callbacks_late=6.0),
    "lost": Faults(callbacks_lost=1000),
    "voice requests delivered twice": Faults(requests_repeated=1),
}
DOWNLOADS = {
    "missing for 20 seconds": Faults(media_missing_seconds=20.0),
    "cut, or a page of HTML": Faults(media_missing_requests=2, media_truncated=4, media_html=4),
    "throttled, broken, never deleting": Faults(
        throttled=5, retry_after=3.0, broken=6, deletes_failing=4
    ),
}


def test_callbacks_at_fault_lose_and_double_nothing(house: House):
    for fault in CALLBACKS.values():
        house.carrier.set_faults(fault)
        records = house.call(CALLS)
        house.carrier.drain()
        assert {record.outcome for record in records} == {"completed"}

    note(f"callbacks {', '.join(CALLBACKS)}", house.assert_settles())


@pytest.mark.parametrize("fault", DOWNLOADS)
def test_downloads_at_fault_lose_and_double_nothing(house: House, fault: str):
    house.carrier.set_faults(DOWNLOADS[fault])

    house.call(CALLS)

    note(f"carrier's REST: {fault}", house.assert_settles())


def test_refused_credentials_park_and_resume_after_the_fix(house: House):
    house.carrier.set_faults(Faults(unauthorized=1000))
    house.call(CALLS)
    wait_for(lambda: len(house.voicemails(PARKED)) == CALLS, "parked voicemails")
    house.carrier.set_faults(Faults())

    house.let_an_hour_pass()

    note("credentials refused; mended; an hour later", house.assert_settles())


def test_recordings_nobody_told_us_of_are_adopted(house: House):
    house.carrier.set_faults(Faults(callbacks_lost=1000, actions_lost=CALLS))
    records = house.call(CALLS)
    house.carrier.set_faults(Faults())
    _set_back(house.carrier, records, timedelta(minutes=10))

    house.let_an_hour_pass()

    note("neither callback nor action ever came; at the next reconcile", house.assert_settles())


def test_word_of_three_days_ago_counts_from_three_days_ago(house: House):
    house.carrier.held = []
    house.carrier.set_faults(Faults(actions_lost=1))
    records = house.call()
    held, house.carrier.held = house.carrier.held, None
    house.carrier.set_faults(Faults())
    spoken_at = _set_back(house.carrier, records, timedelta(days=3))
    house.let_calls_be_older(timedelta(days=3), records)

    for url, method, params in held:
        if "RecordingStartTime" in params:
            params["RecordingStartTime"] = format_datetime(spoken_at)
        house.carrier.call_back(url, method, params)

    note("told three days late", house.assert_settles())
    request = _request_of(house, records[0])
    assert timedelta(0) <= request.received_at - spoken_at < timedelta(seconds=5)
    assert (request.respond_by - request.received_on).days == 45


def _set_back(carrier: KeepingCarrier, records: list[CallRecord], by: timedelta) -> datetime:
    """Let the calls and their recordings be so old; answer when the last of them began."""
    at = datetime.now(UTC)
    for record in records:
        call = carrier.store.call(record.call_id)
        carrier.save_call(replace(call, created_at=call.created_at - by))
        for sid in record.recordings:
            row = carrier.store.recording(sid)
            at = (row.started_at - by).replace(microsecond=0)
            carrier.save_recording(replace(row, created_at=at, started_at=at))
    return at


def _request_of(house: House, record: CallRecord) -> PrivacyRequest:
    with house.reading() as session:
        return session.execute(
            select(PrivacyRequest)
            .join(Voicemail, Voicemail.call_id == PrivacyRequest.call_id)
            .where(Voicemail.carrier_id == record.recordings[-1])
        ).scalar_one()


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("carrier")) as opened:
        yield opened


@pytest.fixture
def house(shared_house: House) -> Iterator[House]:
    yield shared_house
    shared_house.carrier.held = None
    shared_house.carrier.set_faults(Faults())
