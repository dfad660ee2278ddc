from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from staff import Clock, World, make_world, signed_in

from jobs import account_messages
from voiceline import clock as databases_clock
from voiceline.dashboard import create_app
from voiceline.dashboard.context import EXTENSION

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from voiceline.bootstrap import Services


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Answer the clock of the dashboard, and let the database's show the same."""
    made = Clock()
    monkeypatch.setattr(databases_clock, "database_now", lambda _session: made())
    return made


@pytest.fixture
def app(services: Services, clock: Clock) -> Flask:
    """Answer the dashboard over the test's own services; its rules are drawn up once."""
    settings = services.settings
    kind = (settings.dashboard_url, settings.trusted_proxies)
    if kind not in _BUILT:
        _BUILT[kind] = create_app(services, clock=clock)
    built = _BUILT[kind]
    built.secret_key = settings.secret_key.get_secret_value()
    context = built.extensions[EXTENSION]
    built.extensions[EXTENSION] = replace(context, services=services, clock=clock)
    return built


_BUILT: dict[tuple[str, int], Flask] = {}


@pytest.fixture
def world(services: Services) -> World:
    return make_world(services)


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def alice(app: Flask, world: World) -> FlaskClient:
    return signed_in(app, world.alice)


@pytest.fixture
def bob(app: Flask, world: World) -> FlaskClient:
    return signed_in(app, world.bob)


@pytest.fixture
def charlie(app: Flask, world: World) -> FlaskClient:
    return signed_in(app, world.charlie)


@pytest.fixture
def mail_clock(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let mail be written at the moment of the test, too."""
    monkeypatch.setattr(account_messages, "now", clock)
    return clock
