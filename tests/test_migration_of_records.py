"""Revision 0008 on requests of before: the log and its counts are as if kept from the first day."""

from __future__ import annotations

from desks import Desk
from factories import AT, make_business, make_code, make_request, make_user
from test_migrations import engine  # noqa: F401 - the same empty database
from test_records import STEPS, _log, _rollup

from voiceline import schema
from voiceline.database import make_sessions
from voiceline.records import begin_record, follow
from voiceline.rules.rights import Right

HISTORIES = (
    (),
    ("acknowledge", "deny"),
    ("household", "appeal"),
    ("verify", "partly", "appeal"),
    ("redirect", "wait", "appeal"),
    ("verify", "complete"),
    ("deny", "appeal", "reverse"),
    ("name", "correct", "wait", "withdraw"),
    ("extend", "defer"),
)


def test_the_log_of_before_is_what_it_would_have_been(engine):  # noqa: F811
    schema.upgrade(engine)
    _fill(engine)
    kept = _read(engine)

    schema.downgrade(engine, "0007")
    schema.upgrade(engine)

    assert len(kept[0]) >= len(HISTORIES)
    assert _read(engine) == kept


def test_more_rows_than_a_batch_are_all_taken(engine, monkeypatch):  # noqa: F811
    schema.upgrade(engine)
    with make_sessions(engine).begin() as session:
        code = make_code(session, make_business(session))
        for _ in range(7):
            make_request(session, code, right=None)
    schema.downgrade(engine, "0007")
    module = schema.ScriptDirectory.from_config(schema._config()).get_revision("0008").module
    monkeypatch.setattr(module, "BATCH", 3)

    schema.upgrade(engine)

    log, rollup = _read(engine)
    assert len(log) == 7
    assert rollup == {("not_named", "open", "", 0): 7}


def _fill(engine) -> None:  # noqa: F811
    with make_sessions(engine).begin() as session:
        code = make_code(session, make_business(session), brand="Acme Kids")
        user = make_user(session)
        for steps in HISTORIES:
            desk = Desk(session, code, user)
            begin_record(session, desk.request, at=AT)
            for step in steps:
                STEPS[step](desk)
            _take_as_told(session, desk)
        begin_record(session, make_request(session, code, right=Right.LIMIT), at=AT)


def _take_as_told(session, desk) -> None:
    """Be as before: an answer counted from the day it was noted."""
    for right in desk.request.rights:
        right.tell_by = right.told_on = None
    desk.request.follow_rights(desk.at)
    follow(session, desk.request, at=desk.at)


def _read(engine):  # noqa: F811
    with make_sessions(engine)() as session:
        return _log(session), _rollup(session)
