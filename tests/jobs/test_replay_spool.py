"""What the carrier told us while the database was away is fed in once, and nothing bars another."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError

from jobs import upkeep
from voiceline import spool
from voiceline.carrier_events import RecordingNotice
from voiceline.models import Call, Voicemail
from voiceline.ports import CarrierCall, CarrierRecording

AT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)


def test_spool_knows_more_than_the_carriers_list(desk):
    lost = CarrierRecording("RE" + "1" * 32, "CA" + "1" * 32, AT, 7)
    desk.recordings.listed = [lost]
    known = CarrierCall(lost.call_id, "+14155550123", "+18005550100", AT)
    desk.recordings.calls[lost.call_id] = known
    spooled(desk, code="4021")

    upkeep.reconcile()

    (row,) = desk.rows(Voicemail)
    assert row.business_id == desk.code.business_id


def test_spooled_events_are_fed_in_once(desk):
    spooled(desk, code="4021", right="delete")

    upkeep.replay_spool()
    upkeep.replay_spool()

    (row,) = desk.rows(Voicemail)
    assert row.business_id == desk.code.business_id
    assert desk.rows(Call)[0].right == "delete"
    assert list(spool.events(desk.services.settings.spool_dir)) == []
    assert desk.offered == [("collect", [row.id])]


@pytest.mark.parametrize(
    "damaged",
    [
        {"unexpected": "words"},
        [1],
        {"recorded_at": "0001-01-01T00:00:00+23:00"},
        {"recorded_at": "2026-11-20T20:00:00"},
        {"recorded_at": 7},
        {"right": "fly"},
    ],
    ids=str,
)
def test_damaged_event_bars_no_other(desk, logged, damaged):
    folder = desk.services.settings.spool_dir
    whole = json.loads(spooled(desk, code="4021").read_text())
    other = {"recording_id": "RE" + "9" * 32}
    is_part = isinstance(damaged, dict)
    bad = spool.write_event(folder, whole | other | damaged if is_part else damaged)

    upkeep.replay_spool()

    assert [row.carrier_id for row in desk.rows(Voicemail)] == ["RE" + "1" * 32]
    assert [path for path, _ in spool.events(folder)] == [bad]
    assert ("spool.unreadable", bad.name) in logged


def test_file_that_is_no_event_is_named(desk, logged):
    folder = desk.services.settings.spool_dir
    spooled(desk, code="4021")
    (folder / "00000000000000000001-aaaa.json").write_text("{")

    upkeep.replay_spool()

    assert len(desk.rows(Voicemail)) == 1
    assert ("spool.unreadable", "00000000000000000001-aaaa.json") in logged


def test_spool_waits_while_the_database_is_away(desk, monkeypatch):
    for _ in range(3):
        spooled(desk, recording_id="RE" + uuid4().hex)
    tries = []

    def lose_database(*_, **__):
        tries.append(1)
        raise OperationalError("insert", {}, Exception("gone"))

    monkeypatch.setattr(upkeep.carrier_events, "accept", lose_database)
    upkeep.replay_spool()

    assert len(tries) == 1
    assert len(list(spool.events(desk.services.settings.spool_dir))) == 3


def spooled(desk, **facts):
    known = {"call_id": "CA" + "1" * 32, "recording_id": "RE" + "1" * 32, "take": 1}
    notice = RecordingNotice(
        **{"status": "completed", "recorded_at": AT, "seconds": 7} | known | facts
    )
    return spool.write_event(desk.services.settings.spool_dir, notice.as_json())


@pytest.fixture
def logged(monkeypatch):
    """The names of what was logged, each with the file it told of."""
    lines = []
    for level in ("info", "warning", "error"):
        monkeypatch.setattr(
            upkeep.log, level, lambda name, **facts: lines.append((name, facts.get("file")))
        )
    return lines
