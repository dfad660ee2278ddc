"""Signing in as a person does it, in Chromium: codes, a passkey, and a provider of one's own."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyotp
import pytest
from chromium import IN_BOTH_LOOKS, IN_BROWSER, barriers, follow
from factories import AT, PASSWORD
from fakes.loopback import Late, served
from servers.oidc_peer import python_provider
from sqlalchemy import select
from staff import make_world

from voiceline.dashboard import create_app
from voiceline.models import LoginSession, SignInWay, VerifiedDomain
from voiceline.providers import Wish, set_provider
from voiceline.sealed import Sealer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
SHOTS = os.environ.get("SIGN_IN_SHOTS")

pytestmark = [
    *IN_BROWSER,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

PEOPLE = {"dora": {"email": "dora@acme.example", "email_verified": True, "name": "Dora Dean"}}


def test_password_code_and_recovery_code(page, base, services):
    sign_in(page, base)
    page.goto(f"{base}/account/two-step")
    page.get_by_role("button", name="Set up an app").click()
    key = "".join(page.locator(".key code").all_text_contents())
    page.get_by_label("Code of six digits").fill(pyotp.TOTP(key).now())
    page.get_by_role("button", name="Turn codes on").click()
    page.wait_for_selector("text=Keep these now")
    (recovery, *_) = page.locator(".codes code").all_text_contents()
    sign_out(page)

    sign_in(page, base)
    page.wait_for_selector("text=One more step")
    page.get_by_text("Use a recovery code").click()
    page.get_by_label("Recovery code").fill(recovery)
    page.get_by_role("button", name="Use it").click()
    page.wait_for_url("**/requests")

    assert ways(services) == [SignInWay.PASSWORD_AND_CODE]
    page.goto(f"{base}/account/two-step")
    assert "9 of 10" in page.locator("main").inner_text()


def test_passkey_signs_in_without_a_password(page, base, services):
    add_authenticator(page)
    sign_in(page, base)
    page.goto(f"{base}/account/passkeys")
    page.get_by_label("Name").fill("My telephone")
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_selector("text=not used yet")
    sign_out(page)

    page.goto(f"{base}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()

    page.wait_for_url("**/requests")
    page.goto(f"{base}/account/passkeys")
    page.wait_for_selector("text=last used just now")

    assert ways(services) == [SignInWay.PASSKEY]


def test_colleague_comes_through_the_business_provider(page, base, okta):
    page.goto(f"{base}/sign-in")
    page.get_by_role("link", name="Sign in with your company").click()
    page.get_by_label("E-mail address at work").fill("dora@acme.example")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Continue with Okta").click()
    page.locator("input[name=sub]").fill("dora")
    page.get_by_role("button", name="Authorize").click()

    page.wait_for_url("**/requests")

    assert "Dora Dean" in page.locator(".person").text_content()


@IN_BOTH_LOOKS
def test_pages_have_no_barriers(chromium, base, okta, world, scheme, width):
    context = chromium.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, base_url=base
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    add_authenticator(page)
    found = {}

    def look(name: str, path: str | None = None) -> None:
        if path:
            page.goto(path)
        found[name] = barriers(page)
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{scheme}-{width}.png", full_page=True)

    look("sign_in", "/sign-in")
    look("company", "/sign-in/company")
    look("provider", okta)
    sign_in(page, base)
    settings = f"/businesses/{world.acme.id}/sign-in"
    look("settings", settings)
    look("identities", "/account/sign-in-with")
    look("passkeys_none", "/account/passkeys")
    page.get_by_label("Name").fill("My telephone")
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_selector("text=not used yet")
    look("passkeys")
    look("two_step", "/account/two-step")
    follow(page.get_by_role("button", name="Set up an app"))
    look("code_app")
    key = "".join(page.locator(".key code").all_text_contents())
    page.get_by_label("Code of six digits").fill(pyotp.TOTP(key).now())
    page.get_by_role("button", name="Turn codes on").click()
    page.wait_for_selector("text=Keep these now")
    look("recovery_codes")
    look("confirm", "/confirm")
    sign_out(page)
    sign_in(page, base)
    look("second_step")
    context.close()

    assert found == {name: [] for name in found}


def sign_in(page: Page, base: str) -> None:
    page.goto(f"{base}/sign-in")
    page.get_by_label("E-mail address").fill("alice@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile(r"/requests|/second-step"))


def sign_out(page: Page) -> None:
    page.locator(".person summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/sign-in")


def ways(services) -> list[SignInWay]:
    with services.sessions() as session:
        return list(session.scalars(select(LoginSession.way)))


def add_authenticator(page: Page) -> None:
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    verified = {"hasUserVerification": True, "isUserVerified": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options | verified})


@pytest.fixture
def page(windows) -> Iterator[Page]:
    """Open a browser; whatever it complains of fails the test."""
    yield windows.open()
    assert [said for said in windows.complaints if "Content Security Policy" in said] == []


@pytest.fixture
def world(services):
    return make_world(services)


@pytest.fixture
def base(services, world) -> Iterator[str]:
    """Serve the dashboard at a host name, which passkeys need, at the present moment."""
    dashboard = Late()
    with served(dashboard, "localhost") as address:
        settings = services.settings.model_copy(update={"dashboard_url": address})
        dashboard.application = create_app(
            replace(services, settings=settings), clock=lambda: datetime.now(UTC)
        )
        yield address


@pytest.fixture
def okta(services, world, base) -> Iterator[str]:
    """Give Acme a provider and a verified domain."""
    with python_provider([], PEOPLE) as issuer:
        with services.sessions.begin() as session:
            sealer = Sealer(services.settings.secret_key.get_secret_value())
            wish = Wish("Okta", issuer, "voiceline", "secret")
            acme, alice = session.merge(world.acme), session.merge(world.alice)
            provider = set_provider(session, acme, wish, sealer, by=alice, at=AT)
            facts = {"token": "t" * 32, "created_at": AT, "verified_at": AT}
            session.add(VerifiedDomain(business_id=acme.id, domain="acme.example", **facts))
        yield f"{base}/sign-in/with/{provider.id}"
