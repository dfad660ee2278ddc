"""How an attempt on a row ends: done, later, or parked; and never in RQ's list of failures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy.exc import OperationalError

from jobs import claimed
from jobs.claimed import MOST_ATTEMPTS, MOST_CRASHES, note_crash, work_off
from voiceline import outbox
from voiceline.errors import PermanentFailure, TemporaryFailure
from voiceline.models import Voicemail
from voiceline.rules.lifecycle import VoicemailStatus


def test_nothing_is_done_without_a_claim(desk):
    row, done = desk.voicemail(due_at=None), []

    work_off(desk.services, Voicemail, str(row.id), lambda _, held: done.append(held))

    assert done == []


def test_row_nobody_knows_is_nothing_to_do(desk):
    done = []

    work_off(desk.services, Voicemail, str(uuid4()), lambda _, held: done.append(held))

    assert done == []


def test_failure_that_may_pass_is_tried_again(desk):
    row = desk.voicemail()

    work_off(desk.services, Voicemail, str(row.id), failing(TemporaryFailure("away")))

    after = desk.now(row)
    assert (after.status, after.claim, after.last_error) == (VoicemailStatus.PENDING, None, "away")
    assert timedelta(0) < after.due_at - now() <= outbox.FIRST_WAIT


def test_neighbour_is_left_alone_as_long_as_it_asks(desk):
    row, failure = desk.voicemail(), TemporaryFailure("busy", retry_after=300)

    work_off(desk.services, Voicemail, str(row.id), failing(failure))

    assert desk.now(row).due_at - now() > timedelta(seconds=290)


def test_waits_of_a_long_outage_stay_short(desk):
    row = desk.voicemail(attempts=MOST_ATTEMPTS - 10)

    work_off(desk.services, Voicemail, str(row.id), failing(TemporaryFailure("away")))

    assert desk.now(row).due_at - now() <= timedelta(seconds=60)


def test_a_day_of_failures_parks_the_row(desk):
    row = desk.voicemail(attempts=MOST_ATTEMPTS)

    work_off(desk.services, Voicemail, str(row.id), failing(TemporaryFailure("away")))

    after = desk.now(row)
    assert (after.status, after.claim) == (VoicemailStatus.FAILED, None)


def test_refusal_parks_and_is_tried_again_hourly(desk):
    row = desk.voicemail()

    work_off(desk.services, Voicemail, str(row.id), failing(PermanentFailure("forbidden")))

    after = desk.now(row)
    assert (after.status, after.last_error) == (VoicemailStatus.FAILED, "forbidden")
    assert timedelta(minutes=59) < after.due_at - now() <= timedelta(hours=1)


def test_parked_row_that_fails_again_stays_parked(desk):
    row = desk.voicemail()
    desk.change(row, due_at=now())
    for _ in range(2):
        desk.change(row, due_at=now())
        work_off(desk.services, Voicemail, str(row.id), failing(PermanentFailure("forbidden")))

    after = desk.now(row)
    assert after.status == VoicemailStatus.FAILED
    assert after.due_at - now() > timedelta(minutes=59)


def test_refused_deletion_leaves_the_stored_alone(desk):
    row = desk.voicemail(store=desk.services.store)

    work_off(desk.services, Voicemail, str(row.id), failing(PermanentFailure("forbidden")))

    after = desk.now(row)
    assert (after.status, after.claim) == (VoicemailStatus.STORED, None)
    assert after.due_at - now() > timedelta(minutes=59)


def test_fault_of_ours_does_not_lose_the_row(desk):
    row = desk.voicemail()

    work_off(desk.services, Voicemail, str(row.id), failing(ZeroDivisionError("+14155550123")))

    after = desk.now(row)
    assert (after.claim, after.last_error) == (None, "unexpected ZeroDivisionError")
    assert after.due_at is not None


def test_whoever_lost_the_claim_writes_nothing(desk):
    row = desk.voicemail()

    def lose_and_fail(_, held):
        desk.change(held, claim=uuid4())
        raise PermanentFailure("too late")

    work_off(desk.services, Voicemail, str(row.id), lose_and_fail)

    assert desk.now(row).status == VoicemailStatus.PENDING


def test_database_that_goes_away_leaves_the_row(desk, monkeypatch):
    row = desk.voicemail()

    def lose_database(*_, **__):
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(claimed.outbox, "reclaim", lose_database)
    work_off(desk.services, Voicemail, str(row.id), failing(TemporaryFailure("away")))

    after = desk.now(row)
    assert after.claim is not None
    assert after.due_at - now() <= outbox.LEASE


def test_killed_work_horse_lets_go_at_once(desk):
    row = desk.voicemail(claim=uuid4(), due_at=now() + outbox.LEASE, attempts=1)

    note_crash(desk.services, Voicemail, str(row.id))

    after = desk.now(row)
    assert after.claim is None
    assert after.due_at - now() <= outbox.FIRST_WAIT


def test_row_that_kills_work_horses_is_parked(desk):
    row = desk.voicemail(claim=uuid4(), due_at=now() + outbox.LEASE, attempts=MOST_CRASHES)

    note_crash(desk.services, Voicemail, str(row.id))

    assert desk.now(row).status == VoicemailStatus.FAILED


def test_death_after_the_end_changes_nothing(desk):
    row = desk.voicemail(store=desk.services.store, due_at=None)

    note_crash(desk.services, Voicemail, str(row.id))

    after = desk.now(row)
    assert (after.status, after.due_at) == (VoicemailStatus.STORED, None)


def failing(error):
    def act(_services, _row):
        raise error

    return act


def now():
    return datetime.now(UTC)
