"""The jobs that make up for what was lost, and let go of what has expired."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from jobs import upkeep
from voiceline import voicemails
from voiceline.audit import OPERATOR
from voiceline.businesses import assign_code
from voiceline.errors import PermanentFailure, TemporaryFailure
from voiceline.models import Business, Call, Voicemail
from voiceline.ports import CarrierCall, CarrierRecording
from voiceline.rules.retention import AccountTier

SECOND = timedelta(seconds=1)


def test_more_than_a_batch_is_retagged_in_one_round(desk, monkeypatch):
    rows = [desk.voicemail(store=desk.services.store, due_at=None) for _ in range(5)]
    for row in rows:
        desk.change(row, tier_tag=None)
    monkeypatch.setattr(upkeep, "BATCH", 2)

    upkeep.retag()

    assert {desk.now(row).tier_tag for row in rows} == {"small_medium"}


def test_other_tier_gets_another_tag(desk):
    row = desk.voicemail(store=desk.services.store, due_at=None)
    with desk.services.sessions.begin() as session:
        business = session.get_one(Business, row.business_id)
        changed = voicemails.change_tier(
            session, business, AccountTier.ENTERPRISE, by=OPERATOR, at=datetime.now(UTC)
        )

    upkeep.retag()

    after = desk.now(row)
    assert changed == 1
    assert after.tier_tag == "enterprise"
    assert after.expires_at == after.recorded_at + timedelta(days=365)
    assert desk.services.store.tags(after.object_key) == {"tier": "enterprise"}


def test_tag_that_cannot_be_written_stays_owed(desk, lose_store):
    row = desk.voicemail(store=desk.services.store, due_at=None)
    desk.change(row, tier_tag=None)
    lose_store(TemporaryFailure("away"))

    upkeep.retag()

    assert desk.now(row).tier_tag is None


def test_lost_object_bars_no_other_tag(desk, monkeypatch):
    lost, kept = (desk.voicemail(store=desk.services.store, due_at=None) for _ in range(2))
    desk.services.store.delete(desk.now(lost).object_key)
    for row in (lost, kept):
        desk.change(row, tier_tag=None)
    monkeypatch.setattr(upkeep, "BATCH", 1)

    upkeep.retag()

    assert desk.now(kept).tier_tag == "small_medium"
    assert desk.now(lost).tier_tag is None


def test_recordings_over_all_pages_are_adopted(desk, monkeypatch):
    monkeypatch.setattr(upkeep, "BATCH", 2)
    desk.recordings.listed = [recording() for _ in range(5)]

    upkeep.reconcile()

    adopted = desk.rows(Voicemail)
    wanted = {one.recording_id: one.recorded_at + 7 * SECOND for one in desk.recordings.listed}
    assert {one.carrier_id: one.recorded_at for one in adopted} == wanted
    assert sorted(desk.offered) == sorted(("collect", [one.id]) for one in adopted)


def test_adopted_twice_is_adopted_once(desk):
    desk.recordings.listed = [recording()]

    upkeep.reconcile()
    upkeep.reconcile()

    assert len(desk.rows(Voicemail)) == len(desk.offered) == 1


def test_known_call_keeps_its_business_when_adopted(desk):
    row = desk.voicemail()
    lost = recording(call_id=desk.rows(Call)[0].carrier_id)
    desk.recordings.listed = [lost]

    upkeep.reconcile()

    adopted = next(one for one in desk.rows(Voicemail) if one.carrier_id == lost.recording_id)
    assert (adopted.call_id, adopted.business_id) == (row.call_id, row.business_id)


def test_youngest_recordings_are_left_to_their_callback(desk):
    desk.recordings.listed = [recording(recorded_at=datetime.now(UTC))]

    upkeep.reconcile()

    assert desk.rows(Voicemail) == []


def test_recordings_of_other_numbers_are_not_ours(desk):
    foreign = recording()
    desk.recordings.listed = [foreign]
    desk.recordings.calls[foreign.call_id] = call(foreign, "+12125550199")

    upkeep.reconcile()

    assert desk.rows(Voicemail) == []


@pytest.mark.parametrize("number", ["+18005550100", "+18005550188"])
def test_recordings_of_our_numbers_are_adopted(desk, number):
    with desk.services.sessions.begin() as session:
        business = session.get_one(Business, desk.code.business_id)
        assign_code(
            session,
            business,
            "3099",
            by=OPERATOR,
            at=datetime.now(UTC),
            dedicated_number="+18005550188",
        )
    lost = recording()
    desk.recordings.listed = [lost]
    desk.recordings.calls[lost.call_id] = call(lost, number)

    upkeep.reconcile()

    assert [one.carrier_id for one in desk.rows(Voicemail)] == [lost.recording_id]


def test_one_refused_recording_bars_no_other(desk):
    refused, lost = recording(), recording()
    desk.recordings.listed = [refused, lost]
    desk.recordings.calls[refused.call_id] = PermanentFailure("not an id of the carrier's")

    upkeep.reconcile()

    assert [one.carrier_id for one in desk.rows(Voicemail)] == [lost.recording_id]


def test_carrier_that_is_away_fails_no_job(desk):
    desk.recordings.trouble = TemporaryFailure("away")

    upkeep.reconcile()

    assert desk.rows(Voicemail) == []


def recording(**facts):
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
    found = CarrierRecording("RE" + uuid4().hex, "CA" + uuid4().hex, at, 7)
    return replace(found, **facts)


def call(of, number):
    return CarrierCall(of.call_id, "+14155550123", number, of.recorded_at)


def test_rows_due_are_offered_again(desk, monkeypatch):
    due, later = desk.voicemail(), desk.voicemail(due_at=datetime.now(UTC) + timedelta(hours=1))
    monkeypatch.setattr(upkeep, "redis", lambda: None)
    monkeypatch.setattr(upkeep, "open_queue", lambda *_: Waiting(0))

    upkeep.requeue_stalled()

    assert desk.offered == [("collect", [due.id])]
    assert desk.now(later).due_at - datetime.now(UTC) > timedelta(minutes=50)


def test_backlog_is_not_taken_for_a_stall(desk, monkeypatch):
    desk.voicemail()
    monkeypatch.setattr(upkeep, "redis", lambda: None)
    monkeypatch.setattr(upkeep, "open_queue", lambda *_: Waiting(upkeep.ROOM))

    upkeep.requeue_stalled()

    assert desk.offered == []


class Waiting:
    """A queue in which so many jobs wait."""

    def __init__(self, count):
        self.count = count
