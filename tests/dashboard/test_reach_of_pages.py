"""On PostgreSQL the dashboard's own connections reach nothing unsaid, and its pages still work."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from every_address import BEHIND_LINKS, MISSING, routes
from operators import make_operator
from staff import csrf_token, sign_in, signed_in

from voiceline.dashboard import create_app
from voiceline.database import make_engine, make_sessions

pytestmark = pytest.mark.only("postgresql")


@pytest.fixture
def app(services, clock):
    """The dashboard as voiceline/wsgi.py serves it."""
    engine = make_engine(services.settings.database, reach="none")
    narrow = replace(services, engine=engine, sessions=make_sessions(engine))
    yield create_app(narrow, clock=clock)
    engine.dispose()


def test_members_get_to_every_page(app, services, world):
    alice = signed_in(app, world.alice)
    answers = {
        path: alice.get(path).status_code
        for rule, path, method in routes(app, world)
        if method == "GET" and "assets" not in path and not MISSING & rule.arguments
        if rule.endpoint not in BEHIND_LINKS and not path.startswith("/operator")
    }

    assert set(answers.values()) <= {200, 302, 303}, answers


def test_operators_people_get_to_every_page_of_the_console(app, services, world):
    with services.sessions.begin() as session:
        user = make_operator(session)
    olga = signed_in(app, user)
    answers = {
        path: olga.get(path).status_code
        for rule, path, method in routes(app, world)
        if method == "GET" and path.startswith("/operator") and not MISSING & rule.arguments
    }

    assert len(answers) > 5
    assert set(answers.values()) <= {200, 302, 303}, answers


def test_a_password_opens_a_session(app, world):
    client = app.test_client()

    assert sign_in(client, world.alice.email).status_code == 303
    assert world.acme.name in client.get(world.inbox).text


def test_a_stranger_is_noted_where_they_knocked(app, world):
    charlie, alice = signed_in(app, world.charlie), signed_in(app, world.alice)

    assert charlie.get(world.page).status_code == 404
    assert "Was refused" in alice.get(f"/businesses/{world.acme.id}/trail").text


def test_an_evidence_pack_has_its_whole_chain(app, world):
    alice = signed_in(app, world.alice)
    alice.get(world.page)
    token = csrf_token(alice, world.page)

    answer = alice.post(f"{world.page}/evidence.zip", data={"csrf_token": token})

    pack = zipfile.ZipFile(io.BytesIO(answer.data))
    assert answer.status_code == 200
    assert all(pack.getinfo(name).file_size for name in pack.namelist() if "trail" in name)
