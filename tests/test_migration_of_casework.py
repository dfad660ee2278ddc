"""Revision 0003 on requests of before: nothing is lost on the way up, nothing unreadable below."""

from __future__ import annotations

import pytest
from desks import TWO_POINTS, Desk
from factories import AT, make_business, make_code, make_request, make_user
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from test_migrations import engine  # noqa: F401 - the same empty database

from voiceline import desk as verbs
from voiceline import schema
from voiceline.database import make_engine, make_sessions
from voiceline.models import PrivacyRequest, ResidenceSource
from voiceline.rules.denials import Code, Reason
from voiceline.rules.rights import Right


def test_requests_of_before_have_their_answer_on_each_right(engine):  # noqa: F811
    schema.upgrade(engine)
    with make_sessions(engine).begin() as session:
        code = make_code(session, make_business(session))
        make_request(session, code).withdraw(at=AT)
        make_request(session, code, right=Right.OPT_OUT)
    schema.downgrade(engine, "0002")

    schema.upgrade(engine)

    with make_sessions(engine)() as session:
        done, still = session.query(PrivacyRequest).order_by(PrivacyRequest.reference).all()
        if done.finished_at is None:
            done, still = still, done
        assert [right.status for right in done.rights] == ["withdrawn"]
        assert done.rights[0].finished_at == done.finished_at == AT
        assert [right.status for right in still.rights] == ["open"]
        assert still.rights[0].due_by == still.rights[0].respond_by == still.respond_by
        assert still.jurisdiction == "UNKNOWN-US"
        assert still.rights[0].dates() is None


def test_what_the_older_code_cannot_read_is_put_in_its_words(engine):  # noqa: F811
    schema.upgrade(engine)
    with make_sessions(engine).begin() as session:
        desk = Desk(session, make_code(session, make_business(session)), make_user(session))
        desk.do(verbs.set_residence, "US-VA", source=ResidenceSource.TOLD)
        desk.do(verbs.verify_identity, TWO_POINTS)
        desk.do(verbs.name_right, Right.RESTRICT)
        desk.do(verbs.name_right, Right.OTHER)
        desk.do(verbs.undo)
        desk.do(verbs.deny, desk.right(), reasons=[Reason(Code.UNVERIFIED)])
        desk.do(verbs.appeal, desk.right())

    schema.downgrade(engine, "0002")

    with engine.connect() as connection:
        (status,) = connection.execute(text("select status from privacy_request")).one()
        rights = connection.execute(text('select "right" from requested_right')).scalars().all()
        kinds = connection.execute(text("select kind from request_event")).scalars().all()
    assert status == "received"
    assert sorted(rights, key=str) == [None, "delete"]
    assert sorted(kinds) == ["denied", "filed"]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("privacy_request", "status"),
        ("privacy_request", "standing"),
        ("requested_right", "status"),
        ("requested_right", "right"),
        ("request_event", "kind"),
    ],
)
def test_a_word_nobody_knows_is_refused_by_the_database(engine, table, column):  # noqa: F811
    schema.upgrade(engine)
    with make_sessions(engine).begin() as session:
        make_request(session, make_code(session, make_business(session)))

    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(f"update {table} set \"{column}\" = 'nonsense'"))


def test_sqlite_looks_at_references_before_the_commit(tmp_path):
    own = make_engine(f"sqlite:///{tmp_path / 'own.db'}")
    schema.upgrade(own)
    with own.connect() as connection:
        driver = connection.connection.driver_connection
        driver.execute("pragma foreign_keys = off")
        driver.execute("begin")
        driver.execute(
            "insert into membership (id, business_id, user_id, role, created_at) "
            "values ('1', '2', '3', 'owner', '2026-11-21 18:00:00')"
        )
        driver.execute("commit")
        driver.execute("pragma foreign_keys = on")

    with pytest.raises(RuntimeError, match=r"^a row of membership would refer to nothing"):
        schema.downgrade(own, "0002")

    assert schema.current(own) == schema.newest()
    own.dispose()
