"""Commands of the operator, run as processes where exit status and standard error matter."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from factories import make_business, make_code, make_request
from lines import open_line

from voiceline import schema, spool
from voiceline.adapters.smtp_mailer import TO_CHECK
from voiceline.carrier_events import RecordingNotice
from voiceline.cli import main_group
from voiceline.commands.context import now
from voiceline.models import Delivery, DeliveryKind
from voiceline.rules.lifecycle import DeliveryStatus

ROOT = Path(__file__).parents[2]
FAILED = DeliveryStatus.FAILED
WRONG_PASSWORD = "the mail server refused our password with 535"
UNRELAYED = f"the mail server refused every recipient with 554 5.7.1 because of us ({TO_CHECK})"
NOBODY = "the mail server refused every recipient with 550"


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


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"hours": 2, "last_error": WRONG_PASSWORD, "attempts": 90}, WRONG_PASSWORD),
        ({"hours": 2}, "start a worker"),
        ({"hours": 2, "last_error": UNRELAYED, "attempts": 90}, "whether it relays for us"),
        ({"status": FAILED, "last_error": NOBODY, "attempts": 1}, NOBODY),
        ({"status": FAILED, "last_error": "unexpected KeyError", "attempts": 1500}, "KeyError"),
    ],
)
def test_doctor_says_what_to_do_about_stuck_mail(run, owed, facts, said):
    owed(**facts)

    ended = run("doctor")

    advice = [line for line in ended.output.splitlines() if "->" in line and said in line]
    assert len(advice) == 1
    assert "BAD  mail         1 messages" in ended.output


@pytest.mark.parametrize(
    "facts",
    [
        {"last_error": WRONG_PASSWORD, "attempts": 9},
        {"status": FAILED, "last_error": "there is nothing to tell", "attempts": 1},
        {"status": FAILED, "last_error": NOBODY, "attempts": 1, "hours": 24 * 8},
        {"status": DeliveryStatus.DONE, "hours": 2, "attempts": 1},
    ],
)
def test_doctor_is_content_with_mail_that_goes(run, owed, facts):
    owed(**facts)

    ended = run("doctor")

    assert "BAD  mail" not in ended.output
    assert ended.output.count("ok   mail") == 2


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


def test_requests_in_no_log_are_written_once(run, services):
    with services.sessions.begin() as session:
        code = make_code(session, make_business(session))
        for _ in range(3):
            make_request(session, code)

    first, second = run("db", "repair"), run("db", "repair")

    assert first.output == "3 requests were written into the log.\n"
    assert second.output == "0 requests were written into the log.\n"


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


@pytest.fixture
def owed(services):
    """Add a message of some hours ago; what has an end ended then."""

    def owed(*, status: DeliveryStatus = DeliveryStatus.PENDING, hours: int = 0, **facts) -> None:
        at = now() - timedelta(hours=hours)
        pending = status == DeliveryStatus.PENDING
        times = {"due_at": now()} if pending else {"finished_at": at}
        with services.sessions.begin() as session:
            session.add(
                Delivery(
                    business_id=make_business(session).id,
                    key="receipt/1",
                    kind=DeliveryKind.RECEIPT,
                    address="maria@example.com",
                    status=status,
                    created_at=at,
                    **times,
                    **facts,
                )
            )

    return owed
