from __future__ import annotations

import pytest
from desks import Desk
from factories import make_business, make_code, make_user


@pytest.fixture
def desk(session):
    """Alice at her desk, with a request to delete."""
    return Desk(session, make_code(session, make_business(session)), make_user(session))
