"""The people of the dashboard's tests, how they sign in, and what their pages cost."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from factories import (
    AT,
    PASSWORD,
    make_business,
    make_code,
    make_derived,
    make_member,
    make_message,
    make_user,
)
from sqlalchemy import event

from voiceline.dashboard.context import EXTENSION
from voiceline.login_sessions import open_session
from voiceline.models import Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy import Engine
    from werkzeug.test import TestResponse

    from voiceline.bootstrap import Services
    from voiceline.models import Business, PrivacyRequest, ServiceCode, User, Voicemail


class Clock:
    """A moment that stands still until a test moves it."""

    def __init__(self) -> None:
        self.at: datetime = AT

    def __call__(self) -> datetime:
        return self.at

    def wait(self, time: timedelta) -> None:
        self.at += time


@dataclass(frozen=True)
class World:
    """Acme Shoes, where Alice and Bob work, and Bolt Bikes, where Charlie does."""

    acme: Business
    bolt: Business
    acme_code: ServiceCode
    bolt_code: ServiceCode
    alice: User
    bob: User
    charlie: User
    request: PrivacyRequest
    voicemail: Voicemail
    foreign: PrivacyRequest
    foreign_voicemail: Voicemail

    @property
    def inbox(self) -> str:
        return f"/businesses/{self.acme.id}/requests"

    @property
    def page(self) -> str:
        return f"{self.inbox}/{self.request.id}"

    @property
    def audio(self) -> str:
        return f"{self.page}/audio.wav"


def make_world(services: Services) -> World:
    with services.sessions.begin() as session:
        acme, bolt = make_business(session), make_business(session, "Bolt Bikes")
        acme_code = make_code(session, acme, "4021")
        bolt_code = make_code(session, bolt, "5077")
        alice = make_user(session, "Alice Abbott")
        bob = make_user(session, "Bob Baker")
        charlie = make_user(session, "Charlie Chen")
        make_member(session, acme, alice)
        make_member(session, acme, bob, Role.AGENT)
        make_member(session, bolt, charlie)
        request, voicemail = make_message(session, acme_code, services.store)
        foreign, foreign_voicemail = make_message(session, bolt_code, services.store)
        for each in (voicemail, foreign_voicemail):
            make_derived(session, each, services.store)
    return World(
        acme=acme,
        bolt=bolt,
        acme_code=acme_code,
        bolt_code=bolt_code,
        alice=alice,
        bob=bob,
        charlie=charlie,
        request=request,
        voicemail=voicemail,
        foreign=foreign,
        foreign_voicemail=foreign_voicemail,
    )


def csrf_token(client: FlaskClient, path: str = "/sign-in") -> str:
    page = client.get(path).text
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def sign_in(
    client: FlaskClient, email: str, password: str = PASSWORD, **fields: str
) -> TestResponse:
    form = {"csrf_token": csrf_token(client), "email": email, "password": password} | fields
    return client.post("/sign-in", data=form)


def signed_in(app: Flask, user: User) -> FlaskClient:
    """Answer a browser that was signed in without the tenth of a second a hash takes."""
    context = app.extensions[EXTENSION]
    with context.services.sessions.begin() as session:
        token = open_session(session, user, context.clock())
    client = app.test_client()
    client.set_cookie(app.config["LOGIN_COOKIE"], token)
    return client


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Collect what is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("begin") and "voiceline.reach" not in statement:
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)
