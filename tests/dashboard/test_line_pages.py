"""What the operator sees of the line: its numbers, and what is not right with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import AT, make_call, make_voicemail
from operators import operators_browser
from sqlalchemy import select
from staff import csrf_token, statements

from jobs import numbers as numbers_job
from voiceline import bootstrap, number_looks
from voiceline.errors import PermanentFailure
from voiceline.models import (
    AuditEntry,
    ClockMark,
    NumberLook,
    PeriodicRun,
    Role,
    ServiceCode,
    Voicemail,
)
from voiceline.rules.lifecycle import VoicemailStatus

NUMBERS, HEALTH = "/operator/numbers", "/operator/health"
OURS = "+18005550100"


@pytest.fixture
def olga(app, services, world):
    browser = operators_browser(app, services)
    settle(services)
    return browser


def settle(services):
    """Let nothing be owed and the scheduler run, as on a good day."""
    with services.sessions.begin() as session:
        session.add(PeriodicRun(name="requeue_stalled", last_run_at=AT))
        for voicemail in session.scalars(select(Voicemail)):
            voicemail.due_at = None


def post(browser, path, page):
    return browser.post(path, data={"csrf_token": csrf_token(browser, page)})


class TestNumbers:
    def test_a_number_that_nobody_looked_at_says_so(self, olga):
        page = olga.get(NUMBERS).text

        assert "800" in page
        assert "Not looked at yet" in page

    def test_no_page_asks_the_carrier(self, olga, monkeypatch):
        def ask(*_):
            raise AssertionError("the carrier was asked by a page")

        monkeypatch.setattr(bootstrap, "number_changes", ask)
        assert olga.get(NUMBERS).status_code == 200
        assert post(olga, f"{NUMBERS}/look", NUMBERS).status_code == 303

    def test_look_now_owes_a_look_that_the_job_takes(self, services, olga, monkeypatch):
        with services.sessions.begin() as session:
            number_looks.keep_look(session, OURS, differing=["voice_url"], problem=None, at=AT)
        monkeypatch.setattr(numbers_job, "number_changes", lambda *_: [])
        monkeypatch.setattr(numbers_job, "now", lambda: AT)
        assert "Go elsewhere" in olga.get(NUMBERS).text

        post(olga, f"{NUMBERS}/look", NUMBERS)
        numbers_job.look_at_numbers()

        assert "Come to us" in olga.get(NUMBERS).text
        with services.sessions() as session:
            assert session.get_one(NumberLook, OURS).asked_at is None

    def test_a_carrier_that_does_not_say_is_told_of(self, services, olga, monkeypatch):
        def refuse(*_):
            raise PermanentFailure("the carrier's account does not own this number")

        monkeypatch.setattr(numbers_job, "number_changes", refuse)
        numbers_job.look_at_numbers()

        assert "does not own this number" in olga.get(NUMBERS).text

    def test_a_fresh_look_is_not_taken_again(self, services, olga, session):
        number_looks.keep_look(session, OURS, differing=[], problem=None, at=AT)

        assert number_looks.due_looks(session, [OURS], at=AT + timedelta(hours=5)) == []
        assert number_looks.due_looks(session, [OURS], at=AT + timedelta(hours=6)) == [OURS]

    def test_a_number_of_one_business_is_named_with_it(self, services, world, olga):
        with services.sessions.begin() as session:
            session.get_one(ServiceCode, world.acme_code.id).dedicated_number = "+18885550199"

        page = olga.get(NUMBERS).text

        assert "Acme Shoes" in page
        assert world.acme_code.code in page

    def test_viewers_look_and_ask_for_nothing(self, app, services, world, olga):
        viewer = operators_browser(app, services, Role.VIEWER)

        assert "Look now" not in viewer.get(NUMBERS).text
        assert viewer.post(f"{NUMBERS}/look").status_code in {400, 403}


class TestHealth:
    def test_nothing_is_wrong_on_a_good_day(self, olga):
        assert "Nothing is wrong" in olga.get(HEALTH).text

    def test_work_that_stands_still_is_told_of(self, services, world, olga):
        with services.sessions.begin() as session:
            code = session.get_one(ServiceCode, world.acme_code.id)
            late = make_voicemail(session, make_call(session, code))
            late.due_at = AT - timedelta(minutes=10)

        page = olga.get(HEALTH).text

        assert "Storing voicemails" in page
        assert "1 due and not done" in page
        assert "Start a worker of the queue collect" in page

    def test_parked_voicemails_are_tried_again_by_a_button(self, services, world, olga):
        with services.sessions.begin() as session:
            code = session.get_one(ServiceCode, world.acme_code.id)
            parked = make_voicemail(session, make_call(session, code))
            parked.fail("the store is full", AT)
        assert "the store is full" in olga.get(HEALTH).text

        answer = post(olga, f"{HEALTH}/retry", HEALTH)

        assert answer.location == f"{HEALTH}?retried=1"
        with services.sessions() as session:
            assert session.get_one(Voicemail, parked.id).status == VoicemailStatus.PENDING
            entry = session.scalars(select(AuditEntry).filter_by(action="line.tried_again")).one()
            assert entry.facts == '{"voicemails":1}'

    def test_nothing_is_noted_where_none_is_parked_any_more(self, services, olga):
        answer = post(olga, f"{HEALTH}/retry", HEALTH)

        assert "No voicemail was parked any more" in olga.get(answer.location).text
        with services.sessions() as session:
            found = session.scalars(select(AuditEntry).filter_by(action="line.tried_again"))
            assert found.all() == []

    def test_a_scheduler_that_stands_still_is_told_of(self, services, olga):
        with services.sessions.begin() as session:
            session.get_one(PeriodicRun, "requeue_stalled").last_run_at = AT - timedelta(hours=1)

        assert "Offering again what stands still: last began" in olga.get(HEALTH).text

    def test_the_spool_is_told_of(self, services, olga):
        folder = services.settings.spool_dir
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "1.json").write_text("{}")

        assert "1 event waits" in olga.get(HEALTH).text

    def test_a_spooled_file_that_cannot_be_read_is_told_of(self, services, olga):
        folder = services.settings.spool_dir
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "1.json").write_text('{"half')

        page = olga.get(HEALTH).text

        assert "1 file on this machine&#39;s disk cannot be read" in page
        assert "event waits" not in page

    def test_a_clock_in_doubt_is_told_of(self, services, olga):
        with services.sessions.begin() as session:
            session.add(ClockMark(id=1, seen_at=AT - timedelta(days=30)))

        page = olga.get(HEALTH).text

        assert "nothing expires" in page
        assert "run voiceline clock confirm" in page

    def test_voicemails_that_the_store_keeps_are_told_of(self, services, world, olga):
        with services.sessions.begin() as session:
            code = session.get_one(ServiceCode, world.acme_code.id)
            kept = make_voicemail(session, make_call(session, code), store=services.store)
            kept.due_at, kept.going_at = None, AT - timedelta(hours=2)

        assert "1 expired, and the store does not delete them" in olga.get(HEALTH).text

    def test_businesses_see_neither(self, alice, olga):
        assert alice.get(NUMBERS).status_code == 404
        assert alice.get(HEALTH).status_code == 404

    def test_a_full_line_costs_no_more_statements(self, services, world, olga):
        with statements(services.engine) as few:
            olga.get(HEALTH)
        with services.sessions.begin() as session:
            code = session.get_one(ServiceCode, world.acme_code.id)
            for _ in range(30):
                late = make_voicemail(session, make_call(session, code))
                late.due_at = AT - timedelta(minutes=10)

        with statements(services.engine) as many:
            olga.get(HEALTH)

        assert len(many) == len(few)
