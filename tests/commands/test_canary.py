"""`voiceline canary`: what was proven, what was not, and the doctor's word on it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from voiceline.canary import open_sentinel
from voiceline.commands.context import now
from voiceline.models import CanaryCall
from voiceline.rules.canary import CanaryOutcome, CanaryStep

FROM = "+14155550160"


@pytest.fixture
def proof(run, services):
    """Add a canary call of so long ago; more facts may be given."""

    def add(ago=timedelta(minutes=4), **facts):
        with services.sessions.begin() as session:
            row = CanaryCall(
                **{
                    "number": "+18005550100",
                    "from_number": FROM,
                    "language": "en",
                    "code": "11812345",
                    "placed_at": now() - ago,
                    "outcome": CanaryOutcome.OK,
                    "erased_at": now(),
                }
                | facts
            )
            session.add(row)
        return row

    return add


@pytest.fixture
def broken(proof):
    return lambda **facts: proof(
        outcome=CanaryOutcome.FAILED,
        failed_step=CanaryStep.RECORDED,
        reason="the carrier recorded nothing",
        **facts,
    )


def test_list_tells_each_call_and_where_it_ended(run, proof, broken):
    proof(ago=timedelta(hours=2))
    broken(ago=timedelta(hours=1))
    proof(outcome=None)

    told = run("canary", "list").output.splitlines()

    assert "under way" in told[0]
    assert "FAILED: not proven that the message was recorded" in told[1]
    assert told[2].endswith("ok")


def test_nothing_is_placed_without_a_number_to_call_from(run):
    ended = run("canary")

    assert ended.exit_code != 0
    assert "VOICELINE_CANARY_FROM" in str(ended.exception)


def test_a_carrier_that_is_away_is_an_exit_status(run, services, environment):
    environment.setenv("VOICELINE_CANARY_FROM", FROM)
    environment.setenv("VOICELINE_TWILIO_API_BASE", "http://127.0.0.1:9")
    environment.setattr("voiceline.canary_proof.rules.UNHEARD_AFTER", timedelta(0))
    with services.sessions.begin() as session:
        open_sentinel(session, at=now())

    ended = run("canary", "--wait")

    assert ended.exit_code == 1
    assert "FAILED: not proven that the carrier placed the call" in ended.output


def test_a_second_call_at_once_is_refused(run, proof, environment, services):
    environment.setenv("VOICELINE_CANARY_FROM", FROM)
    with services.sessions.begin() as session:
        open_sentinel(session, at=now())
    proof(outcome=None)

    ended = run("canary")

    assert "under way" in str(ended.exception)


def test_metrics_tell_the_last_success_and_failures_by_step(run, proof, broken):
    good = proof()
    broken()

    told = run("canary", "metrics").output

    name = 'voiceline_canary_last_success_timestamp_seconds{number="+18005550100"}'
    assert f"{name} {good.placed_at.timestamp():.0f}" in told
    assert 'voiceline_canary_calls_total{outcome="failed",step="recorded"} 1' in told
    assert 'voiceline_canary_calls_total{outcome="ok",step=""} 1' in told


class TestDoctor:
    @pytest.fixture
    def said(self, run, environment):
        def look(**settings):
            environment.setenv("VOICELINE_CANARY_FROM", FROM)
            for name, value in settings.items():
                environment.setenv(f"VOICELINE_{name.upper()}", value)
            return [
                line for line in run("doctor").output.splitlines() if line[5:].startswith("canary")
            ]

        return look

    def test_says_that_nothing_calls_the_line(self, said):
        (line,) = said(canary_from="")

        assert "off" in line

    def test_says_that_the_scheduler_places_none(self, said, proof):
        proof(ago=timedelta(hours=5))

        assert "BAD" in said()[0]
        assert "no call since" in said()[0]

    def test_says_which_number_was_not_proven(self, said, proof, broken):
        proof(ago=timedelta(hours=1))
        broken()

        (line,) = said()

        assert "+18005550100 was not proven" in line

    def test_is_content_with_a_line_that_works(self, said, proof):
        proof()

        (line,) = said()

        assert line.startswith("ok")
