"""Warnings before voicemails expire: 30, 7 and 1 day, each once, told to who wants to know.

Law.md 5.1, line 62: all customers may preserve by download; warned 30, 7 and 1 day before.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from factories import make_call, make_voicemail
from rounds import DAY, MONDAY, House
from sqlalchemy import select

from voiceline import audit, morning
from voiceline.expiring import expiring
from voiceline.models import Business, Delivery, DeliveryKind, Voicemail
from voiceline.rules.alerts import UNASKED
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.retention import RETENTION_DAYS, AccountTier
from voiceline.voicemails import change_tier

K = DeliveryKind
HOUR = timedelta(hours=1)
STORED_FOR = timedelta(days=RETENTION_DAYS[AccountTier.SMALL_MEDIUM])


@pytest.fixture
def house(services) -> House:
    made = House(services)
    with services.sessions.begin() as session:
        session.get_one(Business, made.acme).tier = AccountTier.SMALL_MEDIUM
    return made


def voicemail(house, *, expires_at, status=VoicemailStatus.STORED, kept_for=STORED_FOR):
    with house.services.sessions.begin() as session:
        code = session.merge(house.code)
        call = make_call(session, code, started_at=expires_at - kept_for)
        made = make_voicemail(session, call, status=status)
        made.keep_until(expires_at)
        return made


def warned(house) -> list[tuple[int, date]]:
    """Answer the stage and the day of each warning that is noted."""
    rows = house.rows(Voicemail)
    return sorted((each.warned_days, each.warned_on) for each in rows if each.warned_days)


def mornings(house, count) -> list[int]:
    """Make that many rounds; answer on which of them somebody was told."""
    told = []
    for days in range(count):
        before = len(house.told(K.EXPIRING))
        house.round(MONDAY + days * DAY)
        if len(house.told(K.EXPIRING)) > before:
            told.append(days)
    return told


@pytest.mark.parametrize("hours", [-13, -1, 0, 1, 13])
def test_each_warning_comes_once_and_never_later_than_it_promises(house, hours):
    last = MONDAY + 40 * DAY + hours * HOUR
    voicemail(house, expires_at=last)

    told = mornings(house, 45)

    left = [last - (MONDAY + days * DAY) for days in told]
    assert len(left) == 3
    for days, is_left in zip((30, 7, 1), left, strict=True):
        assert days * DAY <= is_left < (days + 1) * DAY


def test_all_who_work_there_are_told_in_one_message(house):
    voicemail(house, expires_at=MONDAY + 30 * DAY)
    voicemail(house, expires_at=MONDAY + 7 * DAY)

    house.round(MONDAY)
    house.round(MONDAY + HOUR)

    assert house.told(K.EXPIRING) == [
        ("alice@example.com", K.EXPIRING),
        ("bob@example.com", K.EXPIRING),
    ]
    with house.services.sessions() as session:
        found = expiring(session, house.acme, date(2026, 11, 23))
    assert {days: count for days, (count, _) in found.items()} == {7: 1, 30: 1}


def test_one_that_came_late_is_warned_of_once_at_its_nearest(house):
    voicemail(house, expires_at=MONDAY + 1 * DAY)

    assert mornings(house, 3) == [0]
    assert warned(house) == [(1, date(2026, 11, 23))]


def test_a_morning_that_was_missed_is_made_up_for(house):
    voicemail(house, expires_at=MONDAY + 30 * DAY)

    house.round(MONDAY + 4 * DAY)

    assert warned(house) == [(30, date(2026, 11, 27))]


@pytest.mark.parametrize(
    "status",
    [VoicemailStatus.PENDING, VoicemailStatus.FAILED, VoicemailStatus.ERASED],
)
def test_what_has_no_audio_is_not_warned_of(house, status):
    voicemail(house, expires_at=MONDAY + 7 * DAY, status=status)

    house.round(MONDAY)

    assert house.told(K.EXPIRING) == []


def test_another_businesss_voicemails_are_not_told_of(house):
    made = voicemail(house, expires_at=MONDAY + 7 * DAY)
    house.change(made, business_id=house.operator)

    house.round(MONDAY)

    assert house.told(K.EXPIRING) == []


def test_who_does_not_want_to_know_is_not_told(house):
    voicemail(house, expires_at=MONDAY + 7 * DAY)
    house.choose("bob@example.com", UNASKED.__class__(**(vars(UNASKED) | {"expiring": False})))

    house.round(MONDAY)

    assert house.told(K.EXPIRING) == [("alice@example.com", K.EXPIRING)]


def test_what_is_kept_for_longer_is_warned_of_anew(house):
    made = voicemail(house, expires_at=MONDAY + 7 * DAY)
    house.round(MONDAY)

    with house.services.sessions.begin() as session:
        business = session.get_one(Business, house.acme)
        change_tier(session, business, AccountTier.ENTERPRISE, by=audit.OPERATOR, at=MONDAY)
    house.round(MONDAY + DAY)

    (kept,) = [each for each in house.rows(Voicemail) if each.id == made.id]
    assert kept.expires_at > MONDAY + 100 * DAY
    assert warned(house) == []


def test_a_shorter_tier_is_warned_of_thirty_days_before(house):
    with house.services.sessions.begin() as session:
        session.get_one(Business, house.acme).tier = AccountTier.ENTERPRISE
    year = timedelta(days=RETENTION_DAYS[AccountTier.ENTERPRISE])
    voicemail(house, expires_at=MONDAY + 100 * DAY, kept_for=year)

    with house.services.sessions.begin() as session:
        business = session.get_one(Business, house.acme)
        change_tier(session, business, AccountTier.SMALL_MEDIUM, by=audit.OPERATOR, at=MONDAY)
    house.round(MONDAY)

    assert [days for days, _ in warned(house)] == [30]


def test_a_round_in_pieces_tells_of_every_one(house, monkeypatch):
    monkeypatch.setattr(morning, "MOST_RAISED", 2)
    for days in (3, 5, 20, 25, 29):
        voicemail(house, expires_at=MONDAY + days * DAY)

    while not house.round(MONDAY):
        assert house.told(K.EXPIRING) == []

    with house.services.sessions() as session:
        found = expiring(session, house.acme, date(2026, 11, 23))
        owed = session.scalars(select(Delivery).filter_by(kind=K.EXPIRING)).all()
    assert sum(count for count, _ in found.values()) == 5
    assert {each.about_on for each in owed} == {date(2026, 11, 23)}


def test_what_a_broken_off_round_noted_is_told_the_next_morning(house, monkeypatch):
    monkeypatch.setattr(morning, "MOST_RAISED", 1)
    voicemail(house, expires_at=MONDAY + 20 * DAY)
    assert house.round(MONDAY) is False

    monkeypatch.setattr(morning, "MOST_RAISED", 100)
    house.round(MONDAY + DAY)

    assert warned(house) == [(30, date(2026, 11, 24))]
    assert len(house.told(K.EXPIRING)) == 2
