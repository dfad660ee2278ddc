from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from staff import Clock, World, make_world, signed_in

from voiceline.dashboard import create_app

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from voiceline.bootstrap import Services


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(services: Services, clock: Clock) -> Flask:
    return create_app(services, clock=clock)


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
