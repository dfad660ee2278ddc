"""The operator's console: who comes in, which businesses it finds, and what that costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import AT, make_business, make_code, make_member, make_user
from operators import operators_browser
from sqlalchemy import select
from staff import statements

from voiceline.models import AuditEntry, Role, ServiceCode
from voiceline.rules.lifecycle import BusinessStatus
from voiceline.rules.retention import AccountTier
from voiceline.rules.service_codes import OPERATOR_CODE

LIST = "/operator/businesses"


@pytest.fixture
def olga(app, services, world):
    return operators_browser(app, services)


class TestWhoComesIn:
    @pytest.mark.parametrize("role", Role)
    def test_every_member_of_the_operator_reads_the_list(self, app, services, world, role):
        page = operators_browser(app, services, role).get(LIST)

        assert page.status_code == 200
        assert "Acme Shoes" in page.text

    def test_an_owner_of_a_business_finds_no_console(self, services, alice, olga):
        answer = alice.get(LIST)

        assert answer.status_code == 404
        assert answer.data == alice.get("/no/such/page").data

    def test_who_tries_is_noted_in_the_operators_trail(self, services, world, alice, olga):
        alice.get(LIST)

        with services.sessions() as session:
            operator = session.scalar(select(ServiceCode).where(ServiceCode.code == OPERATOR_CODE))
            refused = AuditEntry.action == "access.refused"
            (entry,) = session.scalars(select(AuditEntry).where(refused))
        assert (entry.business_id, entry.actor_id) == (operator.business_id, world.alice.id)

    def test_nothing_breaks_where_there_is_no_operator_yet(self, alice):
        assert alice.get(LIST).status_code == 404

    def test_the_way_there_is_shown_to_the_operators_people_alone(self, world, alice, olga):
        link = f'href="{LIST}"'

        assert link in olga.get("/account").text
        assert link not in alice.get("/account").text


class TestFinding:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", {"Acme Shoes", "Bolt Bikes", "Voiceline"}),
            ("q=aCmE", {"Acme Shoes"}),
            ("q=5077", {"Bolt Bikes"}),
            ("q=50", {"Bolt Bikes"}),
            ("q=charlie@example", {"Bolt Bikes"}),
            ("q=bob@example", set()),
            ("q=%25", set()),
            ("tier=enterprise", {"Voiceline"}),
            ("tier=gold", {"Acme Shoes", "Bolt Bikes", "Voiceline"}),
            ("state=suspended", set()),
            ("q=bolt&tier=small_medium&state=active", {"Bolt Bikes"}),
        ],
    )
    def test_by_name_code_owner_tier_and_state(self, world, olga, query, found):
        page = olga.get(f"{LIST}?{query}").text
        page = page.partition("<main")[2].partition("</main>")[0]

        assert {name for name in ("Acme Shoes", "Bolt Bikes", "Voiceline") if name in page} == found

    def test_by_a_trial_that_ends_soon(self, services, world, olga):
        with services.sessions.begin() as session:
            for name, days in (("Ended", -1), ("Ending", 6), ("Later", 8)):
                until = AT + timedelta(days=days)
                make_business(session, name, tier=AccountTier.TRIAL, trial_ends_at=until)

        page = olga.get(f"{LIST}?trial=soon").text

        assert "Ending" in page
        assert "Ended" not in page
        assert "Later" not in page

    def test_what_is_closed_is_found_by_its_state(self, services, world, olga):
        with services.sessions.begin() as session:
            make_business(session, "Gone Goods", status=BusinessStatus.CLOSED)

        assert "Gone Goods" in olga.get(f"{LIST}?state=closed").text

    def test_pages_hold_every_business_once(self, services, world, olga):
        with services.sessions.begin() as session:
            for number in range(120):
                make_business(session, f"Shop {number:03d}" if number % 2 else "Same Name")

        seen, address = [], LIST
        while address:
            page = olga.get(address).text
            seen += [part.partition("<")[0] for part in page.split('<th scope="row">')[1:]]
            link = page.partition('rel="next" href="')[2].partition('"')[0]
            address = link.replace("&amp;", "&")

        assert len(seen) == 123
        assert seen == sorted(seen, key=str.lower)

    def test_a_place_that_is_none_is_not_found(self, olga):
        assert olga.get(f"{LIST}?after=x").status_code == 404

    def test_many_businesses_cost_no_more_statements(self, app, services, world, olga):
        with statements(services.engine) as few:
            olga.get(LIST)
        with services.sessions.begin() as session:
            for number in range(40):
                business = make_business(session, f"Shop {number}")
                make_code(session, business)
                user = make_user(session, f"Owner{number} Ortiz")
                make_member(session, business, user)

        with statements(services.engine) as many:
            olga.get(LIST)

        assert len(many) == len(few)
        assert not [one for one in many if "privacy_request" in one or "voicemail" in one]
