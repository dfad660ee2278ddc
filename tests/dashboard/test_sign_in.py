from __future__ import annotations

from dataclasses import replace

import pytest
from factories import PASSWORD, make_business, make_member, make_user
from staff import csrf_token, sign_in, signed_in

from voiceline.dashboard import create_app


class TestForm:
    def test_signed_in_person_goes_on(self, alice):
        answer = alice.get("/sign-in?next=/businesses")

        assert (answer.status_code, answer.location) == (302, "/businesses")

    def test_address_is_not_typed_twice(self, anonymous, world):
        page = sign_in(anonymous, "alice@example.com", "wrong").text

        assert 'value="alice@example.com"' in page

    def test_unknown_and_wrong_look_alike(self, anonymous, world):
        answers = [
            sign_in(anonymous, email, "wrong") for email in ("alice@example.com", "eve@example.com")
        ]

        assert [answer.status_code for answer in answers] == [422, 422]
        pages = [page_without_noise(answer) for answer in answers]
        assert pages[0].replace("alice", "eve") == pages[1]

    def test_password_is_never_sent_back(self, anonymous, world):
        page = sign_in(anonymous, "alice@example.com", "my secret guess").text

        assert "my secret guess" not in page

    def test_what_was_typed_is_escaped(self, anonymous):
        page = sign_in(anonymous, '"><script>alert(1)</script>', "x").text

        assert "<script>alert" not in page

    @pytest.mark.parametrize("fields", [{}, {"email": "alice@example.com"}, {"password": "x"}])
    def test_missing_fields_are_just_wrong(self, anonymous, world, fields):
        answer = anonymous.post("/sign-in", data={"csrf_token": csrf_token(anonymous)} | fields)

        assert answer.status_code == 422


class TestNext:
    @pytest.mark.parametrize(
        "path",
        [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/\tevil",
            "/ü",
            "",
            "\\/evil",
        ],
    )
    def test_d8_nobody_is_led_elsewhere(self, anonymous, world, path):
        answer = sign_in(anonymous, "alice@example.com", next=path)

        assert answer.location == "/"

    @pytest.mark.parametrize("path", ["/", "/businesses", "/businesses/x/requests?after=a_b-c"])
    def test_own_pages_are_gone_to(self, anonymous, world, path):
        assert sign_in(anonymous, "alice@example.com", next=path).location == path


class TestCookies:
    def test_cookie_is_for_this_site_and_no_script(self, anonymous, world):
        answer = sign_in(anonymous, "alice@example.com")

        (cookie,) = (each for each in answer.headers.getlist("Set-Cookie") if "voiceline=" in each)
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie

    def test_cookies_are_host_bound_under_https(self, services, world):
        settings = services.settings.model_copy(
            update={"dashboard_url": "https://dashboard.example.com"}
        )
        app = create_app(with_settings(services, settings))
        client = app.test_client()
        base = "https://dashboard.example.com"
        page = client.get("/sign-in", base_url=base)
        token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]

        answer = client.post(
            "/sign-in",
            base_url=base,
            data={"csrf_token": token, "email": "alice@example.com", "password": PASSWORD},
        )

        cookies = page.headers.getlist("Set-Cookie") + answer.headers.getlist("Set-Cookie")
        assert answer.status_code == 303
        assert {cookie.partition("=")[0] for cookie in cookies} == {
            "__Host-voiceline",
            "__Host-voiceline-form",
        }
        assert all("Secure" in cookie and "Path=/" in cookie for cookie in cookies)

    def test_signing_in_again_ends_the_session_before(self, app, alice, world):
        before = alice.get_cookie("voiceline").value
        token = csrf_token(alice, world.inbox)

        form = {"csrf_token": token, "email": "alice@example.com", "password": PASSWORD}
        alice.post("/sign-in", data=form)

        replayed = app.test_client()
        replayed.set_cookie("voiceline", before)
        assert alice.get(world.inbox).status_code == 200
        assert replayed.get(world.inbox).status_code == 302

    def test_signing_out_clears_the_browser(self, alice, world):
        answer = alice.post("/sign-out", data={"csrf_token": csrf_token(alice, world.inbox)})

        assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
        assert alice.get_cookie("voiceline") is None


class TestForgery:
    def test_form_without_a_token_is_refused(self, alice, world):
        answer = alice.post("/sign-out")

        assert answer.status_code == 400
        assert "out of date" in answer.text
        assert alice.get(world.inbox).status_code == 200

    def test_token_of_another_browser_is_refused(self, alice, bob, world):
        answer = alice.post("/sign-out", data={"csrf_token": csrf_token(bob, world.inbox)})

        assert answer.status_code == 400

    def test_token_from_before_signing_in_is_refused(self, anonymous, world):
        old = csrf_token(anonymous)
        sign_in(anonymous, "alice@example.com")

        assert anonymous.post("/sign-out", data={"csrf_token": old}).status_code == 400

    def test_sign_in_needs_a_token_too(self, anonymous, world):
        form = {"email": "alice@example.com", "password": PASSWORD}

        assert anonymous.post("/sign-in", data=form).status_code == 400


class TestLimits:
    def test_eleventh_try_gets_a_clear_page(self, anonymous, world):
        for _ in range(10):
            sign_in(anonymous, "alice@example.com", "wrong")

        answer = sign_in(anonymous, "alice@example.com")

        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "300"
        assert "Wait 5 minutes" in answer.text

    def test_letter_case_and_spaces_of_an_address_are_no_further_tries(self, anonymous, world):
        for number in range(10):
            anonymous.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
            sign_in(anonymous, ("alice@example.com", " ALICE@Example.com ")[number % 2], "wrong")

        anonymous.environ_base["REMOTE_ADDR"] = "192.0.2.77"
        answer = sign_in(anonymous, "Alice@EXAMPLE.com")

        assert answer.status_code == 429

    def test_household_has_one_share_of_tries(self, anonymous, world):
        for number in range(10):
            anonymous.environ_base["REMOTE_ADDR"] = f"2001:db8:1:2::{number}"
            sign_in(anonymous, f"nobody{number}@example.com", "wrong")

        anonymous.environ_base["REMOTE_ADDR"] = "2001:db8:1:2:a::"
        answer = sign_in(anonymous, "alice@example.com")

        assert answer.status_code == 429


class TestHome:
    def test_one_business_is_gone_to_straight(self, alice, world):
        assert alice.get("/").location == world.inbox

    def test_several_businesses_are_listed(self, app, services, world):
        with services.sessions.begin() as session:
            make_member(session, make_business(session, "Acme Outlet"), world.alice)
        alice = signed_in(app, world.alice)

        assert alice.get("/").location == "/businesses"
        page = alice.get("/businesses").text
        assert "Acme Outlet" in page
        assert world.inbox in page
        assert "Bolt Bikes" not in page

    def test_person_without_a_business_is_told_whom_to_ask(self, app, services):
        with services.sessions.begin() as session:
            dora = make_user(session, "Dora Diaz")
        client = signed_in(app, dora)

        assert "Ask an owner" in client.get("/", follow_redirects=True).text


def page_without_noise(answer):
    before, _, after = answer.text.partition('name="csrf_token" value="')
    return before + after.partition('"')[2]


def with_settings(services, settings):
    return replace(services, settings=settings)
