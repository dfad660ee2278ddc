"""Logs go after 90 days (law.md 5.1, line 63), and no line is lost on the way."""

from __future__ import annotations

import json
import multiprocessing
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from structlog.testing import capture_logs

from jobs import forgetting
from voiceline.log import set_up_logging
from voiceline.log_files import DayFile, delete_old, file_of

AT = datetime(2027, 6, 1, 12, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
LINES = 300


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "log"


@pytest.mark.parametrize(("age", "there"), [(89, True), (90, True), (91, False), (400, False)])
def test_l63_a_line_of_89_days_is_there_and_one_of_91_is_not(folder, age, there):
    written = AT - age * DAY
    DayFile(folder, lambda: written).write("{}\n")

    delete_old(folder, at=AT)

    assert file_of(folder, written.date()).exists() is there


def test_a_line_is_kept_for_the_whole_of_its_ninety_days(folder):
    last_of_the_day = datetime(2027, 3, 3, 23, 59, 59, tzinfo=UTC)
    DayFile(folder, lambda: last_of_the_day).write("{}\n")

    gone = [delete_old(folder, at=last_of_the_day + 90 * DAY + more) for more in (-SECOND, SECOND)]

    assert gone == [0, 1]


def test_who_begins_a_day_deletes_what_is_old_on_its_machine(folder):
    DayFile(folder, lambda: AT - 91 * DAY).write("{}\n")

    DayFile(folder, lambda: AT).write("{}\n")

    assert [path.name for path in folder.iterdir()] == ["voiceline-2027-06-01.jsonl"]


def test_other_files_stay(folder):
    folder.mkdir()
    others = ["voiceline-2020-01-01.jsonl.gz", "notes.txt", "voiceline-2020-13-01.jsonl"]
    for name in others:
        (folder / name).write_text("ours")

    assert delete_old(folder, at=AT) == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(others)


def test_a_folder_that_is_not_there_has_nothing_old(folder):
    assert delete_old(folder, at=AT) == 0


def test_each_day_has_its_file_and_strangers_read_none(folder):
    at = AT
    file = DayFile(folder, lambda: at)

    for number, at in enumerate([AT, AT + DAY, AT + DAY]):  # noqa: B007 - the clock reads it
        file.write(f"{number}\n")

    assert file_of(folder, AT.date()).read_text() == "0\n"
    assert file_of(folder, (AT + DAY).date()).read_text() == "1\n2\n"
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_processes_that_write_at_once_lose_and_mix_no_line(folder):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_lines, args=(folder, name)) for name in "abc"]

    for each in writers:
        each.start()
    for each in writers:
        each.join(timeout=30)

    lines = [json.loads(line) for line in file_of(folder, AT.date()).read_text().splitlines()]
    assert sorted((line["by"], line["number"]) for line in lines) == [
        (name, number) for name in "abc" for number in range(LINES)
    ]


def test_a_full_disk_stops_nobody_and_the_line_is_on_standard_error(folder, capsys):
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("not a folder")

    DayFile(folder, lambda: AT).write("{}\n")

    assert capsys.readouterr().err == "{}\n"


def test_our_lines_go_to_the_folder_and_keep_to_the_list(folder, capsys, request):
    request.addfinalizer(structlog.reset_defaults)

    set_up_logging("INFO", folder)
    structlog.get_logger().info("call.trouble", call="CA1", note="Dana asks for herself")

    (path,) = folder.iterdir()
    (line,) = [json.loads(each) for each in path.read_text().splitlines()]
    assert set(line) == {"event", "level", "timestamp", "call"}
    assert capsys.readouterr().err == ""


def test_the_job_that_forgets_deletes_old_files(services, monkeypatch):
    folder = services.settings.data_dir / "log"
    services = _with_log_dir(services, folder)
    monkeypatch.setattr(forgetting, "services", lambda: services)
    monkeypatch.setattr(forgetting, "now", lambda: AT)
    for age in (92, 1):
        folder.mkdir(exist_ok=True)
        file_of(folder, (AT - age * DAY).date()).write_text("{}\n")

    with capture_logs() as said:
        forgetting.forget()

    assert [path.name for path in folder.iterdir()] == ["voiceline-2027-05-31.jsonl"]
    assert {"event": "log_files.forgotten", "count": 1, "log_level": "info"} in said


def _with_log_dir(services, folder):
    return replace(services, settings=services.settings.model_copy(update={"log_dir": folder}))


def _write_lines(folder, name):
    file = DayFile(folder, lambda: AT)
    for number in range(LINES):
        file.write(json.dumps({"by": name, "number": number, "filling": "x" * 500}) + "\n")
    sys.stdout.flush()
