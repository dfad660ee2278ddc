"""One business in the console: what the operator sees, changes and leaves in its trail."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from factories import AT, PASSWORD, make_business, make_code, unknown_id
from mailed import send
from operators import audit_of, operators_browser
from sqlalchemy import select
from staff import csrf_token, statements

from voiceline import invitations
from voiceline.accounts import keep_user
from voiceline.errors import UserError
from voiceline.login_sessions import CONFIRMED_FOR
from voiceline.models import Business, Delivery, Invitation, Membership, Role, ServiceCode, User
from voiceline.rules.lifecycle import BusinessStatus
from voiceline.rules.retention import AccountTier

LIST = "/operator/businesses"
OLGA = "Admin Ortiz"


@pytest.fixture
def olga(app, services, world):
    return operators_browser(app, services)


@pytest.fixture
def acme(world):
    return f"{LIST}/{world.acme.id}"


class TestWhatIsSeen:
    def test_facts_and_counts_and_no_content(self, services, world, olga, acme):
        page = olga.get(acme).text

        for said in ("Acme Shoes", "4021", "Alice Abbott", "2 members", "1 request", "1 voicemail"):
            assert said in page
        assert world.request.reference not in page
        assert not re.search(r"555.?01\d\d", page)

    @pytest.mark.parametrize("path", ["", "/tier", "/suspend"])
    def test_what_is_no_business_is_not_found(self, olga, path):
        assert olga.get(f"{LIST}/{unknown_id()}{path}").status_code == 404

    def test_the_business_that_canaries_call_is_nobodys(self, services, olga):
        with services.sessions.begin() as session:
            sentinel = make_business(session, "Canary", is_canary=True)

        assert olga.get(f"{LIST}/{sentinel.id}").status_code == 404
        assert send(olga, LIST, f"{LIST}/{sentinel.id}/suspend").status_code == 404

    def test_it_costs_a_few_statements(self, services, olga, acme):
        with statements(services.engine) as asked:
            olga.get(acme)

        assert len(asked) <= 11

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
    def test_who_may_not_change_it_is_shown_no_buttons(self, app, services, acme, role):
        reader = operators_browser(app, services, role)

        page = reader.get(acme).text.partition("<main")[2]

        assert "<form" not in page
        assert reader.get(f"{acme}/tier").status_code == 403
        assert send(reader, "/account", f"{acme}/suspend").status_code == 403


class TestWhatIsChanged:
    def test_a_tier_with_its_entry_under_a_name(self, services, world, olga, acme):
        answer = send(olga, acme, f"{acme}/tier", tier="enterprise")

        assert answer.status_code == 303
        assert now_of(services, world.acme).tier == AccountTier.ENTERPRISE
        assert audit_of(services, world.acme)[-1] == ("business.tier_changed", "operator", OLGA)

    def test_the_form_says_what_a_tier_does(self, services, world, olga, acme):
        send(olga, acme, f"{acme}/tier", tier="enterprise")

        page = olga.get(f"{acme}/tier").text

        assert "none expires for it within 30 days" in page

    def test_what_is_no_tier_is_refused(self, olga, acme):
        assert send(olga, acme, f"{acme}/tier", tier="gold").status_code == 400

    def test_the_same_tier_twice_is_one_entry(self, services, world, olga, acme):
        for _ in range(2):
            send(olga, acme, f"{acme}/tier", tier="enterprise")

        assert len(audit_of(services, world.acme)) == 1

    def test_owners_see_in_their_trail_who_it_was(self, world, olga, alice, acme):
        send(olga, acme, f"{acme}/suspend")

        page = alice.get(f"/businesses/{world.acme.id}/trail").text

        assert OLGA in page
        assert "of the operator" in page
        assert "Suspended the account" in page

    def test_suspended_and_back(self, services, world, olga, acme):
        send(olga, acme, f"{acme}/suspend")
        suspended = now_of(services, world.acme).status
        again = send(olga, acme, f"{acme}/suspend")
        send(olga, acme, f"{acme}/resume")

        assert suspended == BusinessStatus.SUSPENDED
        assert again.status_code == 303
        assert now_of(services, world.acme).status == BusinessStatus.ACTIVE
        assert [entry[0] for entry in audit_of(services, world.acme)] == [
            "business.suspended",
            "business.resumed",
        ]

    def test_closed_stays_closed(self, services, world, olga, acme):
        with services.sessions.begin() as session:
            session.get_one(Business, world.acme.id).close()

        answer = send(olga, acme, f"{acme}/resume")

        assert answer.status_code == 422
        assert "nothing opens it again" in answer.text

    def test_the_operators_own_line_stays_open(self, services, olga):
        with services.sessions() as session:
            own = session.scalar(select(ServiceCode).where(ServiceCode.code == "1"))
        page = f"{LIST}/{own.business_id}"

        suspended = send(olga, LIST, f"{page}/suspend")
        withdrawn = send(olga, LIST, f"{page}/codes/{own.id}/withdraw")

        assert (suspended.status_code, withdrawn.status_code) == (422, 422)

    @pytest.mark.parametrize("until", ["", "soon", "2020-01-01", "2099-01-01"])
    def test_a_trial_has_no_such_end(self, services, olga, until):
        page, business = on_trial(services)

        assert send(olga, page, f"{page}/trial", until=until).status_code == 422
        assert now_of(services, business).trial_ends_at == AT + timedelta(days=3)

    def test_a_trial_lasts_to_the_end_of_the_businesss_day(self, services, olga):
        page, business = on_trial(services)

        send(olga, page, f"{page}/trial", until="2026-12-24")

        ends = now_of(services, business).trial_ends_at
        assert ends.isoformat() == "2026-12-25T07:59:59+00:00"
        assert audit_of(services, business)[-1][0] == "business.trial_set"

    def test_what_is_on_no_trial_has_no_end(self, olga, acme):
        assert send(olga, acme, f"{acme}/trial", until="2026-12-24").status_code == 422

    @pytest.mark.parametrize("code", ["44", "311x", "0", "4021", "", "118"])
    def test_codes_are_given_short_ones_too(self, services, world, olga, acme, code):
        answer = send(olga, acme, f"{acme}/codes", code=code)

        assert answer.status_code == (303 if code == "44" else 422)
        assert (audit_of(services, world.acme)[-1:] == [("code.assigned", "operator", OLGA)]) == (
            code == "44"
        )

    def test_codes_are_withdrawn(self, services, world, olga, acme):
        page = f"{acme}/codes/{world.acme_code.id}/withdraw"
        shown = olga.get(page)

        send(olga, page, page)

        assert "its last code" in shown.text
        assert audit_of(services, world.acme)[-1] == ("code.withdrawn", "operator", OLGA)
        assert "is withdrawn" in olga.get(page).text

    def test_a_code_of_another_business_is_not_withdrawn(self, services, world, olga, acme):
        page = f"{acme}/codes/{world.bolt_code.id}/withdraw"

        assert olga.get(page).status_code == 404
        assert send(olga, acme, page).status_code == 404

    @pytest.mark.parametrize("path", ["tier", "trial", "suspend", "resume", "owner", "codes"])
    def test_every_change_asks_who_is_there(self, olga, clock, acme, path):
        clock.wait(CONFIRMED_FOR)

        answer = send(olga, acme, f"{acme}/{path}")

        assert answer.status_code == 303
        assert answer.location.startswith("/confirm?next=/operator/businesses/")


class TestOpening:
    def test_a_business_with_a_code_and_its_owners_invitation(self, services, world, olga):
        answer = open_one(olga)

        assert answer.status_code == 303
        with services.sessions() as session:
            opened = session.scalar(select(Business).where(Business.name == "Corner Cafe"))
            invitation = session.scalar(select(Invitation))
            mail = session.scalar(select(Delivery))
            assert len(opened.service_codes) == 1
        assert (invitation.email, invitation.role) == ("dana@example.com", Role.OWNER)
        assert (mail.address, mail.kind) == ("dana@example.com", "invitation")
        assert opened.trial_ends_at == AT + timedelta(days=30)
        done = [entry[:2] for entry in audit_of(services, opened)]
        assert done == [("code.assigned", "operator"), ("person.invited", "operator")]

    @pytest.mark.parametrize(
        "wrong", [{"name": " "}, {"owner": "dana"}, {"time_zone": "Mars/Base"}]
    )
    def test_nothing_is_opened_with_a_mistake_in_it(self, services, olga, wrong):
        answer = open_one(olga, **wrong)

        assert answer.status_code == 422
        with services.sessions() as session:
            assert session.scalar(select(Business).where(Business.name == "Corner Cafe")) is None

    def test_the_owner_comes_in_by_the_link(self, services, olga):
        open_one(olga)

        with services.sessions.begin() as session:
            member = accept(session)
            assert member.role == Role.OWNER

    def test_an_invitation_of_who_is_the_operators_no_more_is_void(self, services, olga):
        open_one(olga)
        with services.sessions.begin() as session:
            user = session.scalar(select(User).where(User.name == OLGA))
            session.delete(session.scalar(select(Membership).where(Membership.user_id == user.id)))

        with services.sessions.begin() as session, pytest.raises(UserError):
            accept(session)

    def test_another_address_makes_the_first_link_void(self, services, olga):
        page = open_one(olga).location.partition("?")[0]

        send(olga, page, f"{page}/owner", email="erin@example.com")

        with services.sessions() as session:
            former, newer = session.scalars(select(Invitation).order_by(Invitation.email)).all()
        assert former.revoked_at == AT
        assert newer.revoked_at is None

    def test_where_somebody_works_people_are_no_affair_of_the_operator(self, olga, acme):
        assert send(olga, acme, f"{acme}/owner", email="erin@example.com").status_code == 422


def open_one(browser, **fields):
    form = {"name": "Corner Cafe", "owner": "dana@example.com", "time_zone": "America/New_York"}
    form |= {"tier": "trial"} | fields
    token = csrf_token(browser, f"{LIST}/new")
    return browser.post(f"{LIST}/new", data=form | {"csrf_token": token})


def accept(session):
    invitation = session.scalar(select(Invitation))
    dana = keep_user(session, "dana@example.com", "Dana Diaz", PASSWORD, AT)
    return invitations.accept(session, invitation, dana, AT)


def on_trial(services):
    with services.sessions.begin() as session:
        until = AT + timedelta(days=3)
        business = make_business(session, "Try It", tier=AccountTier.TRIAL, trial_ends_at=until)
        make_code(session, business)
    return f"{LIST}/{business.id}", business


def now_of(services, business):
    with services.sessions() as session:
        return session.get_one(Business, business.id)
