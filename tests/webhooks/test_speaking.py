"""Views that only speak write nothing down: rows and statements are counted."""

from __future__ import annotations

import pytest
from signed import call_facts
from sqlalchemy import func, select

from voiceline.models import Base

SPEAKING = {
    "answer": lambda on: on.answer(),
    "help": lambda on: on.key(on.answer(), "0"),
    "other language": lambda on: on.key(on.answer(), "2"),
    "language and back": lambda on: on.key(on.key(on.answer(), "2"), "2"),
    "status prompt": lambda on: on.key(on.answer(), "9"),
    "nothing keyed": lambda on: on.key(on.answer(), ""),
    "star": lambda on: on.key(on.answer(), "*"),
    "not ours": lambda on: on.answer(To="+18005559999"),
    "over": lambda on: on.post("/voice/answer", call_facts(CallStatus="completed")),
    "unanswered": lambda on: on.post("/voice/call-status", call_facts(CallStatus="ringing")),
    "fallback": lambda on: on.post("/voice/fallback", call_facts(ErrorCode="11200")),
}
READING = {
    "wrong code": lambda on: on.key(on.answer(), "7777"),
    "wrong code in spanish": lambda on: on.key(on.key(on.answer(), "2"), "7777"),
}
LATER = {
    "greeting again": lambda on, heard: on.key(heard, "5"),
    "another code": lambda on, heard: on.key(heard, "*"),
    "menu": lambda on, heard: on.key(heard, ""),
    "menu again": lambda on, heard: on.key(on.key(heard, ""), "*"),
    "a key not in the menu": lambda on, heard: on.key(on.key(heard, ""), "8"),
    "tone without a right": lambda on, heard: on.key(heard, "1"),
}


@pytest.mark.parametrize("view", SPEAKING)
def test_a_view_that_speaks_asks_the_database_nothing(telephone, services, statements, view):
    telephone.answer()
    before, statements.seen[:] = _count_all(services), []

    SPEAKING[view](telephone)
    asked = list(statements.seen)

    assert not asked
    assert _count_all(services) == before


@pytest.mark.parametrize("view", READING)
def test_a_wrong_code_is_looked_up_and_nothing_else(telephone, services, statements, view):
    telephone.answer()
    before, statements.seen[:] = _count_all(services), []

    READING[view](telephone)
    reads, writes = statements.reads, statements.writes

    assert (len(reads), writes) == (1, [])
    assert _count_all(services) == before


@pytest.mark.parametrize("view", LATER)
def test_before_the_tone_only_the_code_and_right_are_written(telephone, services, statements, view):
    greeting = telephone.reach()
    before, statements.seen[:] = _count_all(services), []

    LATER[view](telephone, greeting)
    writes = statements.writes

    assert not writes
    assert _count_all(services) == before


def test_a_code_that_answers_writes_one_call(telephone, services, statements):
    prompt = telephone.answer()
    before, statements.seen[:] = _count_all(services), []

    telephone.key(prompt, "4021")

    assert [write.split()[:3] for write in statements.writes] == [["INSERT", "INTO", "call"]]
    assert _count_all(services) == before + 1


def test_a_keyed_right_writes_one_column(telephone, services, statements):
    menu = telephone.key(telephone.reach(), "")
    statements.seen.clear()

    telephone.key(menu, "3")

    (write,) = statements.writes
    assert write.startswith('UPDATE call SET "right"=')


def _count_all(services):
    with services.sessions() as session:
        return sum(
            session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        )
