"""The canary call, all the way through the real path, and what it says when a step fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from canaries import FROM, Canary, make_canary
from lines import NUMBER, open_line
from sqlalchemy import select

from jobs import canary as job
from jobs import upkeep
from jobs.claimed import now
from voiceline import canary, carrier_events
from voiceline.carrier_events import RecordingNotice
from voiceline.models import (
    AuditEntry,
    Business,
    Call,
    CanaryCall,
    Delivery,
    PrivacyRequest,
    RequestTally,
    Transcript,
    Voicemail,
)
from voiceline.rules.canary import CanaryOutcome, CanaryStep
from voiceline.rules.lifecycle import TranscriptStatus
from voiceline.rules.service_codes import CANARY_CODE
from voiceline.simulator import Faults, Number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL_BUT_WORDS = [step for step in CanaryStep if step != CanaryStep.TRANSCRIBED]


@pytest.fixture
def bird(environment: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Canary]:
    environment.setenv("VOICELINE_CANARY_FROM", FROM)
    with open_line(environment, tmp_path) as line:
        yield make_canary(line)


class TestProof:
    def test_every_step_of_the_real_path_has_its_moment(self, bird):
        row = bird.prove()

        assert row.outcome == CanaryOutcome.OK, (row.failed_step, row.reason)
        assert all(row.moment(step) for step in ALL_BUT_WORDS)
        assert row.sha256
        assert bird.mails() == []

    def test_each_number_is_called_in_each_language(self, bird):
        bird.prove()
        bird.let_pass(timedelta(hours=2))

        row = bird.prove()

        assert (row.number, row.language, row.outcome) == (NUMBER, "es", CanaryOutcome.OK)

    def test_what_is_said_is_after_the_tone_in_both_languages(self, bird):
        for _ in range(2):
            bird.prove()
            bird.let_pass(timedelta(hours=2))

        seconds = [voicemail.duration_ms / 1000 for voicemail in bird.line.rows(Voicemail)]

        # Two times the sentence, a pause, and the wait before and after it.
        assert all(8 < length < 12 for length in seconds), seconds

    def test_a_call_takes_less_than_a_minute(self, bird):
        row = bird.place()

        leg = bird.line.carrier.store.call(row.carrier_id)

        assert 40 < leg.duration < 60

    def test_what_it_left_is_taken_away_and_the_proof_stays(self, bird):
        row = bird.prove()

        assert job.take_away(bird.services, row.id)

        assert bird.left() == (0, 0, [])
        assert bird.line.rows(Call) == []
        assert bird.line.rows(RequestTally) == []
        assert bird.line.carrier.store.recordings()[0].deleted_at
        assert bird.row(row.id).outcome == CanaryOutcome.OK
        assert bird.row(row.id).erased_at

    def test_a_late_word_of_the_carrier_brings_nothing_back(self, bird):
        bird.line.carrier.set_faults(Faults(callbacks_repeated=1))
        row = bird.prove()
        call = bird.line.carrier.store.recordings()[0].call_sid
        job.take_away(bird.services, row.id)

        bird.line.carrier.set_faults(Faults())
        _repeat_callback(bird, call)

        assert bird.left()[:2] == (0, 0)

    def test_nobody_works_in_the_sentinel_and_nobody_is_mailed(self, bird):
        bird.prove()

        assert bird.line.rows(Delivery) == []

    def test_its_words_are_found_in_the_draft(self, bird):
        row = bird.place()
        bird.line.work()
        _draft(bird, "i would like you to delete all my personal data")

        job.advance(bird.services, row.id)

        assert bird.row(row.id).outcome == CanaryOutcome.OK
        assert bird.row(row.id).transcribed_at


class TestStepsThatFail:
    def test_a_busy_number_is_told_at_once(self, bird):
        bird.line.carrier.set_faults(Faults(outgoing_busy=1))

        row = bird.prove()

        assert (row.outcome, row.failed_step) == (CanaryOutcome.FAILED, CanaryStep.ANSWERED)
        assert row.reason == "the line was busy"
        assert len(bird.mails()) == 1

    def test_a_number_that_does_not_ring_here_is_told_at_once(self, bird):
        _point_elsewhere(bird)

        row = _prove_later(bird)

        assert (row.outcome, row.failed_step) == (CanaryOutcome.FAILED, CanaryStep.CODE)

    def test_a_refusing_carrier_fails_the_placing(self, bird):
        bird.line.carrier.set_faults(Faults(unauthorized=4))

        job.place(bird.services)

        (row,) = bird.line.rows(CanaryCall)
        assert (row.outcome, row.failed_step) == (CanaryOutcome.FAILED, CanaryStep.PLACED)
        assert bird.mails() == []

    def test_a_carrier_that_does_not_confirm_is_given_up(self, bird):
        bird.line.carrier.set_faults(Faults(broken=4))
        canary_id = job.place(bird.services)

        assert job.advance(bird.services, canary_id) is None
        bird.let_pass(timedelta(minutes=4))
        job.advance(bird.services, canary_id)

        assert bird.row(canary_id).failed_step == CanaryStep.PLACED

    def test_a_recording_nobody_told_of_fails_in_the_end(self, bird):
        bird.line.carrier.set_faults(Faults(callbacks_lost=9, actions_lost=1))
        row = bird.place()
        assert bird.line.rows(Voicemail) == []

        bird.let_pass(timedelta(minutes=21))
        job.advance(bird.services, row.id)

        assert bird.row(row.id).failed_step == CanaryStep.RECORDED

    def test_a_lost_callback_alone_is_no_trouble(self, bird):
        bird.line.carrier.set_faults(Faults(callbacks_lost=9))

        assert bird.prove().outcome == CanaryOutcome.OK

    def test_an_adopted_recording_is_a_late_proof(self, bird, monkeypatch):
        bird.line.carrier.set_faults(Faults(callbacks_lost=9, actions_lost=1))
        row = bird.place()
        _hear_receipt(bird)
        monkeypatch.setattr(upkeep, "YOUNG", -timedelta(minutes=1))
        bird.let_pass(timedelta(minutes=12))

        upkeep.reconcile()
        bird.line.work()
        job.advance(bird.services, row.id)

        assert bird.row(row.id).outcome == CanaryOutcome.LATE

    def test_a_store_that_is_away_fails_the_collecting(self, bird):
        row = bird.place()
        bird.let_pass(timedelta(minutes=21))

        job.advance(bird.services, row.id)

        assert bird.row(row.id).failed_step == CanaryStep.COLLECTED

    def test_a_store_that_answers_other_bytes_fails_the_collecting(self, bird):
        row = bird.place()
        bird.line.work()
        (voicemail,) = bird.line.rows(Voicemail)
        path = next((bird.services.settings.data_dir / "store").glob(f"**/{voicemail.carrier_id}*"))
        path.write_bytes(path.read_bytes()[:-2] + b"!!")

        job.advance(bird.services, row.id)

        assert bird.row(row.id).reason == "the store answers other bytes than were stored"

    def test_wrong_dates_fail_the_filing(self, bird):
        row = bird.place()
        bird.line.work()
        with bird.services.sessions.begin() as session:
            request = session.scalars(select(PrivacyRequest)).one()
            request.respond_by += timedelta(days=1)

        job.advance(bird.services, row.id)

        assert bird.row(row.id).failed_step == CanaryStep.FILED

    def test_a_caller_who_is_gone_hears_no_acknowledgement(self, bird):
        row = bird.place()
        bird.line.work()
        with bird.services.sessions.begin() as session:
            session.scalars(select(Call)).one().receipt_heard_at = None
        bird.let_pass(timedelta(minutes=2))

        leg = bird.line.carrier.store.call(row.carrier_id)
        bird.line.carrier.store.save_call(_ended_earlier(leg))
        job.advance(bird.services, row.id)

        assert bird.row(row.id).failed_step == CanaryStep.ACKNOWLEDGED

    def test_a_draft_with_other_words_fails_the_transcribing(self, bird):
        row = bird.place()
        bird.line.work()
        _draft(bird, "the quick brown fox")

        job.advance(bird.services, row.id)

        assert bird.row(row.id).failed_step == CanaryStep.TRANSCRIBED

    def test_a_greeting_that_breaks_is_told(self, bird):
        row = bird.place()
        with bird.services.sessions.begin() as session:
            call = session.scalars(select(Call)).one()
            assert call.business.is_canary
            session.get_one(CanaryCall, row.id).greeting_at = None
            for voicemail in session.scalars(select(Voicemail)):
                session.delete(voicemail)
        leg = bird.line.carrier.store.call(row.carrier_id)
        bird.line.carrier.store.save_call(_ended_earlier(leg))

        job.advance(bird.services, row.id)

        assert bird.row(row.id).failed_step == CanaryStep.GREETING


class TestNobodyElse:
    def test_the_sentinels_code_is_unknown_to_callers(self, bird):
        bird.line.call(*[f"{CANARY_CODE}#"] * 3, number=FROM)

        (call,) = bird.line.rows(Call)
        assert call.unassigned

    def test_a_caller_with_the_canarys_number_reaches_no_sentinel(self, bird):
        bird.line.call(f"{CANARY_CODE}#", "11812345#", "4021#", "", "3", "1", number=FROM)
        bird.line.work()

        request = bird.line.request()
        with bird.services.sessions() as session:
            business = session.get_one(Business, request.business_id)
            assert business.name == "Acme Shoes"
        assert canary_left(bird) == []

    def test_the_drawn_code_is_nothing_from_another_number(self, bird):
        row = _begin(bird)

        bird.line.call(f"{row.code}#", f"{row.code}#", f"{row.code}#", "1")

        (call,) = bird.line.rows(Call)
        assert call.unassigned

    def test_the_drawn_code_is_worth_nothing_twice(self, bird):
        row = bird.place()

        bird.line.call(*[f"{row.code}#"] * 3, "1", number=FROM)

        calls = bird.line.rows(Call)
        assert sorted(call.unassigned for call in calls) == [False, True]

    def test_a_judged_calls_code_is_worth_nothing(self, bird):
        row = bird.prove()
        job.take_away(bird.services, row.id)

        bird.line.call(*[f"{row.code}#"] * 3, "1", number=FROM)

        (call,) = bird.line.rows(Call)
        assert call.unassigned

    def test_no_chain_but_the_sentinels_tells_of_it(self, bird):
        before = len(bird.line.rows(AuditEntry))

        bird.prove()

        with bird.services.sessions() as session:
            sentinel = session.scalars(select(Business.id).where(Business.is_canary)).one()
            entries = session.scalars(select(AuditEntry)).all()
        assert {entry.business_id for entry in entries[before:]} <= {sentinel}


class TestOneAtATime:
    def test_two_schedulers_place_one_call(self, bird):
        first, second = job.place(bird.services), job.place(bird.services)

        bird.heard_out(first)
        assert second is None
        assert len(bird.line.rows(CanaryCall)) == 1

    def test_none_is_placed_while_one_is_under_way(self, bird):
        bird.place()
        bird.let_pass(timedelta(minutes=3))

        assert job.place(bird.services) is None

    def test_a_suspended_sentinel_is_not_called(self, bird):
        with bird.services.sessions.begin() as session:
            session.scalars(select(Business).where(Business.is_canary)).one().suspend()

        assert job.place(bird.services) is None

    def test_a_call_is_judged_once(self, bird):
        row = bird.place()
        bird.line.work()

        outcomes = [job.advance(bird.services, row.id) for _ in range(3)]

        assert outcomes == [CanaryOutcome.OK] * 3
        assert len(bird.line.rows(CanaryCall)) == 1

    def test_a_run_killed_before_the_carrier_was_asked_is_made_up_for(self, bird):
        row = _begin(bird)
        bird.let_pass(timedelta(minutes=4))

        job.watch_line()

        assert bird.row(row.id).failed_step == CanaryStep.PLACED

    def test_the_job_does_all_of_it(self, bird):
        job.watch_line()
        (row,) = bird.line.rows(CanaryCall)
        bird.heard_out(row.id)
        bird.line.work()

        job.watch_line()

        assert bird.row(row.id).outcome == CanaryOutcome.OK
        assert bird.left() == (0, 0, [])
        assert len(bird.line.rows(CanaryCall)) == 1

    def test_it_is_off_where_no_number_is_set(self, bird, environment):
        object.__setattr__(bird.services.settings, "canary_from", "")
        environment.setattr(job, "services", lambda: bird.services)

        job.watch_line()

        assert bird.line.rows(CanaryCall) == []


class TestAlarm:
    def test_one_failure_that_repeats_itself_is_not_told_two_are(self, bird):
        told = []
        for _ in range(2):
            bird.line.carrier.set_faults(Faults(unauthorized=4))
            job.place(bird.services)
            told.append(len(bird.mails()))
            bird.let_pass(timedelta(minutes=6))

        assert told == [0, 1]

    def test_only_owners_and_admins_of_the_operator_are_told(self, bird):
        bird.line.carrier.set_faults(Faults(outgoing_unanswered=1))

        bird.prove()
        bird.line.work()

        (mail,) = bird.mails()
        assert mail.address == "alice@example.com"
        (written,) = (bird.services.settings.data_dir / "mail").glob("*.eml")
        assert "nobody answered" in written.read_text()

    def test_a_trouble_is_told_once_a_day(self, bird):
        for _ in range(3):
            bird.line.carrier.set_faults(Faults(outgoing_busy=1))
            bird.prove()
            bird.let_pass(timedelta(hours=1))
        assert len(bird.mails()) == 1

        bird.let_pass(timedelta(days=1))
        bird.line.carrier.set_faults(Faults(outgoing_busy=1))
        bird.prove()

        assert len(bird.mails()) == 2

    def test_its_end_is_told_once(self, bird):
        bird.line.carrier.set_faults(Faults(outgoing_busy=1))
        bird.prove()
        for _ in range(2):
            bird.let_pass(timedelta(hours=1))
            assert bird.prove().outcome == CanaryOutcome.OK

        assert [mail.kind.value for mail in bird.mails()] == ["canary_failed", "canary_mended"]

    def test_a_first_failure_is_looked_at_again_after_five_minutes(self, bird):
        period = timedelta(hours=1)
        bird.line.carrier.set_faults(Faults(outgoing_busy=2))
        bird.prove()

        def due_after(minutes: int) -> bool:
            with bird.services.sessions() as session:
                (newest,) = canary.last_proofs(session, 1)
                at = newest.placed_at + timedelta(minutes=minutes)
                return canary.is_due(session, period=period, at=at)

        assert (due_after(4), due_after(5)) == (False, True)
        bird.let_pass(timedelta(minutes=5))
        bird.prove()
        assert (due_after(59), due_after(60)) == (False, True)


def canary_left(bird: Canary) -> list[object]:
    """Answer the calls that reached the sentinel."""
    with bird.services.sessions() as session:
        reached = select(Call).join(Business, Business.id == Call.business_id)
        return list(session.scalars(reached.where(Business.is_canary)))


def _begin(bird: Canary) -> CanaryCall:
    """Write a call down as a process does that dies before it asks the carrier."""

    with bird.services.sessions.begin() as session:
        row = canary.begin(session, numbers=(NUMBER,), from_number=FROM, at=now())
    assert row is not None
    return row


def _draft(bird: Canary, text: str) -> None:
    """Write a draft in place of the one that was skipped."""

    with bird.services.sessions.begin() as session:
        draft = session.scalars(select(Transcript)).one()
        session.execute(
            Transcript.__table__.update()
            .where(Transcript.id == draft.id)
            .values(status=TranscriptStatus.COMPLETED, text=text)
        )


def _hear_receipt(bird: Canary) -> None:
    with bird.services.sessions.begin() as session:
        call = session.scalars(select(Call)).one()
        call.receipt_heard_at = call.started_at


def _ended_earlier(leg):

    return replace(leg, ended_at=leg.ended_at - timedelta(minutes=2))


def _point_elsewhere(bird: Canary) -> None:
    """Let the carrier send the number's calls to nobody."""
    bird.line.carrier._numbers[NUMBER] = Number(NUMBER, "http://127.0.0.1:9/voice/answer")


def _prove_later(bird: Canary) -> CanaryCall:
    """Judge a call whose end is some time ago."""
    row = bird.place()
    leg = bird.line.carrier.store.call(row.carrier_id)
    bird.line.carrier.store.save_call(_ended_earlier(leg))
    job.advance(bird.services, row.id)
    return bird.row(row.id)


def _repeat_callback(bird: Canary, call_id: str) -> None:
    """Tell of the recording once more, as a carrier does that got no answer in time."""

    recording = bird.line.carrier.store.recordings()[0]
    notice = RecordingNotice(
        call_id=call_id,
        recording_id=recording.sid,
        status="completed",
        recorded_at=now(),
        seconds=9,
        code=CANARY_CODE,
    )
    with bird.services.sessions.begin() as session:
        assert carrier_events.accept(session, notice, at=now()) is None
