from __future__ import annotations

import pytest
from desks import Desk
from factories import make_business, make_code, make_user


@pytest.fixture
def code(session):
    return make_code(session, make_business(session))


@pytest.fixture
def alice(session):
    return make_user(session, "Alice Abbott")


@pytest.fixture
def bob(session):
    return make_user(session, "Bob Baker")


@pytest.fixture
def desk(session, code, alice):
    """Alice at her desk, with a request to delete."""
    return Desk(session, code, alice)
