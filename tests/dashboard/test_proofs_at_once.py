"""One proof, sent twice at one moment: one of the two answers opens something, the other says why.

Each browser is a thread of its own with a copy of what the first had; on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from factories import AT, PASSWORD
from fakes.authenticator import Authenticator
from mailed import follow, form_of, mails_to, send, text_of
from sqlalchemy import func, select
from staff import csrf_token, sign_in, signed_in

from voiceline import passkeys, recovery_codes
from voiceline.code_apps import begin_code_app, confirm_code_app
from voiceline.login_sessions import CONFIRMED_FOR, find_session, open_session
from voiceline.models import (
    AuditEntry,
    Business,
    LoginSession,
    Membership,
    PendingSignIn,
    User,
)
from voiceline.passkeys import Site
from voiceline.sealed import Sealer

SITE = Site("localhost", "http://localhost:5081")
NEW = "seven small umbrellas in may"
DANA = "dana@example.com"
STARTED = timedelta(minutes=5)

pytestmark = pytest.mark.usefixtures("_again")


@pytest.fixture(params=range(3))
def _again():
    """Let chance try more than once."""


@pytest.fixture(autouse=True)
def _time(mail_clock):
    return mail_clock


def test_answer_of_a_passkey_signs_in_once(app, services, world, key):
    first = app.test_client()
    said = key.get(challenge(first, "/sign-in"))

    answers = at_once(app, first, "/sign-in/passkey", "/sign-in", answer=said)

    assert sorted(places(answers)) == ["/", "/sign-in?key=refused"]
    assert sessions_of(services, world.alice) == 1
    assert deeds(services, "person.passkey_copied") == 0


def test_answer_of_a_passkey_is_a_second_step_once(app, services, world, key, codes):
    first = halfway(app)
    said = key.get(challenge(first, "/sign-in"))

    answers = at_once(app, first, "/sign-in/passkey", "/sign-in", answer=said)

    assert all(answer.status_code == 303 for answer in answers)
    assert places(answers).count("/") == 1
    assert sessions_of(services, world.alice) == 1


def test_wrong_answers_to_one_challenge_fail_in_words(app, services, world, key, codes):
    first = halfway(app)
    key.origin = "https://evil.example"
    said = key.get(challenge(first, "/sign-in"))

    answers = at_once(app, first, "/sign-in/passkey", "/sign-in", answer=said)

    assert [answer.status_code for answer in answers] == [303, 303]
    assert sessions_of(services, world.alice) == 0
    assert first.get("/sign-in/second-step").status_code == 200


def test_answer_of_a_passkey_confirms_once(app, services, world, key, clock):
    first = signed_in(app, world.alice)
    clock.wait(CONFIRMED_FOR)
    said = key.get(challenge(first, "/confirm"))

    answers = at_once(app, first, "/confirm/passkey", "/confirm", answer=said, next="/account")

    assert sorted(answer.status_code for answer in answers) in ([303, 422], [302, 303])
    with services.sessions() as session:
        told = session.scalars(select(LoginSession.confirmed_at)).all()
    assert told == [clock()]


def test_code_of_an_app_lets_in_once(app, services, world, codes, clock):
    first = halfway(app)
    clock.wait(STARTED)
    code = pyotp.TOTP(codes.key).at(clock())

    answers = at_once(app, first, "/sign-in/second-step", "/sign-in/second-step", code=code)

    assert places(answers).count("/") == 1
    assert {answer.status_code for answer in answers} <= {303, 422}
    assert sessions_of(services, world.alice) == 1


def test_recovery_code_lets_in_once(app, services, world, codes):
    first, page = halfway(app), "/sign-in/second-step"

    answers = at_once(app, first, page, page, recovery=codes.recovery)

    assert places(answers).count("/") == 1
    assert {answer.status_code for answer in answers} <= {303, 422}
    assert sessions_of(services, world.alice) == 1
    assert deeds(services, "person.recovery_code_used") == 1


def test_link_of_a_reset_sets_one_password(app, services, world):
    send(app.test_client(), "/forgotten", email="alice@example.com")
    first = reader(app, services, "alice@example.com")

    answers = at_once(app, first, "/reset", "/reset", password=NEW)

    assert sorted(answer.status_code for answer in answers) == [200, 404]
    assert deeds(services, "person.password_changed") == 1


def test_link_of_a_sign_up_opens_one_account(app, services):
    fields = {"email": DANA, "name": "Dana", "business_name": "Dana's Deli", "password": NEW}
    send(app.test_client(), "/sign-up", **fields, time_zone="America/Chicago")
    first = reader(app, services, DANA)

    answers = at_once(app, first, "/sign-up/confirm", "/sign-up/confirm", password=NEW)

    assert sorted(answer.status_code for answer in answers) == [200, 303]
    with services.sessions() as session:
        counted = [session.scalar(select(func.count(table.id))) for table in (User, Business)]
    assert counted == [1, 1]


def test_link_of_an_address_changes_it_once(app, services, world, alice):
    send(alice, "/account", "/account/address", address="ally@example.com")
    first = reader(app, services, "ally@example.com")

    answers = at_once(app, first, "/link", "/link")

    assert 200 in {answer.status_code for answer in answers}
    assert {answer.status_code for answer in answers} <= {200, 404, 422}
    assert deeds(services, "person.address_changed") == 1


def test_invitation_makes_one_new_colleague(app, services, world, alice):
    invite(alice, world, DANA)
    first = reader(app, services, DANA)

    answers = at_once(app, first, "/join/new", "/join", name="Dana Dietz", password=PASSWORD)

    assert world.inbox in places(answers)
    assert {answer.status_code for answer in answers} <= {303, 422}
    assert members(services, DANA) == deeds(services, "person.joined") == 1


def test_invitation_is_accepted_once(app, services, world, alice, charlie):
    invite(alice, world, "charlie@example.com")
    follow(charlie, link_to(services, "charlie@example.com"))

    answers = at_once(app, charlie, "/join", "/join")

    assert places(answers) == ["/join", "/join"]
    assert charlie.get("/join").location == world.inbox
    assert members(services, "charlie@example.com") == 2
    assert deeds(services, "person.joined") == 1


def at_once(app, first, to, page, **fields):
    """Answer what two browsers get that send one form at one moment, with the same cookies."""
    form, barrier = form_of(first, page) | fields, threading.Barrier(2)

    def send_it(browser):
        barrier.wait(timeout=10)
        return browser.post(to, data=form)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(send_it, (copy_of(app, first), copy_of(app, first))))


def copy_of(app, client):
    """A thief's browser, or the second click: whatever the first one holds."""
    copied = app.test_client()
    for cookie in client._cookies.values():
        copied.set_cookie(cookie.key, cookie.value)
    return copied


def places(answers):
    return [answer.location for answer in answers]


def reader(app, services, address):
    """A browser in which the newest mailed link was opened."""
    client = app.test_client()
    follow(client, link_to(services, address))
    return client


def link_to(services, address):
    (link,) = re.findall(rf"{SITE.origin}(/\S+)", text_of(mails_to(services, address)[-1]))[:1]
    return link


def challenge(client, page):
    to = "/confirm/passkey/challenge" if page == "/confirm" else "/sign-in/passkey/challenge"
    return client.post(to, data={"csrf_token": csrf_token(client, page)}).text


def halfway(app):
    """Alice's browser, with her password proved and no more."""
    client = app.test_client()
    answer = sign_in(client, "alice@example.com")
    assert answer.location == "/sign-in/second-step"
    return client


def invite(client, world, email):
    page = f"/businesses/{world.acme.id}/members"
    send(client, page, f"{page}/invite", email=email, role="agent")


def sessions_of(services, user):
    with services.sessions() as session:
        assert session.scalar(select(func.count(PendingSignIn.id))) in {0, 1}
        mine = select(func.count(LoginSession.id)).where(LoginSession.user_id == user.id)
        return session.scalar(mine)


def members(services, email):
    with services.sessions() as session:
        mine = select(func.count(Membership.id)).join(User).where(User.email == email)
        return session.scalar(mine)


def deeds(services, action):
    with services.sessions() as session:
        mine = select(func.count(AuditEntry.action)).where(AuditEntry.action == action)
        return session.scalar(mine)


@pytest.fixture
def services(services):
    changed = {"dashboard_url": SITE.origin}
    return replace(services, settings=services.settings.model_copy(update=changed))


@pytest.fixture
def key(services, world):
    """Alice's passkey, which does not count: nothing but the challenge says that it was used."""
    made = Uncounted()
    with services.sessions.begin() as session:
        person = session.merge(world.alice)
        login = find_session(session, open_session(session, person, AT), AT)
        options, asked = passkeys.options_to_add(session, person, SITE)
        said = made.create(options)
        passkeys.add(session, login, said, challenge=asked, name="Key", site=SITE, at=AT)
        session.delete(login)
    return made


class Uncounted(Authenticator):
    """Most keys of telephones and computers: their count stays at zero."""

    def get(self, options, **lies):
        self.count = -1
        return super().get(options, **lies)


@pytest.fixture
def codes(services, world):
    """Alice's app and one of her recovery codes."""

    class Codes:
        key = ""
        recovery = recovery_codes.make_codes()[0]

    sealer = Sealer(services.settings.secret_key.get_secret_value())
    with services.sessions.begin() as session:
        person = session.merge(world.alice)
        Codes.key = begin_code_app(session, person, sealer, AT)
        assert confirm_code_app(session, person, pyotp.TOTP(Codes.key).at(AT), sealer, AT)
        hashed = recovery_codes.hash_codes([Codes.recovery])
        recovery_codes.keep_codes(session, person, hashed, AT)
    return Codes
