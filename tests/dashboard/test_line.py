"""What a business sees of the line: whether it was proven lately, and the proofs of a month."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from factories import make_member, make_user
from staff import signed_in

from voiceline.models import CanaryCall, Role
from voiceline.rules.canary import CanaryOutcome, CanaryStep

NUMBER = "+18005550100"


@pytest.fixture
def watched(environment):
    environment.setenv("VOICELINE_CANARY_FROM", "+14155550160")


@pytest.fixture
def proof(services, clock):
    """Add a judged canary call; more facts may be given."""

    def add(**facts):
        with services.sessions.begin() as session:
            facts = {
                "number": NUMBER,
                "from_number": "+14155550160",
                "language": "en",
                "code": "11812345",
                "placed_at": clock() - timedelta(minutes=4),
                "outcome": CanaryOutcome.OK,
            } | facts
            session.add(CanaryCall(**facts))

    return add


def codes(world):
    return f"/businesses/{world.acme.id}/codes"


def month(world, written="2026-11"):
    return f"/businesses/{world.acme.id}/line.csv?month={written}"


def rows(answer):
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


@pytest.mark.usefixtures("watched")
class TestState:
    def test_a_line_that_works_is_said_quietly(self, alice, world, proof):
        proof()

        text = alice.get(codes(world)).text

        assert "was checked 4 min ago: answered, recorded, stored, filed." in text

    def test_a_late_proof_says_so(self, alice, world, proof):
        proof(outcome=CanaryOutcome.LATE)

        assert "later than usual" in alice.get(codes(world)).text

    def test_a_line_that_was_not_proven_is_said(self, alice, world, proof):
        proof(placed_at=datetime(2026, 11, 1, tzinfo=UTC))
        proof(outcome=CanaryOutcome.FAILED, failed_step=CanaryStep.CODE, reason="nothing came")

        text = alice.get(codes(world)).text

        assert "Not proven" in text
        assert "nothing came" not in text

    def test_a_verdict_of_long_ago_says_nothing_of_now(self, alice, world, proof, clock):
        proof(placed_at=clock() - timedelta(days=2))

        text = alice.get(codes(world)).text

        assert "was last checked 2 days ago" in text
        assert "Works" not in text

    def test_a_line_that_was_never_checked_says_so(self, alice, world):
        assert "was not checked so far" in alice.get(codes(world)).text

    def test_a_call_under_way_proves_nothing_yet(self, alice, world, proof):
        proof(outcome=None)

        assert "was not checked so far" in alice.get(codes(world)).text


def test_nothing_is_said_where_nothing_calls_the_line(alice, world, proof):
    proof()

    assert 'id="line"' not in alice.get(codes(world)).text


def test_a_month_is_a_file_of_its_judged_calls(bob, world, proof):
    proof(placed_at=datetime(2026, 11, 1, tzinfo=UTC), reason="=1+1", answered_at=None)
    proof(placed_at=datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
    proof(placed_at=datetime(2026, 12, 1, tzinfo=UTC))
    proof(placed_at=datetime(2026, 11, 2, tzinfo=UTC), outcome=None)

    answer = bob.get(month(world))

    (row,) = rows(answer)
    assert row["placed_at"] == "2026-11-01T00:00:00+00:00"
    assert row["outcome"] == "ok"
    assert row["reason"] == "'=1+1"
    assert 'filename="line-2026-11.csv"' in answer.headers["Content-Disposition"]
    assert "11812345" not in answer.text


def test_december_ends_with_the_year(bob, world, proof):
    proof(placed_at=datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    proof(placed_at=datetime(2027, 1, 1, tzinfo=UTC))

    assert len(rows(bob.get(month(world, "2026-12")))) == 1


@pytest.mark.parametrize("written", ["2026-13", "2026", "now", "0000-01", "٢٠٢٦-11", "2026-1"])
def test_what_is_no_month_is_refused_with_how_one_is_written(bob, world, written):
    answer = bob.get(month(world, written))

    assert (answer.status_code, answer.text) == (422, "A month is written as 2026-11.\n")


def test_a_viewer_takes_no_proofs_away(app, world, services):
    with services.sessions.begin() as session:
        viewer = make_user(session, "Dora Diaz")
        make_member(session, session.merge(world.acme), viewer, Role.VIEWER)

    assert signed_in(app, viewer).get(month(world)).status_code == 403


def test_a_foreign_business_is_a_missing_one(charlie, world):
    assert charlie.get(month(world)).status_code == 404
