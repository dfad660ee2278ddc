"""`voiceline clock`, as an operator runs it after the line stood still for a week."""

from __future__ import annotations

from datetime import timedelta

import pytest

from voiceline.commands.context import now
from voiceline.models import AuditEntry, ClockMark


@pytest.fixture
def seen(services):
    """Let the clock have shown a moment so many days from now."""

    def show(days):
        with services.sessions.begin() as session:
            session.add(ClockMark(id=1, seen_at=now() + timedelta(days=days)))

    return show


def test_a_clock_that_is_right_is_said_to_be(run):
    shown = run("clock", "show")

    assert shown.exit_code == 0
    assert shown.output.endswith("last believed: never.\nVoicemails expire by it.\n")


@pytest.mark.parametrize(("days", "why"), [(-7, "days later"), (7, "before a moment")])
def test_a_clock_in_doubt_is_confirmed_and_then_right(run, services, seen, days, why):
    seen(days)

    before, confirmed, after = run("clock", "show"), run("clock", "confirm"), run("clock", "show")

    assert (before.exit_code, after.exit_code) == (1, 0)
    assert "Nothing expires: " in before.output
    assert why in before.output
    assert confirmed.output.startswith("Voicemails expire by the database's clock again")
    with services.sessions() as session:
        assert session.query(AuditEntry).filter_by(action="clock.confirmed").count() == 1


def test_doctor_names_the_command(run, seen):
    seen(-7)

    assert "voiceline clock confirm" in run("doctor").output
