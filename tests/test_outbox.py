"""Claims and offers: one effect, however many try, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import factories
import pytest

from voiceline import outbox
from voiceline.models import Voicemail
from voiceline.rules.lifecycle import VoicemailStatus

AT = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WORKERS = 8


def test_claim_takes_the_row_for_its_lease(session, owed):
    held = outbox.claim(session, Voicemail, owed.id, at=AT)

    assert held.claim is not None
    assert (held.due_at, held.attempts) == (AT + outbox.LEASE, 1)


def test_held_row_is_nobody_elses(session, owed):
    outbox.claim(session, Voicemail, owed.id, at=AT)

    second = outbox.claim(session, Voicemail, owed.id, at=AT + outbox.LEASE - SECOND)

    assert second is None


def test_lease_that_ran_out_is_taken_over(session, owed):
    first = outbox.claim(session, Voicemail, owed.id, at=AT).claim

    second = outbox.claim(session, Voicemail, owed.id, at=AT + outbox.LEASE)

    assert second.claim != first
    assert second.attempts == 2


def test_row_that_owes_nothing_cannot_be_claimed(session, owed):
    owed.due_at = None
    session.flush()

    assert outbox.claim(session, Voicemail, owed.id, at=AT) is None


def test_only_the_last_token_may_finish(session, owed):
    first = outbox.claim(session, Voicemail, owed.id, at=AT).claim
    second = outbox.claim(session, Voicemail, owed.id, at=AT + outbox.LEASE).claim

    late = outbox.reclaim(session, Voicemail, owed.id, first)
    mine = outbox.reclaim(session, Voicemail, owed.id, second)

    assert late is None
    assert mine.id == owed.id


def test_no_token_reclaims_nothing_that_is_held(session, owed):
    outbox.claim(session, Voicemail, owed.id, at=AT)

    assert outbox.reclaim(session, Voicemail, owed.id, None) is None


def test_many_at_once_claim_once(services, session, owed):
    session.commit()
    gate = threading.Barrier(WORKERS)

    def claim(_):
        gate.wait()
        with services.sessions.begin() as own:
            return outbox.claim(own, Voicemail, owed.id, at=AT)

    with ThreadPoolExecutor(WORKERS) as pool:
        claimed = list(pool.map(claim, range(WORKERS)))

    assert sum(row is not None for row in claimed) == 1


def test_many_sweepers_offer_each_row_once(services, session, call):
    ids = {owe(session, call, AT - SECOND).id for _ in range(20)}
    session.commit()
    gate = threading.Barrier(WORKERS)

    def sweep(_):
        gate.wait()
        with services.sessions.begin() as own:
            return outbox.offer_due(own, Voicemail, at=AT, limit=100)

    with ThreadPoolExecutor(WORKERS) as pool:
        offered = [row_id for ids in pool.map(sweep, range(WORKERS)) for row_id in ids]

    assert sorted(offered) == sorted(ids)


def test_offered_row_is_left_to_the_queue_for_a_while(session, owed):
    outbox.offer_due(session, Voicemail, at=AT, limit=10)

    soon = outbox.offer_due(session, Voicemail, at=AT + outbox.OFFER_AGAIN - SECOND, limit=10)
    later = outbox.offer_due(session, Voicemail, at=AT + outbox.OFFER_AGAIN, limit=10)

    assert list(soon) == []
    assert list(later) == [owed.id]


def test_offer_ends_a_dead_holders_claim(session, owed):
    token = outbox.claim(session, Voicemail, owed.id, at=AT).claim

    outbox.offer_due(session, Voicemail, at=AT + outbox.LEASE, limit=10)

    assert outbox.reclaim(session, Voicemail, owed.id, token) is None


def test_oldest_debts_are_offered_first(session, call):
    newer, oldest, _ = (owe(session, call, AT - n * SECOND) for n in (2, 3, 1))

    offered = outbox.offer_due(session, Voicemail, at=AT, limit=2)

    assert list(offered) == [oldest.id, newer.id]


def test_nothing_due_is_nothing_offered(session, call):
    owe(session, call, AT + SECOND)

    assert list(outbox.offer_due(session, Voicemail, at=AT, limit=10)) == []


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 5), (1, 5), (2, 10), (3, 20), (9, 60)])
def test_waits_double_up_to_a_minute(attempts, seconds):
    assert outbox.wait_after(attempts) == timedelta(seconds=seconds)


def test_waiting_after_very_many_attempts_stays_short():
    assert outbox.wait_after(10**6) == outbox.LONGEST_WAIT


def test_reason_is_kept_in_bounds(session, owed):
    outbox.postpone(owed, "x" * 1000, until=AT)

    assert len(owed.last_error) == 500


def test_parked_message_of_a_month_ago_is_given_up(session, call):
    old = owe(session, call, AT, recorded_at=AT - timedelta(days=31))

    outbox.park(old, "gone", at=AT)
    outbox.park(old, "gone", at=AT)

    assert (old.status, old.due_at) == (VoicemailStatus.FAILED, None)


def test_replaced_take_that_cannot_be_erased_is_tried_hourly(session, owed):
    owed.replace(AT)

    outbox.park(owed, "locked", at=AT)

    assert (owed.status, owed.due_at) == (VoicemailStatus.REPLACED, AT + timedelta(hours=1))


def owe(session, call, due_at, **facts):
    return factories.make_voicemail(session, call, due_at=due_at, **facts)


@pytest.fixture
def call(session):
    code = factories.make_code(session, factories.make_business(session))
    return factories.make_call(session, code)


@pytest.fixture
def owed(session, call):
    return owe(session, call, AT)
