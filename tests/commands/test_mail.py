"""`voiceline mail again`, as an operator runs it after a bad password was put right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import make_business

from voiceline.commands.context import now
from voiceline.models import Delivery, DeliveryKind
from voiceline.rules.lifecycle import DeliveryStatus

UNADMITTED = "the mail server refused every recipient with 530"


def test_lost_mail_is_owed_again_and_said(run, lost):
    lost(3)

    first, second = run("mail", "again"), run("mail", "again")

    assert first.output == "3 messages are owed again and go out with the queue notify.\n"
    assert second.output == "0 messages are owed again and go out with the queue notify.\n"
    assert (first.exit_code, second.exit_code) == (0, 0)


def test_day_from_which_on_can_be_named(run, lost):
    lost(1, days=20)

    late = run("mail", "again")
    asked = run("mail", "again", "--since", f"{now() - timedelta(days=21):%Y-%m-%d}")

    assert late.output.startswith("0 messages")
    assert asked.output.startswith("1 messages")


def test_overtaken_mail_is_said(run, lost):
    lost(1, kind=DeliveryKind.RECEIPT)

    ended = run("mail", "again")

    assert ended.output.splitlines()[0].startswith("0 messages")
    assert ended.output.splitlines()[1].startswith("1 stay given up")


def test_day_that_is_none_is_refused(run):
    assert run("mail", "again", "--since", "yesterday").exit_code == 2


def test_doctor_names_the_command(run, lost):
    lost(1)

    assert "voiceline mail again" in run("doctor").output


@pytest.fixture
def lost(services):
    """Add messages that were given up some days ago."""

    def lost(count, *, days=1, kind=DeliveryKind.DEADLINES):
        at = now() - timedelta(days=days)
        with services.sessions.begin() as session:
            business = make_business(session)
            session.add_all(
                Delivery(
                    business_id=business.id,
                    key=f"{kind}/{place}",
                    kind=kind,
                    address="alice@example.com",
                    status=DeliveryStatus.FAILED,
                    created_at=at,
                    finished_at=at,
                    attempts=1,
                    last_error=UNADMITTED,
                )
                for place in range(count)
            )

    return lost
