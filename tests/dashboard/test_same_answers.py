"""Whoever asks about an address learns nothing of who has it: answer, and work done before it.

No test here looks at a clock. What takes time is a password's hash, the database and a message: the
first is counted, the second compared statement by statement, and the third is written by a job.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from factories import AT, PASSWORD
from fakes.authenticator import Authenticator
from sqlalchemy import select, update
from staff import csrf_token, statements

from voiceline import passkeys, passwords
from voiceline.login_sessions import find_session, open_session
from voiceline.models import Delivery, DeliveryKind, Invitation, User
from voiceline.passkeys import Site
from voiceline.rules.lifecycle import DeliveryStatus

SITE = Site("localhost", "http://localhost:5081")
NOBODY, ALICE = "nobody@example.com", "alice@example.com"
FORMS = {
    "/sign-in": {"password": "not the one of anybody"},
    "/forgotten": {},
    "/sign-up": {
        "name": "Dana Diaz",
        "business_name": "Dana's Drones",
        "time_zone": "America/Denver",
        "password": PASSWORD,
    },
    "/sign-in/company": {},
}
SENT = {
    "/sign-in": [],
    "/forgotten": [DeliveryKind.PASSWORD_RESET],
    "/sign-up": [DeliveryKind.SIGN_UP],
    "/sign-in/company": [],
}
"""What is owed, and written by a job after the answer; the same for both."""


@pytest.fixture(params=FORMS)
def form(request):
    return request.param


def test_the_answer_is_the_same(app, world, form):
    unknown, known = (ask(app, form, email) for email in (NOBODY, ALICE))

    assert seen(known) == seen(unknown)


def test_the_page_it_leads_to_is_the_same(app, world, form):
    pages = []
    for email in (NOBODY, ALICE):
        browser = app.test_client()
        answer = ask(app, form, email, browser)
        pages.append(seen(browser.get(answer.location)) if answer.location else None)

    assert pages[0] == pages[1]


def test_the_same_is_asked_of_the_database(app, world, services, form):
    """Before, the first refusal of an hour is written into the known person's trail."""
    ask(app, form, ALICE)
    counted = []
    for email in (NOBODY, ALICE):
        browser = app.test_client()
        filled = FORMS[form] | {"csrf_token": csrf_token(browser), "email": email}
        with statements(services.engine) as asked:
            browser.post(form, data=filled)
        counted.append([shape(one) for one in asked])

    assert counted[0]
    assert counted[0] == counted[1]


def test_a_hash_is_made_for_both_or_for_none(app, world, hashed, form):
    made = []
    for email in (NOBODY, ALICE):
        hashed.clear()
        ask(app, form, email)
        made.append(list(hashed))

    assert made[0] == made[1] == {"/sign-in": ["verify"], "/sign-up": ["hash"]}.get(form, [])


@pytest.mark.parametrize("state", [{"disabled_at": AT}, {"password_hash": None}])
def test_who_cannot_sign_in_by_password_is_answered_the_same(app, world, services, hashed, state):
    with services.sessions.begin() as session:
        session.execute(update(User).where(User.email == ALICE).values(state))

    unknown, known = (ask(app, "/sign-in", email, password=PASSWORD) for email in (NOBODY, ALICE))

    assert seen(known) == seen(unknown)
    assert hashed == ["verify", "verify"]


def test_mail_is_owed_for_both_and_sent_after_the_answer(app, world, services, form):
    owed = []
    for email in (NOBODY, ALICE):
        ask(app, form, email)
        with services.sessions() as session:
            mine = select(Delivery.kind, Delivery.status).where(Delivery.address == email)
            owed.append(session.execute(mine).all())

    assert owed[0] == owed[1] == [(kind, DeliveryStatus.PENDING) for kind in SENT[form]]


def test_an_inviter_is_answered_the_same(alice, world, services):
    page = f"/businesses/{world.acme.id}/members"
    answers, asked = [], []
    for email in ("nobody@example.com", "charlie@example.com"):
        token = csrf_token(alice, page)
        with statements(services.engine) as one:
            filled = {"csrf_token": token, "email": email, "role": "agent"}
            answers.append(seen(alice.post(f"{page}/invite", data=filled)))
        asked.append([shape(statement) for statement in one])

    assert answers[0] == answers[1]
    assert answers[0][0] == 303
    assert asked[0] == asked[1]
    with services.sessions() as session:
        assert len(session.scalars(select(Invitation)).all()) == 2


class TestPasskeys:
    """A browser says no address: what is asked of its key names nobody's keys."""

    def test_a_challenge_names_no_key(self, browser, key):
        options = json.loads(challenge(browser))

        assert not options.get("allowCredentials")

    def test_a_key_of_nobody_and_a_wrong_answer_are_refused_alike(self, app, key):
        answers = []
        key.origin = "https://evil.example"
        for one in (Authenticator(), key):
            browser = app.test_client()
            answers.append(seen(answer_challenge(browser, one.get(challenge(browser)))))

        assert answers[0] == answers[1]
        assert answers[0][0] == 303

    @pytest.fixture
    def services(self, services):
        changed = {"dashboard_url": SITE.origin}
        return replace(services, settings=services.settings.model_copy(update=changed))

    @pytest.fixture
    def browser(self, app):
        return app.test_client()

    @pytest.fixture
    def key(self, services, world):
        """A passkey of Alice's."""
        made = Authenticator()
        with services.sessions.begin() as session:
            token = open_session(session, session.merge(world.alice), AT)
            login = find_session(session, token, AT)
            options, asked = passkeys.options_to_add(session, login.user, SITE)
            said = made.create(options)
            passkeys.add(session, login, said, challenge=asked, name="Key", site=SITE, at=AT)
        return made


def challenge(browser):
    form = {"csrf_token": csrf_token(browser)}
    return browser.post("/sign-in/passkey/challenge", data=form).text


def answer_challenge(browser, said):
    form = {"csrf_token": csrf_token(browser), "answer": said}
    return browser.post("/sign-in/passkey", data=form)


@pytest.fixture
def hashed(monkeypatch):
    """Collect what is hashed, which is what takes a tenth of a second."""
    made = []

    class Counting:
        def __init__(self, hasher):
            self.hasher = hasher

        def hash(self, *args):
            made.append("hash")
            return self.hasher.hash(*args)

        def verify(self, *args):
            made.append("verify")
            return self.hasher.verify(*args)

        def check_needs_rehash(self, *args):
            return self.hasher.check_needs_rehash(*args)

    monkeypatch.setattr(passwords, "_hasher", Counting(passwords._hasher))
    return made


def ask(app, form, email, browser=None, **fields):
    browser = browser or app.test_client()
    filled = FORMS[form] | {"csrf_token": csrf_token(browser), "email": email} | fields
    return browser.post(form, data=filled)


def seen(answer):
    """What the sender can tell one answer from another by; numbers drawn for each are left out."""
    drawn = re.compile(
        r"nonce-[\w-]+|csrf_token\" value=\"[^\"]*|nonce=\"[^\"]*|"
        r"(?:nobody|alice|charlie)@example\.com|^[\w-]+=[^;]{20,}"
    )
    headers = [
        (name, drawn.sub("*", value))
        for name, value in answer.headers
        if name not in {"Content-Length", "Date"}
    ]
    return answer.status_code, headers, drawn.sub("*", answer.text)


def shape(statement):
    return re.sub(r"\s+", " ", statement)
