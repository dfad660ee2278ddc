"""The overview: three charts, each with its numbers, counted in the business's own weeks."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from factories import AT, make_request
from sqlalchemy import select
from staff import statements

from voiceline.dashboard.charts import Bar, draw
from voiceline.dashboard.wording import local_date
from voiceline.models import PrivacyRequest
from voiceline.overview import BANDS, days_to_answer, due_by_week, received_by_week
from voiceline.records import begin_record
from voiceline.rules.rights import Right

TODAY = local_date(AT, "America/Los_Angeles")


@pytest.fixture
def page(world):
    return f"/businesses/{world.acme.id}/overview"


class TestPage:
    def test_a_new_business_is_told_what_comes_here(self, alice, services, world, page):
        with services.sessions.begin() as session:
            session.get_one(PrivacyRequest, world.request.id).withdraw(at=AT)

        text = alice.get(page).text

        assert "Nothing is owed" in text
        assert "Nothing was answered yet" in text

    def test_what_is_owed_is_drawn_and_counted(self, alice, page):
        text = alice.get(page).text

        assert "<strong>1</strong> request owes" in text
        assert "<title>Week of " in text
        assert text.count('role="img"') == text.count("The numbers</summary>") >= 1

    def test_it_costs_the_same_however_much_there_is(self, alice, services, world, page):
        alice.get(page)
        with statements(services.engine) as before:
            alice.get(page)
        for week in range(20):
            file(services, world, AT - timedelta(weeks=week))

        with statements(services.engine) as after:
            alice.get(page)

        assert len(after) == len(before)

    def test_a_stranger_finds_nothing(self, charlie, page):
        assert charlie.get(page).status_code == 404


class TestReceived:
    def test_weeks_begin_on_monday_and_end_with_this_one(self, session, world):
        weeks = received_by_week(session, world.acme.id, date(2026, 11, 22))

        assert [week.monday.weekday() for week in weeks] == [0] * 26
        assert weeks[-1].monday == date(2026, 11, 16)

    def test_rights_are_counted_by_name_in_their_week(self, services, world):
        for right in (Right.DELETE, Right.DELETE, None):
            file(services, world, AT - timedelta(weeks=3), right=right)

        with services.sessions() as session:
            weeks = received_by_week(session, world.acme.id, TODAY)

        assert dict(weeks[-4].counts) == {"delete": 2, "not_named": 1}

    def test_others_and_older_ones_are_not_in_it(self, services, world):
        file(services, world, AT - timedelta(weeks=27))
        file(services, world, AT, code=world.bolt_code)

        with services.sessions() as session:
            weeks = received_by_week(session, world.acme.id, TODAY)

        assert sum(week.total for week in weeks) == 0


class TestDue:
    def test_each_open_request_is_in_one_place(self, services, world):
        today = TODAY
        for days in (-1, 0, 6, 7, 200):
            watch(services, world, today + timedelta(days=days))

        with services.sessions() as session:
            due = due_by_week(session, world.acme.id, today)

        assert (due.overdue, due.later) == (1, 1)
        assert due.total == 6  # and the one of the world

    def test_bands_have_no_gap(self, session, world):
        ends = [last for _, last in BANDS[:-1]]

        assert [first for first, _ in BANDS[1:]] == [last + 1 for last in ends]
        assert days_to_answer(session, world.acme.id, (2026,)) == [0] * len(BANDS)


class TestDrawing:
    @pytest.mark.parametrize("most", [0, 1, 4, 5, 9, 41, 999, 1_000_001])
    def test_every_bar_stands_inside_the_picture(self, most):
        chart = draw([Bar("a", "A", [("x", most), ("y", most // 2)]), Bar("b", "B", [("x", 0)])])

        for part in chart.parts:
            assert part.y >= 0
            assert part.y + part.height <= chart.height
            assert chart.left <= part.x <= part.x + part.width <= chart.right

    def test_heights_are_in_proportion(self):
        chart = draw([Bar("a", "A", [("x", 30)]), Bar("b", "B", [("x", 60)])])

        small, large = (part.height for part in chart.parts)
        assert large == pytest.approx(2 * small, abs=0.2)

    def test_the_axis_counts_in_whole_round_numbers(self):
        for most in (1, 3, 7, 23, 88, 640, 9000):
            values = [
                int(mark.text.replace(",", ""))
                for mark in draw([Bar("a", "A", [("x", most)])]).grid
            ]

            assert len(values) == 5
            assert values[-1] >= most
            assert re.fullmatch("[125]0*", str(values[1]))

    def test_no_bars_are_a_picture_too(self):
        assert draw([]).parts == []


def file(services, world, at, *, right=Right.DELETE, code=None):
    with services.sessions.begin() as session:
        request = make_request(
            session, session.merge(code or world.acme_code), right=right, received_at=at
        )
        session.flush()
        begin_record(session, request, at=at)


def watch(services, world, day):
    with services.sessions.begin() as session:
        request = make_request(session, session.merge(world.acme_code), received_at=AT)
        session.flush()
        found = session.scalars(select(PrivacyRequest).where(PrivacyRequest.id == request.id)).one()
        found.watch_by = day
