"""Signing in with providers: who is let in, who is linked, and what no provider can make us think.

The provider here is one of our own on loopback that lies when it is told to; test_openid_peers.py
does the main path against two that others wrote.
"""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from factories import AT, PASSWORD, make_member
from fakes.crooked_provider import EC, FOREIGN, RSA, crooked_provider
from joserfc.jwk import OctKey
from pydantic import SecretStr
from sqlalchemy import func, select
from staff import csrf_token, signed_in
from werkzeug.wrappers import Response

from voiceline import invitations
from voiceline.login_sessions import CONFIRMED_FOR
from voiceline.mail_tokens import mail_token
from voiceline.models import (
    AuditEntry,
    Base,
    CodeApp,
    Identity,
    LoginSession,
    Membership,
    PendingSignIn,
    Role,
    SignInWay,
    SignUp,
    User,
    VerifiedDomain,
)
from voiceline.providers import Wish, set_provider
from voiceline.sealed import Sealer

GOOGLE = "/sign-in/with/google"
BACK = f"{GOOGLE}/return"

VICTIM = {"email": "alice@example.com", "email_verified": True, "sub": "mallory"}
NEW = {"sub": "9", "email": "dora@new.example", "email_verified": True, "name": "Dora"}


class TestKnownPerson:
    def test_linked_account_signs_in_and_leads_back_d35(self, anonymous, google, linked, world):
        answer = come_back(anonymous, google, GOOGLE, next=world.page)

        assert answer.location == world.page
        assert anonymous.get(world.inbox).status_code == 200

    def test_session_says_how_it_was_opened(self, anonymous, google, linked, services):
        come_back(anonymous, google, GOOGLE)

        with services.sessions() as session:
            assert session.scalar(select(LoginSession.way)) is SignInWay.GOOGLE

    def test_another_address_at_the_provider_changes_nobody(self, anonymous, google, linked, world):
        come_back(anonymous, google, GOOGLE, email="charlie@example.com", email_verified=True)

        assert "Alice Abbott" in anonymous.get(world.inbox).text

    def test_who_has_codes_is_asked_for_one(self, anonymous, google, linked, services, world):
        with services.sessions.begin() as session:
            key = Sealer(secret(services)).seal("A" * 32, purpose="code app")
            app = CodeApp(user_id=world.alice.id, sealed_key=key, created_at=AT, confirmed_at=AT)
            session.add(app)

        answer = come_back(anonymous, google, GOOGLE)

        assert answer.location == "/sign-in/second-step"
        assert anonymous.get_cookie("voiceline") is None

    def test_disabled_person_is_not_let_in(self, anonymous, google, linked, services, world):
        with services.sessions.begin() as session:
            session.get_one(User, world.alice.id).disabled_at = AT

        assert come_back(anonymous, google, GOOGLE).status_code == 422


class TestKnownAddress:
    def test_verified_address_links_nobody_silently(self, anonymous, google, world):
        answer = come_back(anonymous, google, GOOGLE, **VICTIM)

        page = anonymous.get(answer.location).text
        assert answer.location == "/sign-in/link"
        assert "Somebody signs in here as <strong>alice@example.com</strong> already" in page
        assert anonymous.get(world.inbox).status_code == 302

    def test_unverified_address_of_a_victim_opens_nothing(self, anonymous, google, services, world):
        lie = VICTIM | {"email_verified": False}

        answer = come_back(anonymous, google, GOOGLE, **lie)

        assert answer.status_code == 422
        assert "not that alice@example.com is your verified address" in answer.text
        assert count(services, Identity) == 0

    @pytest.mark.parametrize("verified", [None, "true", 1, "yes", [True]])
    def test_only_true_itself_is_verified(self, anonymous, google, world, verified):
        lie = VICTIM | {"email_verified": verified}

        assert come_back(anonymous, google, GOOGLE, **lie).status_code == 422

    def test_password_links_and_signs_in(self, anonymous, google, world, services):
        come_back(anonymous, google, GOOGLE, next=world.page, **VICTIM)

        answer = post(anonymous, "/sign-in/link", password=PASSWORD)

        assert answer.location == world.page
        assert anonymous.get(world.inbox).status_code == 200
        with services.sessions() as session:
            identity = session.scalar(select(Identity))
            trail = set(session.scalars(select(AuditEntry.action)))
        assert (identity.user_id, identity.subject) == (world.alice.id, "mallory")
        assert "person.identity_linked" in trail

    def test_wrong_password_links_nothing(self, anonymous, google, world, services):
        come_back(anonymous, google, GOOGLE, **VICTIM)

        answer = post(anonymous, "/sign-in/link", password="not the right one")

        assert answer.status_code == 422
        assert count(services, Identity) == 0

    def test_code_is_needed_besides_where_there_is_one(self, anonymous, google, world, services):
        with services.sessions.begin() as session:
            key = Sealer(secret(services)).seal("A" * 32, purpose="code app")
            app = CodeApp(user_id=world.alice.id, sealed_key=key, created_at=AT, confirmed_at=AT)
            session.add(app)
        come_back(anonymous, google, GOOGLE, **VICTIM)

        answer = post(anonymous, "/sign-in/link", password=PASSWORD)

        assert answer.status_code == 422
        assert count(services, Identity) == 0


class TestWhatIsKept:
    def test_l18_nothing_the_provider_says_besides_id_name_and_address_is_kept(
        self, anonymous, google, services, world
    ):
        link = invite(services, world, "dora@new.example")
        besides = {name: f"{name}-of-dora" for name in ("picture", "locale", "gender", "profile")}
        besides |= {"phone_number": "+14155550199", "birthdate": "1979-04-01"}

        anonymous.get(link)
        come_back(anonymous, google, GOOGLE, next="/join", **NEW, **besides)

        with services.sessions() as session:
            rows = [
                row
                for table in Base.metadata.sorted_tables
                for row in session.execute(table.select())
            ]
            (identity,) = session.scalars(select(Identity))
        assert identity.subject == NEW["sub"]
        assert "dora@new.example" in str(rows)
        assert not [said for said in besides.values() if said in str(rows)]


class TestUnknownPerson:
    def test_nobody_becomes_a_user_by_arriving(self, anonymous, google, services, world):
        before = count(services, User)

        answer = come_back(anonymous, google, GOOGLE, **NEW)

        assert count(services, User) == before
        assert answer.status_code in {303, 422}  # to sign-up, where that is open

    def test_invitation_makes_a_member_even_of_an_unverified_address(
        self, anonymous, google, services, world
    ):
        link = invite(services, world, "dora@invited.example")
        claims = NEW | {"email": "dora@invited.example", "email_verified": False}

        anonymous.get(link)
        come_back(anonymous, google, GOOGLE, next="/join", **claims)

        assert anonymous.get(world.inbox).status_code == 200
        with services.sessions() as session:
            user = session.scalar(select(User).where(User.email == "dora@invited.example"))
            assert user.password_hash is None
            assert session.scalar(select(Membership.role).filter_by(user_id=user.id)) is Role.AGENT

    def test_invitation_counts_where_its_page_was_left_for_the_provider_alone(
        self, anonymous, google, services, world
    ):
        anonymous.get(invite(services, world, "dora@invited.example"))
        before = count(services, User)

        come_back(anonymous, google, GOOGLE, next="/", **NEW)

        assert count(services, User) == before

    def test_link_of_an_invitation_is_kept_with_no_trip(self, anonymous, google, services, world):
        link = invite(services, world, "dora@invited.example")
        page = anonymous.get(link, follow_redirects=True)

        post(anonymous, GOOGLE, next="/join")

        with services.sessions() as session:
            (step,) = session.scalars(select(PendingSignIn))
        assert step.facts["wanted"] == "/join"
        assert link.removeprefix("/join/") not in f"{page.text} {step.facts}"

    def test_guessed_invitation_makes_nobody(self, anonymous, google, services, world):
        before = count(services, User)

        anonymous.get("/join/" + "x" * 43)
        come_back(anonymous, google, GOOGLE, next="/join", **NEW)

        assert count(services, User) == before


class TestBusinessProvider:
    def test_colleague_of_a_verified_domain_joins(self, anonymous, google, okta, services, world):
        verify(services, world.acme, "acme.example")

        answer = come_back(anonymous, google, okta, sub="5", **dora())

        assert answer.location == "/"
        assert anonymous.get(world.inbox).status_code == 200
        with services.sessions() as session:
            user = session.scalar(select(User).where(User.email == "dora@acme.example"))
            assert session.scalar(select(Membership.role).filter_by(user_id=user.id)) is Role.VIEWER

    def test_unproven_sign_up_gives_way(self, anonymous, google, okta, services, world):
        verify(services, world.acme, "acme.example")
        with services.sessions.begin() as session:
            facts = {"name": "Eve", "business_name": "Evil", "time_zone": "UTC"}
            session.add(
                SignUp(
                    token_sha256="0" * 64,
                    email="dora@acme.example",
                    asked_at=AT,
                    expires_at=AT,
                    **facts,
                )
            )

        come_back(anonymous, google, okta, sub="5", **dora())

        assert count(services, SignUp) == 0

    @pytest.mark.parametrize("domain", ["bolt.example", "acme.example.evil.example"])
    def test_other_domains_do_not_join(self, anonymous, google, okta, services, world, domain):
        verify(services, world.acme, "acme.example")
        before = count(services, Membership)

        come_back(anonymous, google, okta, sub="5", **dora(f"dora@{domain}"))

        assert count(services, Membership) == before

    def test_domain_of_another_business_does_not_join(
        self, anonymous, google, okta, services, world
    ):
        verify(services, world.bolt, "bolt.example")
        before = count(services, Membership)

        come_back(anonymous, google, okta, sub="5", **dora("dora@bolt.example"))

        assert count(services, Membership) == before

    def test_unverified_address_does_not_join(self, anonymous, google, okta, services, world):
        verify(services, world.acme, "acme.example")
        before = count(services, Membership)

        come_back(anonymous, google, okta, sub="5", **dora(email_verified=False))

        assert count(services, Membership) == before

    def test_everybodys_provider_does_not_join(self, anonymous, google, okta, services, world):
        verify(services, world.acme, "acme.example")
        before = count(services, Membership)

        come_back(anonymous, google, GOOGLE, sub="5", **dora())

        assert count(services, Membership) == before

    def test_it_opens_its_own_business_alone(self, anonymous, google, okta, services, world):
        with services.sessions.begin() as session:
            link(session, google, world.alice)
            make_member(session, session.merge(world.bolt), session.merge(world.alice))

        come_back(anonymous, google, okta)

        there = f"/businesses/{world.bolt.id}/requests"
        assert anonymous.get(world.inbox).status_code == 200
        assert anonymous.get(there).status_code == 403
        assert "It does not open Bolt Bikes" in anonymous.get(there).text

    def test_it_changes_nothing_of_other_ways(self, anonymous, google, okta, services, world):
        with services.sessions.begin() as session:
            link(session, google, world.alice)
        come_back(anonymous, google, okta)

        answer = post(anonymous, "/account/two-step/begin")

        assert answer.status_code == 403
        assert "changes nothing of how you sign in elsewhere" in answer.text

    def test_company_is_found_by_its_domain(self, anonymous, okta, services, world):
        verify(services, world.acme, "acme.example")

        answer = post(anonymous, "/sign-in/company", email="Dora@ACME.example", next=world.page)

        assert answer.location == f"{okta}?next={world.page}"
        page = anonymous.get(answer.location)
        assert "Continue with Okta" in page.text

    def test_unverified_domain_finds_nobody(self, anonymous, okta, world):
        answer = post(anonymous, "/sign-in/company", email="dora@acme.example")

        assert answer.status_code == 422


class TestForms:
    def test_policy_names_the_origin_on_the_pages_that_need_it(self, anonymous, google, okta):
        for page in ("/sign-in", okta):
            policy = anonymous.get(page).headers["Content-Security-Policy"]
            assert f"form-action 'self' {google.issuer};" in policy

    def test_setting_out_needs_the_forms_token_d9(self, anonymous, google):
        assert anonymous.post(GOOGLE).status_code == 400
        assert anonymous.get(GOOGLE).status_code == 405

    def test_unknown_provider_is_missing(self, anonymous):
        unknown = "/sign-in/with/4f1f5f0e-7a39-4f0e-9d52-0f6d6b1f7a10"

        assert anonymous.get(unknown).status_code == 404
        assert anonymous.get(f"{unknown}/return").status_code == 404


HOSTILE = {
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "issuer with a slash": {"claims": {"iss": "{issuer}/"}},
    "another audience": {"claims": {"aud": "somebody-else"}},
    "list of others": {"claims": {"aud": ["somebody-else", "another"]}},
    "several without azp": {"claims": {"aud": ["voiceline", "another"]}},
    "azp of another": {"claims": {"aud": ["voiceline", "another"], "azp": "another"}},
    "no audience": {"claims": {"aud": None}},
    "another nonce": {"claims": {"nonce": "guess"}},
    "no nonce": {"claims": {"nonce": None}},
    "expired": {"claims": {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200}},
    "no end": {"claims": {"exp": None}},
    "from the future": {"claims": {"iat": int(time.time()) + 7200}},
    "no subject": {"claims": {"sub": None}},
    "subject that is none": {"claims": {"sub": {"a": 1}}},
    "subject too long": {"claims": {"sub": "x" * 256}},
    "alg none": {"unsigned": True},
    "HS256 with our secret": {
        "header": {"alg": "HS256"},
        "key": OctKey.import_key("the client's own secret"),
    },
    "HS256 with the public key": {
        "header": {"alg": "HS256", "kid": "one"},
        "key": OctKey.import_key(RSA.as_dict(private=False)["n"]),
    },
    "RS384": {"header": {"alg": "RS384", "kid": "one"}},
    "foreign key": {"key": FOREIGN},
    "foreign key in the header": {
        "key": FOREIGN,
        "header": {"alg": "RS256", "kid": "one", "jwk": FOREIGN.as_dict(private=False)},
    },
    "foreign key at an address": {
        "key": FOREIGN,
        "header": {"alg": "RS256", "kid": "one", "jku": "http://127.0.0.1:1/jwks"},
    },
}


class TestHostileProvider:
    @pytest.mark.filterwarnings("ignore")
    @pytest.mark.parametrize("lie", HOSTILE)
    def test_lie_signs_nobody_in(self, anonymous, google, linked, world, lie):
        for name, value in HOSTILE[lie].items():
            setattr(google, name, value)
        google.claims = {
            name: value.format(issuer=google.issuer) if isinstance(value, str) else value
            for name, value in google.claims.items()
        }

        answer = come_back(anonymous, google, GOOGLE)

        assert answer.status_code == 422
        assert "Google did not sign you in" in answer.text
        assert anonymous.get(world.inbox).status_code == 302

    @pytest.mark.parametrize(
        "claims",
        [
            {"aud": ["voiceline"]},
            {"aud": ["voiceline", "another"], "azp": "voiceline"},
            {"azp": "voiceline"},
        ],
    )
    def test_audience_may_be_a_list_with_us_in_it(self, anonymous, google, linked, claims):
        assert come_back(anonymous, google, GOOGLE, **claims).location == "/"

    def test_es256_is_as_good(self, anonymous, google, linked):
        google.key, google.header = EC, {"alg": "ES256", "kid": "two"}

        assert come_back(anonymous, google, GOOGLE).location == "/"

    def test_forged_state_is_refused(self, anonymous, google, linked, world):
        back = google.sign_in(set_out(anonymous, GOOGLE).location)

        answer = anonymous.get(BACK, query_string=back | {"state": "forged"})

        assert answer.status_code == 422
        assert anonymous.get(world.inbox).status_code == 302

    def test_return_without_setting_out_is_refused(self, anonymous, google, linked):
        assert anonymous.get(BACK, query_string={"code": "x", "state": "y"}).status_code == 422

    def test_return_in_another_browser_is_refused(self, app, anonymous, google, linked, world):
        back = google.sign_in(set_out(anonymous, GOOGLE).location)
        victim = app.test_client()

        assert victim.get(BACK, query_string=back).status_code == 422
        assert victim.get(world.inbox).status_code == 302

    def test_return_counts_once(self, anonymous, google, linked):
        back = google.sign_in(set_out(anonymous, GOOGLE).location)

        answers = [anonymous.get(BACK, query_string=back).status_code for _ in range(2)]

        assert answers == [303, 422]

    def test_replayed_code_is_refused(self, app, anonymous, google, linked):
        back = google.sign_in(set_out(anonymous, GOOGLE).location)
        anonymous.get(BACK, query_string=back)
        other = app.test_client()
        mine = google.sign_in(set_out(other, GOOGLE).location)

        assert other.get(BACK, query_string=mine | {"code": back["code"]}).status_code == 422

    def test_answer_at_another_providers_address_is_refused(
        self, anonymous, google, linked, okta, world
    ):
        back = google.sign_in(set_out(anonymous, GOOGLE).location)

        assert anonymous.get(f"{okta}/return", query_string=back).status_code == 422
        assert anonymous.get(world.inbox).status_code == 302

    def test_issuer_that_is_told_must_be_the_one_asked(self, anonymous, google, linked):
        back = google.sign_in(set_out(anonymous, GOOGLE).location)

        answer = anonymous.get(BACK, query_string=back | {"iss": "https://evil.example"})

        assert answer.status_code == 422

    def test_issuer_must_be_told_where_that_was_promised(self, anonymous, google, linked):
        google.metadata = {"authorization_response_iss_parameter_supported": True}

        assert come_back(anonymous, google, GOOGLE).status_code == 422

    def test_refusal_at_the_provider_is_told(self, anonymous, google):
        state = google.sign_in(set_out(anonymous, GOOGLE).location)["state"]

        answer = anonymous.get(BACK, query_string={"error": "access_denied", "state": state})

        assert answer.status_code == 422
        assert "Nothing has changed" in answer.text

    @pytest.mark.parametrize(
        "lie",
        [
            {"issuer": "https://evil.example"},
            {"token_endpoint": "http://169.254.169.254/latest"},
            {"jwks_uri": "file:///etc/passwd"},
            {"authorization_endpoint": "javascript:alert(1)"},
            {"id_token_signing_alg_values_supported": ["HS256", "none"]},
            {"token_endpoint": None},
        ],
    )
    def test_metadata_that_cannot_be_is_an_absent_provider(self, anonymous, google, lie):
        google.metadata = lie

        answer = set_out(anonymous, GOOGLE)

        assert answer.status_code == 503
        assert "Google does not answer" in answer.text

    def test_metadata_switches_nothing_off(self, anonymous, google, linked):
        google.metadata = {"verify": False, "client_id": "x", "proxies": {"http": "http://evil"}}

        assert come_back(anonymous, google, GOOGLE).location == "/"

    @pytest.mark.parametrize(
        "answer",
        [
            Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
            Response("x" * 300_000, content_type="application/json"),
            Response("not json", content_type="application/json"),
            Response("[]", content_type="application/json"),
            Response(status=500),
        ],
    )
    def test_no_redirect_and_no_flood_is_followed(self, anonymous, google, answer):
        google.answers["/.well-known/openid-configuration"] = answer

        assert set_out(anonymous, GOOGLE).status_code == 503

    def test_key_that_was_changed_at_the_provider_is_fetched(self, anonymous, google, linked):
        come_back(anonymous, google, GOOGLE)
        google.key, google.header = EC, {"alg": "ES256", "kid": "two"}

        assert come_back(anonymous, google, GOOGLE).location == "/"

    def test_key_that_was_taken_back_at_the_provider_signs_nobody_in(
        self, app, anonymous, google, linked, world
    ):
        come_back(anonymous, google, GOOGLE)
        google.answers["/jwks"] = Response('{"keys": []}', content_type="application/json")
        later = app.test_client()

        assert come_back(later, google, GOOGLE).status_code == 422
        assert later.get(world.inbox).status_code == 302

    def test_answers_of_two_tabs_are_not_mixed(self, anonymous, google, linked, world):
        first = google.sign_in(set_out(anonymous, GOOGLE).location)
        second = google.sign_in(set_out(anonymous, GOOGLE).location)

        mixed = anonymous.get(BACK, query_string=first | {"code": second["code"]})

        assert mixed.status_code == 422
        assert anonymous.get(world.inbox).status_code == 302

    def test_second_of_two_tabs_signs_in(self, anonymous, google, linked):
        set_out(anonymous, GOOGLE)
        second = google.sign_in(set_out(anonymous, GOOGLE).location)

        assert anonymous.get(BACK, query_string=second).location == "/"

    def test_session_that_somebody_else_chose_is_not_gone_on_with(
        self, app, anonymous, google, linked, world
    ):
        cookie = app.config["LOGIN_COOKIE"]
        anonymous.set_cookie(cookie, "known-to-mallory")
        come_back(anonymous, google, GOOGLE)
        mallory = app.test_client()
        mallory.set_cookie(cookie, "known-to-mallory")

        assert anonymous.get(world.inbox).status_code == 200
        assert mallory.get(world.inbox).status_code == 302

    def test_provider_that_is_down_leaves_the_other_ways(self, services, anonymous, google, world):
        google.answers["/.well-known/openid-configuration"] = Response(status=503)

        page = set_out(anonymous, GOOGLE).text

        assert "passwords and passkeys do not need Google" in page


class TestConfirming:
    def test_provider_confirms_who_has_no_password(
        self, app, google, linked, services, world, clock
    ):
        alice, there = without_password(app, services, world, clock)

        answer = confirm_there(alice, google, there, auth_time=int(time.time()))

        assert answer.location == there
        assert "/confirm" not in post(alice, f"{there}/begin").location

    @pytest.mark.parametrize("auth_time", [None, 1, "now"])
    def test_sign_in_of_before_confirms_nothing(
        self, app, google, linked, services, world, clock, auth_time
    ):
        alice, there = without_password(app, services, world, clock)

        confirm_there(alice, google, there, auth_time=auth_time)

        assert "/confirm" in post(alice, f"{there}/begin").location

    def test_account_of_somebody_else_confirms_nothing(
        self, app, google, linked, services, world, clock
    ):
        alice, there = without_password(app, services, world, clock)

        confirm_there(alice, google, there, auth_time=int(time.time()), sub="mallory")

        assert "/confirm" in post(alice, f"{there}/begin").location


class TestOwnAccounts:
    def test_signed_in_person_links_google(self, alice, google, services, world):
        answer = come_back(alice, google, "/account/sign-in-with/google", sub="77")

        assert answer.location == "/account/sign-in-with?done=yes"
        with services.sessions() as session:
            assert session.scalar(select(Identity.user_id).filter_by(subject="77")) == (
                world.alice.id
            )

    def test_account_of_somebody_else_is_not_taken(self, alice, google, services, world):
        with services.sessions.begin() as session:
            link(session, google, world.charlie)

        answer = come_back(alice, google, "/account/sign-in-with/google")

        assert answer.status_code == 422
        assert "signs somebody in already" in answer.text

    def test_answer_that_comes_after_signing_out_links_nothing(
        self, alice, google, services, world
    ):
        there = set_out(alice, "/account/sign-in-with/google").location
        back = google.sign_in(there, sub="77")
        alice.post("/sign-out", data={"csrf_token": csrf_token(alice, "/account")})
        assert alice.get(world.inbox).status_code == 302

        answer = alice.get(BACK, query_string=back)

        assert answer.status_code in {302, 422}
        assert count(services, Identity) == 0
        assert alice.get(world.inbox).status_code == 302

    def test_answer_that_comes_after_somebody_else_signed_in_links_nothing(
        self, app, alice, google, services, world
    ):
        back = google.sign_in(set_out(alice, "/account/sign-in-with/google").location, sub="77")
        bob, cookie = signed_in(app, world.bob), app.config["LOGIN_COOKIE"]
        alice.set_cookie(cookie, bob.get_cookie(cookie).value)

        answer = alice.get(BACK, query_string=back)

        assert answer.status_code in {302, 422}
        assert count(services, Identity) == 0

    def test_last_way_in_stays(self, alice, google, linked, services, world):
        with services.sessions.begin() as session:
            session.get_one(User, world.alice.id).password_hash = None

        answer = post(alice, f"/account/sign-in-with/{linked}/remove")

        assert answer.status_code == 422
        assert "last way to sign in" in answer.text
        assert count(services, Identity) == 1

    def test_unlinked_account_signs_in_no_more(self, alice, anonymous, google, linked):
        post(alice, f"/account/sign-in-with/{linked}/remove")

        assert come_back(anonymous, google, GOOGLE).status_code == 422

    def test_foreign_account_is_missing(self, charlie, google, linked):
        assert post(charlie, f"/account/sign-in-with/{linked}/remove").status_code == 404


def set_out(client, path, **fields):
    return post(client, path, **fields)


def come_back(client, provider, path, *, next="", **claims):  # noqa: A002 - the field's name
    there = set_out(client, path, next=next)
    assert there.location.startswith(f"{provider.issuer}/authorize?"), there.text
    back = provider.sign_in(there.location, **claims)
    ending = path if path.startswith("/sign-in") else GOOGLE
    return client.get(f"{ending}/return", query_string=back)


def confirm_there(client, provider, wanted, **claims):
    there = post(client, "/confirm/provider", next=wanted).location
    assert "prompt=login" in there
    assert "max_age=0" in there
    return client.get(BACK, query_string=provider.sign_in(there, **claims))


def without_password(app, services, world, clock):
    with services.sessions.begin() as session:
        session.get_one(User, world.alice.id).password_hash = None
    alice = signed_in(app, world.alice)
    clock.wait(CONFIRMED_FOR)
    return alice, "/account/two-step"


def post(client, path, **fields):
    for page in ("/sign-in/company", "/sign-in/link"):
        token = csrf_token(client, page)
        if token:
            return client.post(path, data={"csrf_token": token} | fields)
    raise AssertionError("no form has a token")


def dora(email="dora@acme.example", **claims):
    return {"email": email, "email_verified": True, "name": "Dora Dean"} | claims


def link(session, provider, user):
    identity = Identity(user_id=user.id, issuer=provider.issuer, subject="1", created_at=AT)
    session.add(identity)
    session.flush()
    return identity.id


def verify(services, business, domain):
    with services.sessions.begin() as session:
        facts = {"token": "t", "created_at": AT, "verified_at": AT}
        session.add(VerifiedDomain(business_id=business.id, domain=domain, **facts))


def invite(services, world, email):
    with services.sessions.begin() as session:
        alice = session.merge(world.alice)
        invitation = invitations.invite(
            session, world.acme.id, email, Role.AGENT, by=alice, secret=secret(services), at=AT
        )
    return f"/join/{mail_token(invitation.id, secret(services))}"


def count(services, table):
    with services.sessions() as session:
        return session.scalar(select(func.count()).select_from(table))


def secret(services):
    return services.settings.secret_key.get_secret_value()


@pytest.fixture
def google():
    with crooked_provider() as provider:
        yield provider


@pytest.fixture
def services(services, google):
    changed = {
        "google_client_id": "voiceline",
        "google_client_secret": SecretStr("the client's own secret"),
        "google_issuer": google.issuer,
    }
    return replace(services, settings=services.settings.model_copy(update=changed))


@pytest.fixture
def linked(services, google, world):
    with services.sessions.begin() as session:
        return link(session, google, world.alice)


@pytest.fixture
def okta(services, google, world):
    """Acme's own provider, which is the same server: its address and its business differ."""
    with services.sessions.begin() as session:
        wish = Wish("Okta", google.issuer, "voiceline", "secret")
        acme, alice = session.merge(world.acme), session.merge(world.alice)
        provider = set_provider(session, acme, wish, Sealer(secret(services)), by=alice, at=AT)
    return f"/sign-in/with/{provider.id}"
