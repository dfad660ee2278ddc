from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from voiceline.simulator.resources import CallRow, RecordingRow
from voiceline.simulator.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 8, tzinfo=UTC)
CALL = CallRow("CA1", "+14155550123", "+18005550199", "completed", NOW, NOW, NOW, 9)
RECORDING = RecordingRow("RE1", "CA1", "completed", NOW, NOW, 4)


def test_rows_come_back_as_they_were(tmp_path, store):
    store.save_call(CALL)
    store.save_recording(RECORDING, b"RIFF")

    again = Store(tmp_path)

    assert (again.call("CA1"), again.recording("RE1")) == (CALL, RECORDING)
    assert again.media("RE1") == b"RIFF"
    assert again.completed_moment("RE1") < 0


def test_what_was_under_way_is_lost_with_its_process(tmp_path, store):
    store.save_call(CallRow("CA1", "", "", "in-progress", NOW))
    store.save_recording(RecordingRow("RE1", "CA1", "in-progress", NOW, NOW))

    again = Store(tmp_path)

    assert again.call("CA1").status == "failed"
    assert again.recording("RE1").status == "absent"


def test_damaged_files_are_passed_over(tmp_path, store):
    store.save_call(CALL)
    (tmp_path / "calls" / "CA2.json").write_text('{"sid": "CA2"')
    (tmp_path / "calls" / "CA3.json").write_text('{"sid": "CA3"}')

    again = Store(tmp_path)

    assert again.calls() == [CALL]


def test_a_deleted_recording_has_a_row_and_no_file(tmp_path, store):
    store.save_recording(RECORDING, b"RIFF")

    store.delete_recording(RecordingRow("RE1", "CA1", "completed", NOW, NOW, 4, deleted_at=NOW))

    assert store.media("RE1") is None
    assert store.recording("RE1").deleted_at == NOW
    assert [path.name for path in (tmp_path / "recordings").iterdir()] == ["RE1.json"]


def test_rows_are_listed_newest_first(store):
    for number in (2, 1, 3):
        moment = NOW + timedelta(seconds=number)
        store.save_recording(RecordingRow(f"RE{number}", "CA1", "completed", moment, moment))

    assert [row.sid for row in store.recordings()] == ["RE3", "RE2", "RE1"]


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)
