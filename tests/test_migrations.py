"""The migrations make the tables the models speak of, forwards and backwards, with data in them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, create_engine, inspect, text

from voiceline import schema
from voiceline.audit import OPERATOR
from voiceline.businesses import assign_code, open_business
from voiceline.database import make_engine, make_sessions
from voiceline.greetings import set_greeting
from voiceline.models import Base, Business
from voiceline.rules.retention import AccountTier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

TEST_DATABASE = "VOICELINE_TEST_DATABASE_URL"
NOON = datetime(2026, 11, 20, 20, tzinfo=UTC)


def revisions() -> list[str]:
    found = ScriptDirectory.from_config(schema._config()).walk_revisions()
    return [script.revision for script in found][::-1]


def slow_but_the_newest() -> list[object]:
    """Answer all revisions, newest first; `make test` tries the two that may still be changed.

    The slow tests run on SQLite alone, so on PostgreSQL none is one of them.
    """
    marks = () if os.environ.get(TEST_DATABASE) else (pytest.mark.slow,)
    newest, last, *old = reversed(revisions())
    return [newest, last, *(pytest.param(each, marks=marks) for each in old)]


def test_upgraded_database_is_what_the_models_say(engine):
    schema.upgrade(engine)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)

    assert differences == []
    assert schema.current(engine) == schema.newest() == revisions()[-1]


def test_checks_of_the_models_are_in_the_database(engine):
    schema.upgrade(engine)

    found = {
        (table, check["name"])
        for table in Base.metadata.tables
        for check in inspect(engine).get_check_constraints(table)
    }

    wanted = {
        (table.name, constraint.name)
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert wanted
    assert found == wanted


@pytest.mark.parametrize("revision", slow_but_the_newest())
def test_each_revision_goes_down_and_up_on_data(engine, revision):
    schema.upgrade(engine)
    fill(engine)
    before = revisions()[revisions().index(revision) - 1] if revision != revisions()[0] else "base"

    schema.downgrade(engine, before)
    schema.upgrade(engine)

    assert schema.current(engine) == schema.newest()
    with make_sessions(engine)() as session:
        kept = session.query(Business).count()
    assert kept == (0 if before == "base" else 1)


def test_upgrading_twice_changes_nothing(engine):
    schema.upgrade(engine)
    fill(engine)

    schema.upgrade(engine)

    with make_sessions(engine)() as session:
        assert session.query(Business).count() == 1


def fill(engine: Engine) -> None:
    with make_sessions(engine).begin() as session:
        acme = open_business(session, name="Acme", tier=AccountTier.TRIAL, at=NOON)
        code = assign_code(session, acme, "4021", by=OPERATOR, at=NOON)
        set_greeting(session, code, language="es", text="Hola", at=NOON)


@pytest.fixture
def engine(tmp_path: Path, postgres_url: str | None) -> Iterator[Engine]:
    """An empty database, of the kind the suite runs on."""
    if postgres_url is None:
        built = make_engine(f"sqlite:///{tmp_path / 'empty.db'}")
        yield built
        built.dispose()
        return
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    name = f"{admin.url.database}_migrations"
    with admin.connect() as connection:
        connection.execute(text(f"drop database if exists {name} with (force)"))
        connection.execute(text(f"create database {name}"))
    built = make_engine(admin.url.set(database=name).render_as_string(hide_password=False))
    yield built
    built.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()
