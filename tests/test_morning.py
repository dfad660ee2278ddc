"""The morning round: each colleague told once, whoever makes it, and after whatever downtime."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from factories import make_call, make_member, make_request, make_user
from rounds import DAY, MONDAY, House
from sqlalchemy import text
from staff import statements

from voiceline import morning
from voiceline.models import (
    Business,
    Delivery,
    DeliveryKind,
    RaisedDeadline,
    Role,
)
from voiceline.morning import due_rounds
from voiceline.notices import wanted_by
from voiceline.rules.alerts import NOTHING, UNASKED, Stage, Wanted

K = DeliveryKind
SCHEDULERS = 6
ALL = Wanted(**dict.fromkeys(vars(NOTHING), True))


def test_morning_tells_each_colleague_once(house):
    house.request(due_in=5)

    house.round(MONDAY)
    house.round(MONDAY + timedelta(hours=1))

    assert house.told() == [
        ("alice@example.com", K.DAILY_DIGEST),
        ("alice@example.com", K.DEADLINES),
        ("bob@example.com", K.DAILY_DIGEST),
        ("bob@example.com", K.DEADLINES),
    ]
    assert {each.about_on for each in house.rows(Delivery)} == {date(2026, 11, 23)}


def test_two_schedulers_tell_nobody_twice(house):
    for left in (-3, 1, 4, 9):
        house.request(due_in=left)
    gate = threading.Barrier(SCHEDULERS)

    def make(_):
        gate.wait()
        return house.round(MONDAY)

    with ThreadPoolExecutor(SCHEDULERS) as pool:
        list(pool.map(make, range(SCHEDULERS)))

    assert len(house.told()) == 4
    assert len(house.rows(RaisedDeadline)) == 4


def test_each_stage_of_a_date_is_raised_once(house):
    house.request(due_in=10)

    for days in range(15):
        house.round(MONDAY + days * DAY)

    raised = sorted(house.rows(RaisedDeadline), key=lambda each: each.raised_on)
    assert [(each.stage, (each.raised_on - date(2026, 11, 23)).days) for each in raised] == [
        (Stage.TEN, 0),
        (Stage.FIVE, 5),
        (Stage.TWO, 8),
        (Stage.OVERDUE, 11),
    ]
    assert house.told(K.DEADLINES).count(("alice@example.com", K.DEADLINES)) == 4


def test_moved_date_is_raised_anew(house):
    request = house.request(due_in=2)
    house.round(MONDAY)

    house.change(request, watch_by=request.watch_by + 3 * DAY)
    house.round(MONDAY + DAY)

    assert [each.stage for each in house.rows(RaisedDeadline)] == [Stage.TWO, Stage.FIVE]


def test_reopened_request_is_warned_of_again(house):
    request = house.request(due_in=2)
    house.round(MONDAY)

    house.reopen(request)
    house.round(MONDAY + DAY)

    raised = [each for each in house.rows(RaisedDeadline) if each.request_id == request.id]
    assert [(each.stage, each.raised_on) for each in raised] == [(Stage.TWO, date(2026, 11, 24))]


@pytest.mark.parametrize("later", [DAY, timedelta(hours=12)])
def test_what_a_broken_off_round_noted_is_told_the_next_time(house, monkeypatch, later):
    monkeypatch.setattr(morning, "MOST_RAISED", 1)
    house.request(due_in=-1)
    house.request(due_in=2)
    assert not house.round(MONDAY)
    monkeypatch.undo()

    house.round(MONDAY + later)
    house.round(MONDAY + DAY)

    assert {each.raised_on for each in house.rows(RaisedDeadline)} == {date(2026, 11, 24)}
    assert [each.about_on for each in house.rows(Delivery) if each.kind == K.DEADLINES] == [
        date(2026, 11, 24),
        date(2026, 11, 24),
    ]


def test_answered_request_is_not_raised(house):
    house.request(due_in=2, answered=True)

    house.round(MONDAY)

    assert not house.rows(RaisedDeadline)
    assert not house.told()


def test_after_a_day_of_downtime_nothing_floods(house):
    house.request(due_in=0)
    house.round(MONDAY)
    before = len(house.told())

    house.round(MONDAY + 3 * DAY)

    assert len(house.told()) - before == 4
    assert {each.about_on for each in house.rows(Delivery)} == {
        date(2026, 11, 23),
        date(2026, 11, 26),
    }
    assert [each.stage for each in house.rows(RaisedDeadline)] == [Stage.TWO, Stage.OVERDUE]


def test_night_is_no_time_to_be_told(house):
    house.request(due_in=-1)

    house.round(MONDAY + timedelta(hours=12))

    assert not house.told()
    assert house.due_at() == MONDAY.replace(minute=0) + DAY


def test_weekend_tells_of_dates_alone(house):
    house.request(due_in=-1)

    house.round(MONDAY - DAY)

    assert {kind for _, kind in house.told()} == {K.DEADLINES}


def test_friday_sums_the_week_up(house):
    house.choose("alice@example.com", ALL)

    house.round(MONDAY + 4 * DAY)

    assert house.told() == [("alice@example.com", K.FRIDAY_SUMMARY)]


def test_nothing_chosen_is_nothing_sent(house):
    house.request(due_in=-1)
    house.choose(
        "alice@example.com",
        NOTHING,
    )

    house.round(MONDAY)

    assert {who for who, _ in house.told()} == {"bob@example.com"}


def test_viewer_is_sent_nothing_unasked(house):
    with house.services.sessions.begin() as session:
        vera = make_user(session, "Vera Vale")
        make_member(session, session.get_one(Business, house.acme), vera, Role.VIEWER)
    house.request(due_in=-1)

    house.round(MONDAY)

    assert "vera@example.com" not in {who for who, _ in house.told()}


def test_closed_business_is_told_nothing(house):
    house.request(due_in=-1)
    with house.services.sessions.begin() as session:
        session.get_one(Business, house.acme).close()

    house.round(MONDAY)

    assert house.due_at() > MONDAY
    assert not house.told()


def test_business_with_many_dates_is_gone_on_with(house, monkeypatch):
    monkeypatch.setattr(morning, "MOST_RAISED", 2)
    for _ in range(5):
        house.request(due_in=-1)

    finished = [house.round(MONDAY) for _ in range(4)]

    assert finished == [False, False, True, True]
    assert len(house.rows(RaisedDeadline)) == 5
    assert len(house.told(K.DEADLINES)) == 2


def test_round_costs_the_same_for_many_requests(house):
    house.request(due_in=-1)
    with statements(house.services.engine) as few:
        house.round(MONDAY)
    for left in range(-20, 20):
        house.request(due_in=left)

    with statements(house.services.engine) as many:
        house.round(MONDAY + DAY)

    assert len(many) == len(few) <= 24


def test_calls_without_a_code_nag_the_operator(house):
    with house.services.sessions.begin() as session:
        operator = session.get_one(Business, house.operator)
        operator.alerts_due_at = MONDAY
        make_member(session, operator, make_user(session, "Olga Orr"))
        code = operator.service_codes[0]
        make_request(session, code, call=make_call(session, code, unassigned=True))

    house.round(MONDAY, house.operator)
    house.round(MONDAY)

    assert ("olga@example.com", K.UNASSIGNED) in house.told()
    assert ("alice@example.com", K.UNASSIGNED) not in house.told()


def test_only_due_businesses_are_found(house):
    with house.services.sessions.begin() as session:
        assert due_rounds(session, at=MONDAY, limit=10) == [house.acme]
    house.round(MONDAY)

    with house.services.sessions.begin() as session:
        assert due_rounds(session, at=MONDAY, limit=10) == []
        assert due_rounds(session, at=MONDAY + DAY, limit=10) == [house.acme]


def test_choice_is_kept_and_proven(house):
    house.choose("alice@example.com", ALL)
    house.choose("alice@example.com", UNASKED)

    with house.services.sessions() as session:
        member = house.member(session, "alice@example.com")
        assert wanted_by(session, member) == UNASKED
        deeds = session.scalars(
            text("select action from audit_entry where action = 'person.notices_chosen'")
        ).all()
    assert len(deeds) == 2


@pytest.mark.only("postgresql")
def test_near_dates_are_found_by_an_index(house):
    with house.services.engine.begin() as connection:
        connection.execute(text("set local enable_seqscan = off"))
        plan = "\n".join(
            connection.scalars(
                text(
                    "explain select id from privacy_request where business_id = :business "
                    "and watch_by <= '2026-11-22' order by watch_by, received_at, id limit 1000"
                ),
                {"business": house.acme},
            )
        )

    assert "ix_privacy_request_watched" in plan
    assert "Sort" not in plan


@pytest.fixture
def house(services) -> House:
    return House(services)
