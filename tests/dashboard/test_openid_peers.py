"""The main path of signing in with a provider, against two providers that others wrote."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from factories import AT
from pydantic import SecretStr
from servers.oidc_peer import node_provider, python_provider
from staff import csrf_token, signed_in

from voiceline.dashboard import create_app
from voiceline.models import Identity

BASE = "http://localhost:5081"
BACK = "/sign-in/with/google/return"
PEOPLE = {
    "alice": {"email": "alice@example.com", "email_verified": True, "name": "Alice Abbott"},
    "mallory": {"email": "alice@example.com", "email_verified": False, "name": "Mallory"},
}
PEERS = [
    pytest.param(python_provider, id="python"),
    pytest.param(node_provider, id="node", marks=pytest.mark.slow),
]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.mark.parametrize("peer", PEERS, indirect=True)
def test_linked_person_signs_in(app, peer, services, world):
    with services.sessions.begin() as session:
        facts = {"issuer": peer, "subject": "alice", "created_at": AT}
        session.add(Identity(user_id=world.alice.id, **facts))
    client = app.test_client()

    answer = client.get(go_through(client, "alice", next=world.page))

    assert answer.location == world.page
    assert "Alice Abbott" in client.get(world.inbox).text


@pytest.mark.parametrize("peer", PEERS, indirect=True)
def test_known_address_has_to_be_proved(app, peer, world):
    client = app.test_client()

    answer = client.get(go_through(client, "alice"))

    assert answer.location == "/sign-in/link"


@pytest.mark.parametrize("peer", PEERS, indirect=True)
def test_unverified_address_of_a_victim_opens_nothing(app, peer, world):
    client = app.test_client()

    answer = client.get(go_through(client, "mallory"))

    assert answer.status_code == 422
    assert client.get(world.inbox).status_code == 302


@pytest.mark.parametrize("peer", PEERS, indirect=True)
def test_forged_state_is_refused(app, peer, world):
    client = app.test_client()
    back = go_through(client, "alice")

    answer = client.get(re.sub(r"state=[^&]+", "state=forged", back))

    assert answer.status_code == 422


@pytest.mark.parametrize("peer", PEERS, indirect=True)
def test_code_is_exchanged_once(app, peer, world):
    client = app.test_client()
    back = go_through(client, "alice")

    answers = [client.get(back).status_code for _ in range(2)]

    assert answers == [303, 422]


@pytest.mark.parametrize("peer", [PEERS[1]], indirect=True)
def test_person_without_a_password_confirms_by_signing_in_anew(app, peer, services, world, clock):
    with services.sessions.begin() as session:
        facts = {"issuer": peer, "subject": "alice", "created_at": AT}
        session.add(Identity(user_id=world.alice.id, **facts))
    client = signed_in(app, world.alice)

    back = go_through(client, "alice", path="/confirm/provider", next=world.page)

    assert client.get(back).location == world.page


def go_through(client, sub, *, path="/sign-in/with/google", **fields):
    """Set out, sign in at the provider as a person would, and answer where it leads back."""
    form = {"csrf_token": csrf_token(client, "/sign-in/company")} | fields
    there = client.post(path, data=form, base_url=BASE).location
    with requests.Session() as browser:
        for _ in range(12):
            page = browser.get(there, allow_redirects=False, timeout=10)
            if page.status_code == 200:
                page = submit(browser, page, sub)
            there = urljoin(page.url, page.headers["Location"])
            if there.startswith(BASE + BACK):
                parts = urlsplit(there)
                return f"{parts.path}?{parts.query}"
    raise AssertionError(f"it never led back: {there}")


def submit(browser, page, sub):
    """Fill in whatever form the provider shows: its sign-in, or its consent."""
    action = re.search(r'<form[^>]*action="([^"]+)"', page.text)
    hidden = dict(re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', page.text))
    typed = {"login": sub, "password": "x"} if 'name="login"' in page.text else {}
    data = {name: hidden[name] for name in ("prompt",) if name in hidden} | typed
    return browser.post(
        urljoin(page.url, action[1]) if action else page.url,
        data=data or {"sub": sub},
        allow_redirects=False,
        timeout=10,
    )


@pytest.fixture
def peer(request):
    with request.param([BASE + BACK], PEOPLE) as issuer:
        yield issuer


@pytest.fixture
def app(services, clock, peer):
    changed = {
        "dashboard_url": BASE,
        "google_client_id": "voiceline",
        "google_client_secret": SecretStr("a-client-secret"),
        "google_issuer": peer,
    }
    settings = services.settings.model_copy(update=changed)
    return create_app(replace(services, settings=settings), clock=clock)
