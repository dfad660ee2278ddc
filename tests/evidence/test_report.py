"""The report says no more of a notice than is known: by whom, and by which letter."""

from __future__ import annotations

import pytest
from desks import Desk
from factories import make_business, make_code, make_user
from letters_written import tell

from voiceline import desk as verbs
from voiceline.evidence.gathering import gather
from voiceline.evidence.report import how_told, write_report
from voiceline.evidence.trail import trail_of
from voiceline.models import Appeal, ResidenceSource
from voiceline.rules.denials import Code, Reason
from voiceline.rules.letters import LetterKind

WHY = "Three archives."


def test_notice_that_a_colleague_noted_is_said_to_be_noted(desk):
    desk.do(verbs.extend, desk.right(), because=WHY, told_on=desk.today)

    assert told(desk) == "noted by a colleague that the consumer was told on 2026-11-21"
    assert report(desk).count("oted by a colleague that the consumer was told on") == 2


def test_notice_by_letter_names_the_letter(desk):
    desk.do(verbs.extend, desk.right(), because=WHY)
    before = told(desk)

    tell(desk, LetterKind.EXTENSION)

    assert before == "the consumer was not told of it"
    assert told(desk).startswith("the consumer was told on 2026-11-21 by the letter “")
    assert told(desk).endswith("(post)")
    assert told(desk) in report(desk)
    assert "Told on" not in report(desk)


def test_letter_of_the_answer_is_not_that_of_the_appeal(desk):
    desk.do(verbs.set_residence, "US-CO", source=ResidenceSource.TOLD)
    desk.do(verbs.extend, desk.right(), because=WHY)
    tell(desk, LetterKind.EXTENSION)
    desk.do(verbs.deny, desk.right(), reasons=[Reason(Code.TRANSACTION, "A warranty runs.")])
    desk.do(verbs.appeal, desk.right())

    desk.do(verbs.extend, desk.right(), because="The expert is away.", told_on=desk.today)

    assert "by the letter" in told(desk)
    assert how_told(appeal(desk), documents(desk)).startswith("noted by a colleague")


def told(desk):
    found = documents(desk)
    return how_told(found["request"]["rights"][0], found)


def appeal(desk):
    assert desk.session.query(Appeal).count() == 1
    return documents(desk)["request"]["appeals"][0]


def documents(desk):
    desk.session.flush()
    return gather(desk.session, desk.request).documents


def report(desk):
    trail = trail_of(desk.session, desk.request)
    return write_report(documents(desk), trail, "2026-11-22T00:00:00.000000Z", sealed_with="ab")


@pytest.fixture
def desk(session):
    code = make_code(session, make_business(session))
    return Desk(session, code, make_user(session))
