"""An owner sets up how the business's people sign in: its domains, and the test of its provider."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factories import AT
from fakes.crooked_provider import crooked_provider
from mailed import send
from sqlalchemy import select
from staff import csrf_token, signed_in

from voiceline.errors import TemporaryFailure
from voiceline.models import AuditEntry, Identity, IdentityProvider, Role, VerifiedDomain
from voiceline.providers import Wish, set_provider
from voiceline.sealed import Sealer
from voiceline.verified_domains import record_value


class Dns:
    """Answers with what it was told."""

    def __init__(self) -> None:
        self.says: list[str] | Exception = []

    def texts(self, _name: str) -> list[str]:
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


class TestDomains:
    def test_domain_is_listed_with_the_record_to_make(self, alice, page, domain):
        text = alice.get(page).text

        assert "_voiceline.acme.example" in text
        assert record_value(domain()) in text

    def test_domain_counts_once_its_record_is_there(self, alice, page, dns, domain, services):
        without = send(alice, page, f"{page}/domains/{domain().id}/check")
        before = domain().verified_at
        dns.says = ["v=spf1 -all", record_value(domain())]
        send(alice, page, f"{page}/domains/{domain().id}/check")

        assert without.status_code == 303
        assert before is None
        assert domain().verified_at == AT
        assert "business.domain_verified" in actions(services)

    def test_silence_of_the_dns_changes_nothing(self, alice, page, dns, domain):
        dns.says = TemporaryFailure("no answer")

        answer = send(alice, page, f"{page}/domains/{domain().id}/check")

        assert answer.status_code == 503
        assert "try again later" in answer.text
        assert domain().checked_at is None

    def test_domain_of_another_account_is_refused(self, alice, page, dns, domain, services, world):
        with services.sessions.begin() as session:
            theirs = {"token": "t", "created_at": AT, "verified_at": AT}
            session.add(VerifiedDomain(business_id=world.bolt.id, domain="acme.example", **theirs))
        dns.says = [record_value(domain())]

        answer = send(alice, page, f"{page}/domains/{domain().id}/check")

        assert answer.status_code == 422
        assert "verified for another account" in answer.text
        assert domain().verified_at is None

    @pytest.mark.parametrize(
        "name", ["gmail.com", "com", "", "a b", "acme.example", "ACME.example."]
    )
    def test_what_cannot_be_added_is_said_and_stays_typed(self, alice, page, domain, name):
        answer = send(alice, page, f"{page}/domains", domain=name)

        assert answer.status_code == 422
        assert f'name="domain" type="text" value="{name}"' in answer.text

    def test_removed_domain_is_gone(self, alice, page, domain):
        send(alice, page, f"{page}/domains/{domain().id}/remove")

        assert domain() is None

    @pytest.mark.parametrize("deed", ["check", "remove"])
    def test_foreign_domain_is_missing(self, charlie, page, domain, world, deed):
        own = f"/businesses/{world.bolt.id}/sign-in"

        answers = [
            send(charlie, own, f"{there}/domains/{domain().id}/{deed}") for there in (own, page)
        ]

        assert [answer.status_code for answer in answers] == [404, 404]
        assert domain() is not None

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT, Role.ADMIN])
    def test_owners_alone_decide(self, bob, page, domain, services, world, role):
        with services.sessions.begin() as session:
            place = session.merge(world.bob).memberships[0]
            place.role = role

        answer = send(bob, "/account", f"{page}/domains/{domain().id}/remove")

        assert answer.status_code == 403
        assert domain() is not None


class TestTrying:
    def test_owner_who_comes_back_shows_that_it_works(self, alice, page, okta, services):
        answer = come_back(alice, page, okta, sub="alice-there")

        assert answer.location == f"{page}?done=yes"
        with services.sessions() as session:
            provider = session.scalar(select(IdentityProvider))
            assert provider.tested_at == AT
            assert session.scalar(select(Identity.subject)) == "alice-there"
        assert "business.provider_tested" in actions(services)

    def test_signed_out_meanwhile_it_is_no_test(self, alice, page, okta, services):
        back = set_out(alice, page, okta, sub="alice-there")
        alice.post("/sign-out", data={"csrf_token": csrf_token(alice, page)})
        answer = alice.get(back[0], query_string=back[1])

        assert answer.status_code in {303, 422}
        assert not was_tried(services)

    def test_somebody_else_at_the_browser_meanwhile_is_no_test(
        self, app, alice, page, okta, services, world
    ):
        back = set_out(alice, page, okta, sub="alice-there")
        bob = signed_in(app, world.bob)
        alice.set_cookie("voiceline", bob.get_cookie("voiceline").value)

        answer = alice.get(back[0], query_string=back[1])

        assert answer.status_code == 422
        assert not was_tried(services)

    def test_owner_who_is_none_any_more_is_no_test(self, alice, page, okta, services, world):
        back = set_out(alice, page, okta, sub="alice-there")
        with services.sessions.begin() as session:
            session.merge(world.alice).memberships[0].role = Role.ADMIN

        answer = alice.get(back[0], query_string=back[1])

        assert answer.status_code == 422
        assert "Only an owner" in answer.text
        assert not was_tried(services)

    def test_account_of_somebody_else_is_no_test(self, alice, page, okta, services, world):
        with services.sessions.begin() as session:
            theirs = {"user_id": world.charlie.id, "issuer": okta.issuer, "subject": "taken"}
            session.add(Identity(**theirs, created_at=AT))

        answer = come_back(alice, page, okta, sub="taken")

        assert answer.status_code == 422
        assert not was_tried(services)

    def test_business_without_a_provider_has_none_to_try(self, charlie, world):
        page = f"/businesses/{world.bolt.id}/sign-in"

        assert send(charlie, page, f"{page}/provider/test").status_code == 404


def set_out(client, page, provider, **claims):
    there = send(client, page, f"{page}/provider/test").location
    back = provider.sign_in(there, **claims)
    with client.application.extensions["voiceline"].services.sessions() as session:
        row = session.scalar(select(IdentityProvider.id))
    return f"/sign-in/with/{row}/return", back


def come_back(client, page, provider, **claims):
    path, back = set_out(client, page, provider, **claims)
    return client.get(path, query_string=back)


def actions(services):
    with services.sessions() as session:
        return set(session.scalars(select(AuditEntry.action)))


def was_tried(services):
    with services.sessions() as session:
        return session.scalar(select(IdentityProvider.tested_at)) is not None


@pytest.fixture
def page(world):
    return f"/businesses/{world.acme.id}/sign-in"


@pytest.fixture
def dns():
    return Dns()


@pytest.fixture
def services(services, dns):
    return replace(services, dns=dns)


@pytest.fixture
def domain(alice, page, services, world):
    """Answer Acme's domain as it is by now."""
    send(alice, page, f"{page}/domains", domain="acme.example")

    def read():
        with services.sessions() as session:
            mine = VerifiedDomain.business_id == world.acme.id
            return session.scalar(select(VerifiedDomain).where(mine))

    return read


@pytest.fixture
def okta(services, world):
    with crooked_provider() as provider:
        with services.sessions.begin() as session:
            wish = Wish("Okta", provider.issuer, "voiceline", "secret")
            sealer = Sealer(services.settings.secret_key.get_secret_value())
            acme, alice = session.merge(world.acme), session.merge(world.alice)
            set_provider(session, acme, wish, sealer, by=alice, at=AT)
        yield provider
