"""The database itself refuses to change what is proven."""

from __future__ import annotations

import pytest
from factories import AT
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError, InternalError

from voiceline import schema
from voiceline.audit.signing import sign_heads
from voiceline.database import make_engine
from voiceline.models import AuditChain, AuditEntry, Base

REFUSED = (IntegrityError, InternalError)
DAY = AT.date()
COLUMNS = [column.name for column in AuditEntry.__table__.c]


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_entry set action = 'request.opened'",
        "update audit_entry set actor_name = null",
        "update audit_entry set sequence = sequence + 100",
        "delete from audit_entry",
        "delete from audit_entry where sequence = 3",
        "update audit_head set signature = ''",
        "update audit_head set day = '2020-01-01'",
        "delete from audit_head",
        "delete from audit_chain",
        "update audit_chain set sequence = 1",
        "update audit_chain set sequence = sequence + 1",
        "update audit_chain set entry_hash = ''",
    ],
)
def test_change_is_refused(trail, statement):
    trail.grow(3)
    sign_heads(trail.services.engine, trail.key, trail.ring, DAY)

    with pytest.raises(REFUSED, match="audit"), trail.services.engine.begin() as connection:
        connection.execute(text(statement))

    report = trail.check()
    assert (report.fault, report.end.sequence, report.heads) == (None, 3, 1)


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("table", ["audit_entry", "audit_head", "audit_chain", "business"])
def test_emptying_a_table_is_refused(trail, table):
    trail.grow(1)

    with pytest.raises(REFUSED, match="audit"), trail.services.engine.begin() as connection:
        connection.execute(text(f"truncate {table} cascade"))

    assert trail.check().end.sequence == 1


@pytest.mark.parametrize("changed", [{"sequence": 2}, {"sequence": 5}, {"previous_hash": "f" * 64}])
def test_entry_that_does_not_follow_is_refused(trail, changed):
    trail.grow(3)
    last = {column: getattr(trail.entries()[-1], column) for column in COLUMNS}
    following = last | {"sequence": 4, "previous_hash": last["entry_hash"]}

    with pytest.raises(REFUSED), trail.services.engine.begin() as connection:
        connection.execute(insert(AuditEntry).values(following | changed))

    assert len(trail.entries()) == 3


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    "statement",
    [
        "insert or replace into audit_entry select * from audit_entry where sequence = 2",
        "insert or replace into audit_chain select business_id, 0, entry_hash from audit_chain",
    ],
)
def test_replacing_is_refused(trail, statement):
    trail.grow(3)

    with pytest.raises(REFUSED), trail.services.engine.begin() as connection:
        connection.execute(text(statement))

    assert trail.check().fault is None


@pytest.mark.only("sqlite")
def test_replacing_a_signed_head_changes_nothing(trail):
    trail.grow(3)
    sign_heads(trail.services.engine, trail.key, trail.ring, DAY)

    with trail.services.engine.begin() as connection:
        connection.execute(
            text(
                "insert or replace into audit_head "
                "select business_id, day, 1, entry_hash, key_id, signature from audit_head"
            )
        )

    assert (trail.check().fault, trail.check().heads) == (None, 1)


def test_business_has_a_chain_from_the_start(trail, session):
    chain = session.get_one(AuditChain, trail.acme.id)

    assert (chain.sequence, chain.entry_hash) == (0, "0" * 64)


def test_models_make_the_triggers_that_migrations_make(tmp_path):
    migrated = make_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    schema.upgrade(migrated)
    modelled = make_engine(f"sqlite:///{tmp_path / 'modelled.db'}")
    Base.metadata.create_all(modelled)

    found = [triggers_of(engine) for engine in (migrated, modelled)]

    assert len(found[0]) == 11  # ten of the trail, one of the letters
    assert found[0] == found[1]
    migrated.dispose()
    modelled.dispose()


def test_newest_migrations_text_is_the_models(tmp_path):
    from importlib import import_module  # noqa: PLC0415 - its name is no identifier

    from voiceline.models import audit_triggers  # noqa: PLC0415

    migration = import_module("voiceline.migrations.versions.0002_audit_trail")

    assert migration.SQLITE == audit_triggers.SQLITE
    assert migration.POSTGRESQL == audit_triggers.POSTGRESQL


def triggers_of(engine):
    query = "select name, sql from sqlite_master where type = 'trigger' order by name"
    with engine.connect() as connection:
        return [(name, " ".join(sql.split())) for name, sql in connection.execute(text(query))]
