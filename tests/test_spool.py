"""What is left when everything else is down: one file an event, and nobody else may read it."""

from __future__ import annotations

import errno
import json
import os
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from voiceline import spool
from voiceline.carrier_events import RecordingNotice

EVENT = {"call_id": "CA1", "seconds": 7, "from_number": "+14155550123", "hung_up": False}
BROKEN = {
    "cut short": b'{"call_id": "CA',
    "empty": b"",
    "not UTF-8": b'{"call_id": "\xff\xfe"}',
    "zeros": b"\x00" * 4096,
}


def test_a_spooled_event_is_read_as_it_was_written(tmp_path):
    written = spool.write_event(tmp_path / "spool", EVENT)

    assert list(spool.events(tmp_path / "spool")) == [(written, EVENT)]


def test_nobody_else_may_read_the_spool(tmp_path):
    written = spool.write_event(tmp_path / "spool", EVENT)

    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert stat.S_IMODE(written.parent.stat().st_mode) == 0o700


def test_events_are_read_in_the_order_they_came(tmp_path):
    written = [spool.write_event(tmp_path, EVENT | {"seconds": number}) for number in range(20)]

    assert [path for path, _ in spool.events(tmp_path)] == written


def test_an_event_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    steps = []
    fsync, rename = os.fsync, Path.rename
    monkeypatch.setattr(os, "fsync", lambda file: (steps.append("fsync"), fsync(file)))
    monkeypatch.setattr(Path, "rename", lambda *names: (steps.append("rename"), rename(*names)))

    spool.write_event(tmp_path, EVENT)

    assert steps == ["fsync", "rename", "fsync"]


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_does_not_hide_the_others(tmp_path, content):
    (tmp_path / "00000000000000000001-aaaa.json").write_bytes(content)
    whole = spool.write_event(tmp_path, EVENT)

    found = [path for path, _ in spool.events(tmp_path)]

    assert found == [whole]
    assert (tmp_path / "00000000000000000001-aaaa.json").read_bytes() == content


def test_a_file_without_permission_does_not_hide_others(tmp_path, monkeypatch):
    locked, whole = spool.write_event(tmp_path, EVENT), spool.write_event(tmp_path, EVENT)
    read = Path.read_text

    def refuse(path, **how):
        if path == locked:
            raise PermissionError(errno.EACCES, "no")
        return read(path, **how)

    monkeypatch.setattr(Path, "read_text", refuse)

    assert [path for path, _ in spool.events(tmp_path)] == [whole]


def test_a_full_disk_leaves_no_half_file(tmp_path, monkeypatch):
    def refuse(_file):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises(OSError, match="no space"):
        spool.write_event(tmp_path, EVENT)

    assert not list(tmp_path.iterdir())


def test_a_half_written_file_is_not_an_event(tmp_path):
    (tmp_path / "00000000000000000001-aaaa.part").write_text('{"call_id": "CA1"}')

    assert not list(spool.events(tmp_path))


def test_a_broken_file_is_told_of_by_its_name(tmp_path):
    (tmp_path / "00000000000000000001-aaaa.json").write_bytes(BROKEN["cut short"])
    told = []

    list(spool.events(tmp_path, lambda path, error: told.append((path.name, type(error)))))

    assert told == [("00000000000000000001-aaaa.json", json.JSONDecodeError)]


def test_a_whole_draft_of_a_dead_process_is_taken_up(tmp_path):
    _age(tmp_path / "00000000000000000001-aaaa.part", json.dumps(EVENT).encode())

    deleted = spool.take_up_drafts(tmp_path)

    assert deleted == 0
    assert list(spool.events(tmp_path)) == [(tmp_path / "00000000000000000001-aaaa.json", EVENT)]


def test_a_dead_process_half_draft_is_deleted(tmp_path):
    for content in BROKEN.values():
        _age(tmp_path / f"{len(content):020d}-aaaa.part", content)

    deleted = spool.take_up_drafts(tmp_path)

    assert deleted == len(BROKEN)
    assert not list(tmp_path.iterdir())


def test_a_draft_that_may_be_in_use_is_left_alone(tmp_path):
    draft = tmp_path / "00000000000000000001-aaaa.part"
    draft.write_text('{"call_id": ')

    spool.take_up_drafts(tmp_path)

    assert draft.exists()


def test_an_event_removed_twice_is_removed(tmp_path):
    written = spool.write_event(tmp_path, EVENT)

    spool.remove(written)
    spool.remove(written)

    assert not list(tmp_path.iterdir())


def test_a_spool_that_never_was_holds_nothing(tmp_path):
    assert not list(spool.events(tmp_path / "never"))


def test_a_notice_survives_the_spool(tmp_path):
    at = datetime(2026, 11, 20, 20, tzinfo=UTC)
    notice = RecordingNotice(
        "CA1", "RE1", "completed", at, 7, 1, "4021", "es", "delete", hung_up=True
    )

    spool.write_event(tmp_path, notice.as_json())

    ((_, values),) = spool.events(tmp_path)
    assert RecordingNotice.from_json(values) == notice


def _age(path, content):
    path.write_bytes(content)
    before = time.time() - spool.DEAD_AFTER_SECONDS - 60
    os.utime(path, (before, before))
