"""What a voicemail owes next, and until when it is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import factories
import pytest

from voiceline import voicemails
from voiceline.audit import OPERATOR
from voiceline.models import Business
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.retention import AccountTier
from voiceline.voicemails import Step

AT = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
GRACE = timedelta(minutes=30)
SECOND = timedelta(seconds=1)


def test_key_tells_nothing_of_the_caller(session, row):
    key = voicemails.object_key(row)

    assert key == f"rec/{row.business_id}/2026/11/{row.carrier_id}.wav"
    assert row.call.caller_id not in key


def test_new_message_is_to_be_collected(session, row):
    assert step(session, row) == Step.COLLECT


def test_stored_message_waits_for_the_calls_end(session, stored):
    assert step(session, stored) == Step.WAIT


def test_carriers_copy_goes_when_the_call_is_over(session, stored):
    stored.call.end(AT)

    assert step(session, stored) == Step.DELETE_AT_CARRIER


@pytest.mark.parametrize(
    ("after", "wanted"), [(GRACE, Step.WAIT), (GRACE + SECOND, Step.DELETE_AT_CARRIER)]
)
def test_call_of_unknown_end_is_over_after_its_grace(session, stored, after, wanted):
    found = voicemails.next_step(session, stored, at=stored.received_at + after, grace=GRACE)

    assert found == wanted


def test_nothing_is_owed_in_the_end(session, stored):
    stored.carrier_deleted_at = AT

    assert step(session, stored) == Step.NOTHING


@pytest.mark.parametrize(
    ("later", "wanted"),
    [
        (VoicemailStatus.PENDING, Step.WAIT),
        (VoicemailStatus.STORED, Step.ERASE),
        (VoicemailStatus.FAILED, Step.RESTORE),
        (VoicemailStatus.ABSENT, Step.RESTORE),
    ],
)
def test_replaced_take_follows_its_successor(session, row, services, later, wanted):
    row.replace(AT)
    second = factories.make_voicemail(session, row.call, take=2)
    if later == VoicemailStatus.STORED:
        factories.keep_audio(session, second, services.store, factories.tone(1))
    if later == VoicemailStatus.FAILED:
        second.fail("gone", AT)
    if later == VoicemailStatus.ABSENT:
        second.find_absent()
    session.flush()

    assert step(session, row) == wanted


@pytest.mark.parametrize(("tier", "days"), [("small_medium", 180), ("enterprise", 365)])
def test_other_tier_counts_from_the_recording(session, stored, tier, days):
    business = session.get_one(Business, stored.business_id)

    voicemails.change_tier(session, business, AccountTier(tier), by=OPERATOR, at=AT)

    assert stored.expires_at == stored.recorded_at + timedelta(days=days)
    assert stored.tier_tag is None


def test_shorter_tier_takes_nothing_away_for_thirty_days(session, stored):
    business = session.get_one(Business, stored.business_id)
    business.tier = AccountTier.ENTERPRISE
    stored.expires_at = stored.recorded_at + timedelta(days=365)
    late = stored.recorded_at + timedelta(days=300)

    voicemails.change_tier(session, business, AccountTier.SMALL_MEDIUM, by=OPERATOR, at=late)

    assert stored.expires_at == late + timedelta(days=30)


def test_shorter_tier_lets_nothing_stay_longer_than_before(session, stored):
    business = session.get_one(Business, stored.business_id)
    business.tier = AccountTier.ENTERPRISE
    before = stored.expires_at = stored.recorded_at + timedelta(days=365)
    late = stored.recorded_at + timedelta(days=360)

    voicemails.change_tier(session, business, AccountTier.SMALL_MEDIUM, by=OPERATOR, at=late)

    assert stored.expires_at == before


def test_business_that_goes_on_from_its_trial_answers_when_the_date_comes(session):
    ends = AT + timedelta(days=30)
    acme = factories.make_business(session, tier=AccountTier.TRIAL, trial_ends_at=ends)

    voicemails.change_tier(session, acme, AccountTier.ENTERPRISE, by=OPERATOR, at=AT)

    assert acme.answers(ends + SECOND)


def test_one_draft_is_asked_for_once(session, stored):
    first = voicemails.owe_transcript(session, stored, at=AT)

    again = voicemails.owe_transcript(session, stored, at=AT + SECOND)

    assert again is first


def test_first_word_of_a_calls_end_counts(session, row):
    voicemails.end_call(session, row.call.carrier_id, at=AT)
    voicemails.end_call(session, row.call.carrier_id, at=AT + SECOND)
    voicemails.end_call(session, "CA" + "0" * 32, at=AT)

    session.refresh(row.call)
    assert row.call.ended_at == AT


def test_doctor_counts_by_state(session, row, stored):
    counts = voicemails.count_by_status(session)

    assert counts == {VoicemailStatus.PENDING: 1, VoicemailStatus.STORED: 1}


def step(session, row):
    return voicemails.next_step(session, row, at=AT, grace=GRACE)


@pytest.fixture
def row(session):
    code = factories.make_code(session, factories.make_business(session))
    return factories.make_voicemail(session, factories.make_call(session, code))


@pytest.fixture
def stored(session, services):
    code = factories.make_code(session, factories.make_business(session, "Bluebird Books"))
    call = factories.make_call(session, code)
    return factories.make_voicemail(session, call, store=services.store)
