"""docs/production/postgresql-roles.sql: who owns the tables, and who works on their rows."""

from __future__ import annotations

import os
import re

import pytest
from factories import AT
from source_tree import ROOT
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from voiceline import schema
from voiceline.businesses import open_operator
from voiceline.database import make_engine, make_sessions
from voiceline.models import AuditEntry

pytestmark = pytest.mark.only("postgresql")

FILE = ROOT / "docs/production/postgresql-roles.sql"
OWNER, WORKER = "voiceline_test_owner", "voiceline_test_worker"


@pytest.fixture(scope="module")
def urls(postgres_url):
    """A new database in which the file was run, as its owner and as its worker."""
    name = f"voiceline_roles_{os.getpid()}"
    admin = make_engine(os.environ["VOICELINE_TEST_DATABASE_URL"])
    base = admin.execution_options(isolation_level="AUTOCOMMIT")
    with base.connect() as connection:
        connection.execute(text(f"create database {name}"))
    inside = make_engine(_url(admin, name, None)).execution_options(isolation_level="AUTOCOMMIT")
    with inside.connect() as connection:
        connection.connection.cursor().execute(_statements())
        connection.connection.cursor().execute(_statements())  # twice is once
    inside.dispose()
    yield _url(admin, name, OWNER), _url(admin, name, WORKER)
    with base.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
        for role in (OWNER, WORKER):
            connection.execute(text(f"drop role {role}"))
    admin.dispose()


@pytest.fixture(scope="module")
def worker(urls):
    owner, worker = (make_engine(url) for url in urls)
    schema.upgrade(owner)
    owner.dispose()
    yield worker
    worker.dispose()


def test_owner_lays_the_tables_and_the_worker_uses_them(database_url, worker):
    with make_sessions(worker).begin() as session:
        open_operator(session, name="Voiceline", at=AT)

    with make_sessions(worker)() as session:
        assert session.query(AuditEntry).count() >= 1


@pytest.mark.parametrize(
    "statement",
    [
        "alter table voicemail disable row level security",
        "alter table voicemail no force row level security",
        "drop policy own_business on voicemail",
        "drop table voicemail",
        "create table mine (id int)",
        "set session_replication_role = replica",
    ],
)
def test_worker_cannot_change_a_table(database_url, worker, statement):
    with worker.begin() as connection, pytest.raises(ProgrammingError):
        connection.execute(text(statement))


def test_owner_itself_is_kept_to_one_business(database_url, urls, worker):
    owner = make_engine(urls[0], reach="none")
    with owner.connect() as connection:
        assert connection.scalar(text("select count(*) from business")) == 0
    owner.dispose()


def _statements() -> str:
    """The file with names that are nobody's on a server that tests share."""
    written = FILE.read_text(encoding="utf-8").replace("voiceline_owner", OWNER)
    return re.sub(r"\bvoiceline\b", WORKER, written)


def _url(engine, database, role):
    url = engine.url.set(database=database)
    if role:
        url = url.set(username=role, password=None)
    return url.render_as_string(hide_password=False)
