"""Access under a grant: asked for, decided by the business, read only, and over by the clock."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from factories import make_member, make_user, unknown_id
from mailed import send
from operators import audit_of, make_operator
from sqlalchemy import delete, func, select
from staff import csrf_token, signed_in, statements

from jobs import grant_decided_message, grant_message
from voiceline import grants, members
from voiceline.errors import PermanentFailure, UserError
from voiceline.login_sessions import CONFIRMED_FOR
from voiceline.models import (
    AccessGrant,
    Business,
    Delivery,
    DeliveryKind,
    GrantState,
    InboxChoice,
    Membership,
    RequestEvent,
    RequestRead,
    Role,
    ServiceCode,
    User,
)

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
REASON = "Bob asked us on the telephone why request 4 sounds cut off."


@pytest.fixture
def olga(services, world):
    with services.sessions.begin() as session:
        return make_operator(session, Role.AGENT)


@pytest.fixture
def browser(app, olga):
    return signed_in(app, olga)


@pytest.fixture
def console(world):
    return f"/operator/businesses/{world.acme.id}/access"


@pytest.fixture
def page(world):
    return f"/businesses/{world.acme.id}/operator-access"


@pytest.fixture
def asked(browser, console, services):
    """A request of Olga's that waits, by its id."""
    send(browser, console, reason=REASON, hours="1")
    return the_grant(services).id


@pytest.fixture
def running(asked, alice, page):
    send(alice, page, f"{page}/{asked}/approve")
    return asked


class TestAsking:
    def test_nothing_is_open_without_a_grant(self, browser, world):
        for path in (world.inbox, world.page, world.audio):
            assert browser.get(path).status_code == 404

    def test_nothing_is_open_before_it_is_approved(self, browser, world, asked):
        assert browser.get(world.inbox).status_code == 404

    def test_owners_and_admins_are_told_once_each(self, services, world, olga, browser, console):
        with services.sessions.begin() as session:
            adam = make_user(session, "Adam Abel")
            gone = make_user(session, "Gone Girl", disabled_at=world.request.received_at)
            make_member(session, session.merge(world.acme), adam, Role.ADMIN)
            make_member(session, session.merge(world.acme), gone, Role.OWNER)

        send(browser, console, reason=REASON, hours="1")

        with services.sessions() as session:
            told = session.scalars(select(Delivery.address).order_by(Delivery.address)).all()
        assert told == ["adam@example.com", "alice@example.com"]

    def test_the_mail_says_who_why_how_long_and_where(self, services, asked, clock, monkeypatch):
        monkeypatch.setattr(grant_message, "now", clock)
        with services.sessions() as session:
            text = grant_message.write(services, session, session.scalar(select(Delivery)))
        text = text.get_content()

        for said in ("Olga Ortiz", "1 hour", REASON, "/operator-access", "lapses on 28 Nov 2026"):
            assert said in " ".join(text.split())

    def test_a_mail_about_what_is_decided_is_not_sent(self, services, running, clock, monkeypatch):
        monkeypatch.setattr(grant_message, "now", clock)
        with services.sessions() as session, pytest.raises(PermanentFailure):
            grant_message.write(services, session, session.scalar(select(Delivery)))

    @pytest.mark.parametrize(
        ("reason", "hours"),
        [("", "1"), (" \u200b ", "1"), (REASON, ""), (REASON, "2"), ("x" * 501, "1")],
    )
    def test_without_a_reason_or_a_length_nothing_is_asked(
        self, services, browser, console, reason, hours
    ):
        answer = send(browser, console, reason=reason, hours=hours)

        assert answer.status_code == 422
        assert the_grant(services) is None

    def test_one_request_of_a_person_at_a_time(self, browser, console, asked):
        answer = send(browser, console, reason=REASON, hours="4")

        assert answer.status_code == 422
        assert "You asked already" in answer.text

    def test_who_works_there_asks_for_nothing(self, services, world, olga, browser, console):
        with services.sessions.begin() as session:
            make_member(session, session.merge(world.acme), session.merge(olga), Role.VIEWER)

        assert send(browser, console, reason=REASON, hours="1").status_code == 422

    def test_a_viewer_of_the_operators_does_not_ask(self, app, services, world, console):
        with services.sessions.begin() as session:
            viewer = make_operator(session, Role.VIEWER)
        reader = signed_in(app, viewer)

        assert send(reader, "/account", console, reason=REASON, hours="1").status_code == 403
        assert "Ask to read" not in reader.get(console).text

    def test_it_asks_who_is_there(self, services, browser, console, clock):
        clock.wait(CONFIRMED_FOR)

        answer = send(browser, console, reason=REASON, hours="1")

        assert answer.location == f"/confirm?next={console}"
        assert the_grant(services) is None

    def test_a_business_is_not_asked_without_end(self, services, world, olga, clock):
        with services.sessions.begin() as session:
            for _ in range(grants.MOST_A_DAY):
                grant = ask(session, world, olga, clock())
                grants.take_back(session, world.acme.id, grant.id, by=olga, at=clock())
            with pytest.raises(UserError, match="today"):
                ask(session, world, olga, clock())


class TestDeciding:
    def test_approved_it_opens_the_business(self, browser, world, running):
        assert browser.get(world.inbox).status_code == 200
        assert browser.get(world.page).status_code == 200

    def test_only_who_asked_reads(self, app, services, world, running):
        with services.sessions.begin() as session:
            other = make_operator(session, Role.OWNER, "Oscar Otto")

        assert signed_in(app, other).get(world.inbox).status_code == 404

    def test_only_that_business_is_open(self, browser, world, running):
        assert browser.get(f"/businesses/{world.bolt.id}/requests").status_code == 404

    def test_an_admin_refuses_and_does_not_approve(self, app, services, world, page, asked):
        with services.sessions.begin() as session:
            adam = make_user(session, "Adam Abel")
            make_member(session, session.merge(world.acme), adam, Role.ADMIN)
        browser = signed_in(app, adam)

        approved = send(browser, page, f"{page}/{asked}/approve")
        refused = send(browser, page, f"{page}/{asked}/refuse")

        assert (approved.status_code, refused.status_code) == (403, 303)
        assert the_grant(services).state(the_grant(services).asked_at) == GrantState.REFUSED

    @pytest.mark.parametrize("what", ["approve", "refuse", "end"])
    def test_an_agent_decides_nothing(self, bob, world, page, asked, what):
        assert bob.get(page).status_code == 403
        assert send(bob, world.inbox, f"{page}/{asked}/{what}").status_code == 403

    def test_another_businesss_owner_decides_nothing(self, charlie, world, page, asked, services):
        own = page.replace(str(world.acme.id), str(world.bolt.id))

        for path in (page, own):
            answer = send(charlie, own, f"{path}/{asked}/approve")
            assert answer.status_code == 404
        assert the_grant(services).approved_at is None

    def test_who_asked_does_not_approve(self, services, world, olga, asked, clock):
        with services.sessions.begin() as session:
            make_member(session, session.merge(world.acme), session.merge(olga), Role.OWNER)
            with pytest.raises(UserError, match="Somebody else"):
                grants.approve(session, world.acme.id, asked, by=olga, at=clock())

    def test_to_approve_is_to_prove_to_be_there(self, alice, services, page, asked, clock):
        clock.wait(CONFIRMED_FOR)

        answer = send(alice, page, f"{page}/{asked}/approve")

        assert answer.location == f"/confirm?next={page}"
        assert the_grant(services).approved_at is None

    def test_a_request_lapses_after_seven_days(self, services, world, asked, clock):
        clock.wait(timedelta(days=7))
        with services.sessions.begin() as session, pytest.raises(UserError, match="lapsed"):
            grants.approve(session, world.acme.id, asked, by=world.alice, at=clock())

    def test_it_can_be_approved_until_then(self, services, world, asked, clock):
        clock.wait(timedelta(days=7) - SECOND)
        with services.sessions.begin() as session:
            grants.approve(session, world.acme.id, asked, by=world.alice, at=clock())

        grant = the_grant(services)
        assert grant.ends_at == clock() + HOUR
        assert grant.state(clock()) == GrantState.RUNNING

    def test_what_was_taken_back_is_not_approved(self, alice, browser, console, page, asked):
        send(browser, console, f"{console}/{asked}/take-back")

        answer = send(alice, page, f"{page}/{asked}/approve")

        assert answer.status_code == 422
        assert "taken back" in answer.text


class TestTellingWhoAsked:
    """What the business decided reaches who asked; what nobody needs to know is not sent."""

    @pytest.fixture
    def told(self, services, clock, monkeypatch):
        """Write each mail to who asked, in the order of their making; None for what is not sent."""
        monkeypatch.setattr(grant_decided_message, "now", clock)

        def write():
            kind, found = DeliveryKind.GRANT_DECIDED, []
            with services.sessions() as session:
                query = select(Delivery).where(Delivery.kind == kind)
                for delivery in session.scalars(query.order_by(Delivery.created_at, Delivery.key)):
                    try:
                        found.append(grant_decided_message.write(services, session, delivery))
                    except PermanentFailure:
                        found.append(None)
            return found

        return write

    def test_an_approval_says_until_when_and_where(self, running, told, console):
        (mail,) = told()

        assert mail["To"] == "olga@example.com"
        assert mail["Subject"] == "You can read Acme Shoes now"
        assert "until 21 Nov 2026" in " ".join(mail.get_content().split())
        assert console in mail.get_content()

    def test_a_refusal_is_told(self, alice, page, asked, told):
        send(alice, page, f"{page}/{asked}/refuse")

        (mail,) = told()
        assert mail["Subject"] == "Acme Shoes refused your request to read it"

    def test_an_end_by_the_business_is_told_and_the_approval_no_more(
        self, alice, page, running, told, clock
    ):
        clock.wait(SECOND)

        send(alice, page, f"{page}/{running}/end")

        approved, ended = told()
        assert (approved, ended["Subject"]) == (None, "Acme Shoes ended your access")

    def test_who_ended_it_themselves_is_told_nothing(self, browser, console, running, told):
        send(browser, console, f"{console}/{running}/take-back")

        assert told() == [None]

    def test_what_is_over_by_the_clock_is_told_no_more(self, running, told, clock):
        clock.wait(HOUR)

        assert told() == [None]

    def test_who_left_the_operator_is_told_nothing(self, services, olga, running, told):
        with services.sessions.begin() as session:
            session.execute(delete(Membership).where(Membership.user_id == olga.id))

        assert told() == [None]


class TestTheInboxOfTheBusiness:
    def test_an_owner_sees_that_somebody_waits(self, alice, world, page, asked):
        shown = alice.get(world.inbox).text

        assert "Olga Ortiz</strong>, who works for the operator of the line, asks to read" in shown
        assert f'<a href="{page}">Approve or refuse</a>' in shown

    def test_an_agent_sees_it_once_it_runs_and_decides_nothing(
        self, alice, bob, world, page, asked
    ):
        before = bob.get(world.inbox).text
        send(alice, page, f"{page}/{asked}/approve")
        after = bob.get(world.inbox).text

        assert "Olga Ortiz" not in before
        assert "Olga Ortiz</strong>, who works for the operator of the line, can read" in after
        assert page not in after

    def test_nothing_is_said_of_what_is_over(self, alice, world, running, clock):
        clock.wait(HOUR)

        assert "Olga Ortiz" not in alice.get(world.inbox).text

    def test_another_business_sees_nothing_of_it(self, charlie, world, running):
        inbox = world.inbox.replace(str(world.acme.id), str(world.bolt.id))

        assert "Olga Ortiz" not in charlie.get(inbox).text

    def test_it_is_approved_once(self, alice, services, page, running, clock):
        ends = the_grant(services).ends_at
        clock.wait(timedelta(minutes=5))

        again = send(alice, page, f"{page}/{running}/approve")

        assert again.status_code == 422
        assert the_grant(services).ends_at == ends

    def test_who_left_the_operator_is_not_approved(self, alice, services, olga, page, asked):
        leave_operator(services, olga)

        assert send(alice, page, f"{page}/{asked}/approve").status_code == 422

    def test_two_owners_at_once_approve_once(self, services, world, asked, clock):
        with services.sessions.begin() as session:
            dana = make_user(session, "Dana Diaz")
            make_member(session, session.merge(world.acme), dana)
        ready, answers = Barrier(2), []

        def approve(by):
            ready.wait()
            try:
                with services.sessions.begin() as session:
                    grants.approve(session, world.acme.id, asked, by=by, at=clock())
                answers.append("approved")
            except UserError:
                answers.append("refused")

        threads = [Thread(target=approve, args=(each,)) for each in (world.alice, dana)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(answers) == ["approved", "refused"]
        done = [entry for entry in audit_of(services, world.acme) if entry[0] == "grant.approved"]
        assert len(done) == 1

    def test_what_is_no_grant_is_not_found(self, alice, browser, console, page):
        for what in ("approve", "refuse", "end"):
            assert send(alice, page, f"{page}/{unknown_id()}/{what}").status_code == 404
        assert send(browser, console, f"{console}/{unknown_id()}/take-back").status_code == 404

    def test_nobody_takes_back_what_another_asked(self, app, services, console, asked):
        with services.sessions.begin() as session:
            other = make_operator(session, Role.OWNER, "Oscar Otto")

        answer = send(signed_in(app, other), console, f"{console}/{asked}/take-back")

        assert answer.status_code == 404


class TestEnding:
    def test_the_clock_ends_it_to_the_second(self, browser, world, running, clock):
        for _ in range(5):
            clock.wait(HOUR / 6)
            browser.get("/account")
        clock.wait(HOUR / 6 - SECOND)
        before = browser.get(world.inbox).status_code
        clock.wait(SECOND)

        assert (before, browser.get(world.inbox).status_code) == (200, 404)
        assert browser.get(world.audio).status_code == 404

    def test_the_business_ends_it_at_once(self, alice, browser, world, page, running):
        send(alice, page, f"{page}/{running}/end")

        assert browser.get(world.inbox).status_code == 404

    def test_what_has_ended_is_not_ended_again(self, alice, page, running, clock):
        for _ in range(6):
            clock.wait(HOUR / 6)
            alice.get(page)

        assert send(alice, page, f"{page}/{running}/end").status_code == 422

    def test_who_asked_ends_it(self, browser, world, console, running):
        send(browser, console, f"{console}/{running}/take-back")

        assert browser.get(world.inbox).status_code == 404

    def test_who_leaves_the_operator_loses_it_and_does_not_get_it_back(
        self, services, browser, world, olga, running, clock
    ):
        leave_operator(services, olga)
        left = browser.get(world.inbox).status_code
        clock.wait(timedelta(minutes=1))
        with services.sessions.begin() as session:
            code = session.scalar(select(ServiceCode).where(ServiceCode.code == "1"))
            back = Membership(business_id=code.business_id, user_id=olga.id, role=Role.ADMIN)
            back.created_at = clock()
            session.add(back)

        assert (left, browser.get(world.inbox).status_code) == (404, 404)

    def test_who_became_a_viewer_of_the_operators_loses_it(
        self, services, browser, world, olga, running
    ):
        with services.sessions.begin() as session:
            place = session.scalar(select(Membership).where(Membership.user_id == olga.id))
            place.role = Role.VIEWER

        assert browser.get(world.inbox).status_code == 404

    def test_who_cannot_sign_in_loses_it(self, services, browser, world, olga, running):
        with services.sessions.begin() as session:
            session.get_one(User, olga.id).disabled_at = world.request.received_at

        assert browser.get(world.inbox).status_code == 302

    def test_who_becomes_a_member_reads_as_one(self, services, browser, world, olga, running):
        with services.sessions.begin() as session:
            make_member(session, session.merge(world.acme), session.merge(olga), Role.AGENT)

        assert "under a grant" not in browser.get(world.inbox).text


class TestLeaving:
    """Who works for the operator no more reads nothing more, and nobody is told otherwise."""

    @pytest.fixture
    def chief(self, services, olga):
        with services.sessions.begin() as session:
            return make_operator(session, Role.OWNER, "Otto Oakes")

    @pytest.fixture
    def let_go(self, services, olga, chief, clock):
        def remove():
            with services.sessions.begin() as session:
                place = session.scalar(select(Membership).where(Membership.user_id == olga.id))
                members.remove(session, place.business_id, place.id, by=chief, at=clock())

        return remove

    def test_what_runs_ends(self, services, browser, alice, world, page, running, let_go, clock):
        let_go()

        assert the_grant(services).state(clock()) is GrantState.ENDED
        text = alice.get(page).text
        assert ("Ended early" in text, "ended by Otto Oakes" in text) == (True, True)
        assert "Who can read now" not in text
        assert "can read these requests" not in alice.get(world.inbox).text
        assert browser.get(world.inbox).status_code == 404

    def test_what_waits_is_taken_back(self, services, alice, page, asked, let_go, clock):
        let_go()

        assert the_grant(services).state(clock()) is GrantState.TAKEN_BACK
        answer = alice.post(f"{page}/{asked}/approve", data={"csrf_token": csrf_token(alice, page)})
        assert "was taken back" in answer.text

    def test_both_trails_say_so(self, services, world, running, let_go):
        let_go()

        ended = ("grant.ended", "operator", "Otto Oakes")
        with services.sessions() as session:
            code = session.scalar(select(ServiceCode).where(ServiceCode.code == "1"))
            operator = session.get_one(Business, code.business_id)
        assert granted_in(services, world.acme)[-1] == ended
        assert granted_in(services, operator)[-1] == ended

    def test_who_may_only_read_there_loses_it_for_good(
        self, services, browser, world, olga, chief, running, clock
    ):
        for role in (Role.VIEWER, Role.AGENT):
            with services.sessions.begin() as session:
                place = session.scalar(select(Membership).where(Membership.user_id == olga.id))
                members.change_role(
                    session, place.business_id, place.id, role, by=chief, at=clock()
                )

        assert the_grant(services).state(clock()) is GrantState.ENDED
        assert browser.get(world.inbox).status_code == 404

    def test_who_leaves_by_themselves_ended_it(self, services, olga, chief, running, clock):
        with services.sessions.begin() as session:
            place = session.scalar(select(Membership).where(Membership.user_id == olga.id))
            members.leave(session, place.business_id, by=olga, at=clock())

        assert the_grant(services).ended_by == olga.id

    def test_another_role_that_works_keeps_it(self, services, olga, chief, running, clock):
        with services.sessions.begin() as session:
            place = session.scalar(select(Membership).where(Membership.user_id == olga.id))
            members.change_role(
                session, place.business_id, place.id, Role.ADMIN, by=chief, at=clock()
            )

        assert the_grant(services).state(clock()) is GrantState.RUNNING

    def test_who_leaves_another_business_keeps_it(self, services, world, olga, running, clock):
        with services.sessions.begin() as session:
            make_member(session, session.merge(world.bolt), session.merge(olga), Role.AGENT)
            members.leave(session, world.bolt.id, by=olga, at=clock())

        assert the_grant(services).state(clock()) is GrantState.RUNNING

    def test_an_owner_who_decides_at_that_moment_waits(self, services, world, asked, let_go, clock):
        """Both hold Acme before either trail: one is first, and nobody waits in a circle."""
        start, told = Barrier(2), []

        def approve():
            start.wait(timeout=10)
            try:
                with services.sessions.begin() as session:
                    grants.approve(session, world.acme.id, asked, by=world.alice, at=clock())
            except UserError as error:
                told.append(str(error))

        def leave():
            start.wait(timeout=10)
            let_go()

        both = [Thread(target=each) for each in (approve, leave)]
        for each in both:
            each.start()
        for each in both:
            each.join(timeout=30)
        state = the_grant(services).state(clock())
        assert state in {GrantState.ENDED, GrantState.TAKEN_BACK}
        assert bool(told) == (state is GrantState.TAKEN_BACK)


class TestReading:
    def test_every_page_says_until_when(self, browser, world, running):
        for path in (world.inbox, world.page, f"/businesses/{world.acme.id}/members"):
            text = browser.get(path).text
            assert "under a grant until" in text
            assert "11:00 PST" in text

    def test_audio_is_heard_and_stands_in_the_trail(self, browser, services, world, running):
        answer = browser.get(world.audio, headers={"Range": "bytes=0-"})
        browser.get(f"{world.page}/download")

        assert answer.status_code in {200, 206}
        last = audit_of(services, world.acme)[-2:]
        assert last == [
            ("voicemail.listened", "operator", "Olga Ortiz"),
            ("voicemail.downloaded", "operator", "Olga Ortiz"),
        ]

    @pytest.mark.parametrize(
        ("path", "action"),
        [
            ("/requests", "grant.read"),
            ("/overview", "grant.read"),
            ("/records", "grant.read"),
            ("/members", "grant.read"),
            ("/requests/{request}", "request.opened"),
            ("/requests/{request}/voicemails/{voicemail}/transcript", "grant.read"),
        ],
    )
    def test_every_page_stands_in_the_trail_with_the_grant(
        self, browser, services, alice, world, running, path, action
    ):
        path = path.format(request=world.request.id, voicemail=world.voicemail.id)
        browser.get(f"/businesses/{world.acme.id}{path}")

        assert audit_of(services, world.acme)[-1] == (action, "operator", "Olga Ortiz")
        assert str(running) in alice.get(f"/businesses/{world.acme.id}/trail").text

    def test_a_page_that_asks_by_itself_is_noted_once_a_sitting(
        self, browser, services, world, running
    ):
        for _ in range(3):
            browser.get(f"{world.inbox}/news")
            browser.get(f"{world.page}/voicemails/{world.voicemail.id}/player")

        noted = [entry[0] for entry in granted_in(services, world.acme)]
        assert noted.count("grant.read") == 2

    def test_nothing_is_sent_that_cannot_be_written_down(
        self, browser, world, running, monkeypatch
    ):
        def fail(*_args, **_facts):
            raise RuntimeError

        monkeypatch.setattr("voiceline.dashboard.granted.note_read", fail)

        answer = browser.get(world.inbox)

        assert answer.status_code == 500
        assert world.request.reference not in answer.text

    def test_nothing_of_the_business_changes_by_reading(self, browser, services, world, running):
        tables = (RequestEvent, RequestRead, InboxChoice)
        before = rows_of(services, tables)
        with statements(services.engine) as asked:
            for path in (world.inbox, world.page, world.audio, f"{world.page}/download"):
                browser.get(path)

        written = {
            one.split()[2].strip('"')
            for one in asked
            if one.split()[0].lower() in {"insert", "delete"}
        } | {one.split()[1].strip('"') for one in asked if one.split()[0].lower() == "update"}
        assert rows_of(services, tables) == before
        assert written <= {"audit_entry", "audit_name", "audit_chain", "login_session"}

    @pytest.mark.parametrize(
        "path",
        [
            *("/records.csv", "/records.json", "/metrics.json", "/line.csv", "/trail"),
            *("/requests/downloads", "/requests/new", "/notices"),
            *("/requests/views", "/members/leave", "/operator-access", "/sign-in"),
            *("/requests/{request}/assign", "/requests/{request}/acknowledge"),
        ],
    )
    def test_what_takes_away_or_changes_stays_closed(self, browser, world, running, path):
        path = path.format(request=world.request.id)

        assert browser.get(f"/businesses/{world.acme.id}{path}").status_code == 403

    @pytest.mark.parametrize(
        "path",
        [
            *("/requests/{request}/read", "/members/leave", "/requests/keys", "/settings"),
            "/trail/lines.txt",
        ],
    )
    def test_no_form_is_taken_even_of_readers(self, browser, world, running, path):
        path = path.format(request=world.request.id)
        form = {"csrf_token": csrf_token(browser, "/account")}

        answer = browser.post(f"/businesses/{world.acme.id}{path}", data=form)

        assert answer.status_code == 403
        assert "Your grant does not open this" in answer.text

    def test_no_notes_whatever_viewers_read(self, alice, browser, world, running):
        send(alice, world.page, f"{world.page}/notes", text="Between us", note_id=str(unknown_id()))

        assert world.acme.viewers_read_notes
        assert "Between us" in alice.get(world.page).text
        assert "Between us" not in browser.get(world.page).text

    def test_pages_hold_no_forms_but_for_signing_out(self, browser, world, running):
        for path in (world.inbox, world.page, f"/businesses/{world.acme.id}/settings"):
            main = browser.get(path).text.partition("<main")[2]
            assert 'method="post"' not in main, path

    def test_the_operators_rules_of_signing_in_hold(self, services, browser, world, running):
        with services.sessions.begin() as session:
            code = session.scalar(select(ServiceCode).where(ServiceCode.code == "1"))
            session.get_one(Business, code.business_id).needs_second_step = True

        assert browser.get(world.inbox).location == "/account/two-step"


class TestWhatBothSee:
    def test_both_trails_hold_what_was_asked_and_decided(
        self, services, alice, world, page, running
    ):
        send(alice, page, f"{page}/{running}/end")
        with services.sessions() as session:
            code = session.scalar(select(ServiceCode).where(ServiceCode.code == "1"))
            operator = session.get_one(Business, code.business_id)

        words = ["grant.asked", "grant.approved", "grant.ended"]
        assert granted_in(services, world.acme) == [
            (words[0], "operator", "Olga Ortiz"),
            (words[1], "staff", "Alice Abbott"),
            (words[2], "staff", "Alice Abbott"),
        ]
        assert granted_in(services, operator) == [
            (words[0], "operator", "Olga Ortiz"),
            (words[1], "staff", None),
            (words[2], "staff", None),
        ]

    def test_both_pages_show_the_history(self, alice, browser, console, page, running):
        send(alice, page, f"{page}/{running}/end")

        for text in (alice.get(page).text, browser.get(console).text):
            assert "Ended early" in text
            assert "Olga Ortiz" in text
            assert "approved by Alice Abbott" in text

    def test_the_console_leads_to_what_may_be_read(self, browser, world, console, running):
        assert f'href="{world.inbox}">Read Acme Shoes' in browser.get(console).text

    def test_a_member_who_leaves_takes_no_grant_with_them(self, services, world, running):
        """The rows stay, whoever decided them."""
        with services.sessions.begin() as session:
            dana = make_user(session, "Dana Diaz")
            make_member(session, session.merge(world.acme), dana)
            members.leave(session, world.acme.id, by=world.alice, at=world.request.received_at)

        assert the_grant(services).decided_by == world.alice.id


def ask(session, world, user, at):
    return grants.ask(session, world.acme.id, reason=REASON, hours=1, by=user, at=at)


def the_grant(services):
    with services.sessions() as session:
        return session.scalar(select(AccessGrant))


def granted_in(services, business):
    return [entry for entry in audit_of(services, business) if entry[0].startswith("grant.")]


def rows_of(services, tables):
    with services.sessions() as session:
        return [session.scalar(select(func.count()).select_from(each)) for each in tables]


def leave_operator(services, user):
    with services.sessions.begin() as session:
        session.execute(delete(Membership).where(Membership.user_id == user.id))
