"""Commands of the operator, run as processes where exit status and standard error matter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from lines import open_line

from voiceline import schema, spool
from voiceline.carrier_events import RecordingNotice
from voiceline.cli import main_group
from voiceline.commands.context import now

ROOT = Path(__file__).parents[2]


def voiceline(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voiceline", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )


def test_a_mistake_is_a_sentence_and_exit_status_1(run):
    ended = voiceline("business", "tier", "nobody", "enterprise")

    assert ended.returncode == 1
    assert ended.stderr.startswith("voiceline: No business")
    assert "Traceback" not in ended.stderr


def test_an_unknown_option_is_exit_status_2(environment):
    ended = voiceline("business", "add", "--nonsense")

    assert ended.returncode == 2


def test_a_wrong_setting_stops_every_command_by_name(environment):
    environment.setenv("VOICELINE_LOG_LEVEL", "LOUD")

    ended = voiceline("business", "list")

    assert ended.returncode == 1
    assert "VOICELINE_LOG_LEVEL" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_database_that_does_not_answer_is_a_sentence(environment):
    environment.setenv("VOICELINE_DATABASE_URL", "postgresql+psycopg://x@127.0.0.1:1/x")

    ended = voiceline("business", "list")

    assert ended.returncode == 1
    assert "VOICELINE_DATABASE_URL" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_empty_database_is_sent_to_upgrade(environment, tmp_path):
    environment.setenv("VOICELINE_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")

    refused = voiceline("business", "list")
    upgraded = voiceline("db", "upgrade")
    listed = voiceline("business", "list")

    assert "voiceline db upgrade" in refused.stderr
    assert schema.newest() in upgraded.stdout
    assert "Voiceline" in listed.stdout


def test_doctor_says_what_to_do_about_a_dead_queue(run):
    ended = run("doctor")

    assert ended.exit_code == 1
    assert "VOICELINE_REDIS_URL" in ended.output


def test_storage_of_a_folder_needs_nothing(run):
    checked, set_up = run("storage", "check"), run("storage", "setup")

    assert (checked.exit_code, set_up.exit_code) == (0, 0)
    assert "needs no rules" in checked.output


def test_spooled_events_are_counted_and_fed_in(run, services):
    notice = RecordingNotice("CA" + "1" * 32, "RE" + "1" * 32, "completed", now(), seconds=5)
    spool.write_event(services.settings.spool_dir, notice.as_json())

    before, fed, after = run("spool", "list"), run("spool", "replay"), run("spool", "list")

    assert before.output.startswith("1 event")
    assert "1 events fed in, 0 left" in fed.output
    assert after.output.startswith("0 event")


def test_numbers_are_shown_before_they_are_pointed_at_us(environment, tmp_path, run):
    with open_line(environment, tmp_path):
        differing = run("twilio", "check")
        declined = run("twilio", "setup", input="n\n")
        done = run("twilio", "setup", "--yes")
        right = run("twilio", "check")

    assert differing.exit_code == 1
    assert "voice_url" in differing.output
    assert declined.exit_code == 1
    assert done.exit_code == 0
    assert (right.exit_code, "come to us" in right.output) == (0, True)


@pytest.mark.parametrize("name", sorted(main_group.commands))
def test_every_command_explains_itself(run, name):
    helped = run(name, "--help")

    assert helped.exit_code == 0
    assert len(main_group.commands[name].help or "") > 20
