from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from every_address import BEHIND_LINKS, MISSING, routes
from factories import AT, PASSWORD, unknown_id
from operators import operators_browser
from sqlalchemy import delete
from staff import csrf_token, sign_in, signed_in

from voiceline.accounts import set_password
from voiceline.dashboard.needs import CONFIRMED, CONSOLE, NEEDS
from voiceline.dashboard.open_views import PUBLIC, UNATTENDED
from voiceline.login_sessions import IDLE, LONGEST
from voiceline.models import Membership, User

MALFORMED = [
    "abc",
    "-1",
    str(2**63),
    "{3c1f9c37-84c7-4abc-b6c0-4b8cb96bf4ae}",
    "3C1F9C37-84C7-4ABC-B6C0-4B8CB96BF4AE",
    "3c1f9c3784c74abcb6c04b8cb96bf4ae",
]


class TestEveryRoute:
    def test_every_view_is_known_to_the_url_map(self, app):
        assert {*PUBLIC, *UNATTENDED, *NEEDS, *CONFIRMED, *CONFIRMED.values()} <= {
            rule.endpoint for rule in app.url_map.iter_rules()
        }

    def test_strangers_get_no_further_than_the_public_list(self, app, anonymous, world):
        answers = {
            rule.endpoint: anonymous.open(path, method=method).status_code
            for rule, path, method in routes(app, world)
            if rule.endpoint not in PUBLIC
        }

        # a form is refused for its missing token, or its sender asked to sign in
        assert set(answers.values()) <= {302}
        assert len(answers) >= 10

    def test_strangers_learn_nothing_of_what_exists(self, app, anonymous, world):
        for _, path, method in routes(app, world):
            missing = path.replace(str(world.acme.id), str(unknown_id()))
            if missing != path and method == "GET":
                assert anonymous.get(missing).status_code == anonymous.get(path).status_code == 302

    def test_members_get_to_every_page(self, app, alice, world):
        answers = {
            path: alice.get(path).status_code
            for rule, path, method in routes(app, world)
            if method == "GET" and "assets" not in path and not MISSING & rule.arguments
            if rule.endpoint not in BEHIND_LINKS and not rule.endpoint.startswith(CONSOLE)
        }

        assert set(answers.values()) <= {200, 302, 303}, answers

    def test_the_operators_people_get_to_every_page_of_the_console(self, app, services, world):
        olga = operators_browser(app, services)
        answers = {
            path: olga.get(path).status_code
            for rule, path, method in routes(app, world)
            if method == "GET" and rule.endpoint.startswith(CONSOLE)
            if not MISSING & rule.arguments
        }

        assert set(answers.values()) <= {200, 302, 303}, answers
        assert answers

    def test_owners_of_businesses_get_to_no_page_of_the_console(self, app, services, alice, world):
        operators_browser(app, services)
        missing = alice.get("/no/such/page")
        for rule, path, method in routes(app, world):
            if rule.endpoint.startswith(CONSOLE):
                form = {"csrf_token": csrf_token(alice, world.inbox)}
                answer = alice.open(path, method=method, data=form if method == "POST" else None)
                assert (answer.status_code, answer.data) == (404, missing.data), path

    def test_foreign_missing_and_malformed_are_one_answer(self, app, charlie, world):
        missing = charlie.get("/no/such/page")
        answers = {path: charlie.get(path) for path in foreign_paths(app, world)}

        assert missing.status_code == 404
        for path, answer in answers.items():
            assert answer.status_code == 404, path
            assert answer.data == missing.data, path
            assert list(answer.headers.keys()) == list(missing.headers.keys()), path

    def test_d1_d2_own_business_opens_no_foreign_or_malformed_id(self, app, charlie, world):
        own = f"/businesses/{world.bolt.id}/requests"
        for tail in ("", "/audio.wav", "/download"):
            for request_id in (world.request.id, unknown_id(), *MALFORMED):
                assert charlie.get(f"{own}/{request_id}{tail}").status_code == 404
        for tail in ("audio.wav", "download", "player", "transcript", "audio.mp3"):
            path = f"{own}/{world.foreign.id}/voicemails/{world.voicemail.id}/{tail}"
            assert charlie.get(path).status_code == 404

    @pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"If-None-Match": "*"}])
    def test_no_header_opens_a_foreign_page(self, charlie, world, headers):
        for path in (world.inbox, world.page, world.audio, f"{world.inbox}/news"):
            assert charlie.get(path, headers=headers).status_code == 404


class TestSession:
    def test_signed_out_cookie_opens_nothing(self, alice, world, app):
        cookie = alice.get_cookie("voiceline").value
        alice.post("/sign-out", data={"csrf_token": csrf_token(alice, world.inbox)})

        replayed = app.test_client()
        replayed.set_cookie("voiceline", cookie)

        assert replayed.get(world.inbox).status_code == 302

    def test_signed_out_everywhere_is_out_everywhere(self, app, alice, world):
        elsewhere = signed_in(app, world.alice)

        alice.post("/sign-out-everywhere", data={"csrf_token": csrf_token(alice, world.inbox)})

        assert elsewhere.get(world.inbox).status_code == 302

    def test_disabled_person_is_out_at_the_next_request(self, alice, world, services):
        with services.sessions.begin() as session:
            session.get_one(User, world.alice.id).disabled_at = AT

        assert alice.get(world.inbox).status_code == 302

    def test_new_password_ends_the_session(self, alice, world, services):
        with services.sessions.begin() as session:
            set_password(session, session.get_one(User, world.alice.id), PASSWORD + "!", AT)

        assert alice.get(world.inbox).status_code == 302

    def test_lost_membership_counts_at_the_next_request(self, alice, world, services):
        with services.sessions.begin() as session:
            session.execute(delete(Membership).where(Membership.user_id == world.alice.id))

        assert alice.get(world.inbox).status_code == 404
        assert alice.get("/businesses").status_code == 200

    def test_rest_ends_the_session(self, alice, world, clock):
        clock.wait(IDLE)

        assert alice.get(world.inbox).status_code == 302

    def test_a_page_left_open_ends_too(self, alice, world, clock):
        for _ in range(3):
            clock.wait(timedelta(minutes=10))
            answer = alice.get(f"{world.inbox}/news", headers={"HX-Request": "true"})

        assert answer.status_code == 401
        assert answer.headers["HX-Refresh"] == "true"

    def test_script_is_told_rather_than_led_away(self, app, world):
        anonymous, script = app.test_client(), {"Sec-Fetch-Dest": "empty"}

        answers = [
            anonymous.post(f"{world.page}/assign", data={"to": "me"}, headers=script),
            anonymous.head(world.audio, headers=script),
        ]

        assert [answer.status_code for answer in answers] == [401, 401]

    def test_work_ends_after_twelve_hours(self, alice, world, clock):
        for _ in range(LONGEST // timedelta(minutes=20) - 1):
            clock.wait(timedelta(minutes=20))
            assert alice.get(world.inbox).status_code == 200
        clock.wait(timedelta(minutes=20))

        assert alice.get(world.inbox).status_code == 302

    @pytest.mark.parametrize("value", ["", "guess", "x" * 3000, "é", '"quoted"'])
    def test_tampered_cookie_asks_to_sign_in(self, anonymous, world, value):
        anonymous.set_cookie("voiceline", value)

        assert anonymous.get(world.inbox).status_code == 302


class TestDeepLink:
    def test_signing_in_leads_back(self, anonymous, world):
        wanted = f"{world.inbox}?status=all&order=newest"
        asked = anonymous.get(wanted)

        form = anonymous.get(asked.location).text
        answer = sign_in(anonymous, "alice@example.com", next=wanted)

        assert wanted.replace("&", "&amp;") in form
        assert answer.location == wanted

    def test_no_link_back_to_a_form_that_was_sent(self, anonymous):
        assert anonymous.post("/sign-out").location == "/sign-in"


class TestOtherSites:
    @pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
    def test_other_sites_change_nothing(self, alice, world, site):
        token = csrf_token(alice, world.inbox)

        answer = alice.post(
            "/sign-out", data={"csrf_token": token}, headers={"Sec-Fetch-Site": site}
        )

        assert answer.status_code == 400
        assert alice.get(world.inbox).status_code == 200

    @pytest.mark.parametrize("site", ["same-origin", "none", None])
    def test_our_own_pages_do(self, alice, world, site):
        headers = {"Sec-Fetch-Site": site} if site else {}
        token = csrf_token(alice, world.inbox)

        answer = alice.post("/sign-out", data={"csrf_token": token}, headers=headers)

        assert answer.status_code == 303

    def test_links_from_elsewhere_may_be_followed(self, alice, world):
        answer = alice.get(world.page, headers={"Sec-Fetch-Site": "cross-site"})

        assert answer.status_code == 200


def foreign_paths(app, world):
    """Acme's addresses, and the same with ids nobody has or no id at all."""
    own = str(world.acme.id)
    paths = {path for _, path, method in routes(app, world) if own in path and method == "GET"}
    others = [str(unknown_id()), *MALFORMED]
    return paths | {path.replace(own, other) for path, other in product(paths, others)}
