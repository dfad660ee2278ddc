from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from factories import AT, make_business, make_code
from staff import Clock
from visitors import Public, World

from voiceline.consumer import create_app

if TYPE_CHECKING:
    from flask import Flask

    from voiceline.bootstrap import Services


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(services: Services, clock: Clock) -> Flask:
    return create_app(services, clock=clock)


@pytest.fixture
def world(services: Services) -> World:
    """Acme Shoes (4021), Bolt Bikes (5077), and codes that answer nobody."""
    with services.sessions.begin() as session:
        acme = make_business(session, notify_address="privacy@acme.example")
        bolt = make_business(session, "Bolt Bikes")
        gone = make_business(session, "Gone Goods")
        make_code(session, acme, "4021")
        make_code(session, bolt, "5077")
        make_code(session, bolt, "5078", withdrawn_at=AT - timedelta(days=1))
        make_code(session, gone, "6001")
        gone.suspend()
    return World(acme, bolt)


@pytest.fixture
def public(app: Flask, world: World, clock: Clock) -> Public:
    """Somebody with a browser that keeps no cookies."""
    return Public(app.test_client(use_cookies=False), clock)
