"""How long a database is waited for: a caller's answer soon ends, a migration takes its time."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from voiceline import schema
from voiceline.bootstrap import build
from voiceline.database import ANSWER_SECONDS, hurry
from webhooks import create_app

CARRIERS_PATIENCE = 4
"""Seconds after which the carrier asks again, as `number_addresses` tells it to."""


def test_a_telephone_waits_twice_within_the_carriers_patience(services, limits):
    patient = limits()

    create_app(services, lambda _: None)

    assert set(limits().values()) == {ANSWER_SECONDS * 1000}
    assert max(patient.values()) > ANSWER_SECONDS * 1000
    assert 2 * ANSWER_SECONDS <= CARRIERS_PATIENCE


def test_a_hurried_connection_is_told_so_each_time(services, limits):
    hurry(services.engine)

    first = limits()
    services.engine.dispose()

    assert limits() == first


def test_a_held_database_is_given_up_by_the_telephone(services, other_services):
    create_app(services, lambda _: None)

    with other_services.engine.begin() as holder:
        if holder.dialect.name == "postgresql":
            holder.execute(text("lock table call"))
        with pytest.raises(OperationalError), services.engine.begin() as waiting:
            waiting.execute(text("select count(*) from call"))


def test_a_migration_is_not_cut_short(services, monkeypatch):
    seen = {}

    def look(config, _revision):
        connection = config.attributes["connection"]
        if connection.dialect.name == "sqlite":
            seen["ms"] = connection.execute(text("pragma busy_timeout")).scalar_one()
        else:
            seen["text"] = connection.execute(text("show statement_timeout")).scalar_one()

    monkeypatch.setattr(schema.command, "upgrade", look)
    schema.upgrade(services.engine)

    assert seen in ({"ms": schema.SQLITE_WAIT_MILLISECONDS}, {"text": "0"})


def test_a_migration_leaves_others_their_limits(services, limits):
    before = limits()

    schema.upgrade(services.engine)

    assert limits() == before


@pytest.fixture
def other_services(settings):
    """Another process's services."""
    built = build(settings)
    yield built
    built.engine.dispose()


@pytest.fixture
def limits(services):
    """Answer the milliseconds a new connection of the services would wait, by what for."""

    def read():
        with services.engine.connect() as connection:
            if services.engine.dialect.name == "sqlite":
                return {"busy": connection.execute(text("pragma busy_timeout")).scalar_one()}
            names = ("lock_timeout", "statement_timeout")
            shown = (connection.execute(text(f"show {name}")).scalar_one() for name in names)
            return {
                name: int(value.removesuffix("s")) * 1000
                for name, value in zip(names, shown, strict=True)
            }

    return read
