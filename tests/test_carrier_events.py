"""What the carrier says of a recording, by whichever way and in whatever order it reaches us."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import lines
import pytest
from lines import CALLER, DEDICATED, NUMBER
from sqlalchemy import func, select

from voiceline import carrier_events, filing, intake
from voiceline.carrier_events import RecordingNotice
from voiceline.models import Call, PrivacyRequest, ServiceCode, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.rights import Right

AT = datetime(2026, 11, 20, 20, tzinfo=UTC)
SPOKEN = AT + timedelta(minutes=1)
LATER = AT + timedelta(days=3)
CALLBACK = RecordingNotice("CA1", "RE1", "completed", SPOKEN, seconds=7, take=1)
ACTION = replace(CALLBACK, from_number=CALLER, to_number=NUMBER)


def test_a_completed_recording_is_owed_once(session, call):
    owed = [carrier_events.accept(session, CALLBACK, at=LATER) for _ in range(3)]

    (voicemail,) = session.scalars(select(Voicemail)).all()
    assert owed == [voicemail.id, None, None]
    assert (voicemail.recorded_at, voicemail.received_at) == (SPOKEN, LATER)


def test_a_recording_of_no_length_is_nobodys_message(session, call):
    owed = carrier_events.accept(session, replace(CALLBACK, seconds=0), at=AT)

    assert owed is None
    assert _count(session, Voicemail) == 0


@pytest.mark.parametrize(
    ("facts", "code", "unassigned"),
    [
        ({"code": "4021"}, "4021", False),
        ({"to_number": DEDICATED}, "3077", False),
        ({"code": "4021", "to_number": DEDICATED}, "4021", False),
        ({"code": "8888", "to_number": NUMBER}, "1", True),
        ({}, "1", True),
    ],
    ids=["by code", "by number", "code first", "unknown code", "nothing known"],
)
def test_an_unknown_call_is_filed_where_it_belongs(session, facts, code, unassigned):
    carrier_events.accept(session, replace(CALLBACK, **facts), at=LATER)

    call = intake.find_call(session, "CA1")
    assert (call.service_code.code, call.unassigned) == (code, unassigned)
    assert call.started_at == SPOKEN - timedelta(seconds=7)


def test_an_unknown_call_keeps_its_language_and_right(session):
    carrier_events.accept(session, replace(CALLBACK, language="es", right="delete"), at=LATER)

    call = intake.find_call(session, "CA1")
    assert (call.language, call.right) == ("es", Right.DELETE)


@pytest.mark.parametrize(
    "notices", [(CALLBACK, ACTION), (ACTION, CALLBACK)], ids=["callback", "action"]
)
def test_the_caller_is_known_whichever_came_first(session, notices):
    for notice in notices:
        carrier_events.accept(session, notice, at=LATER)

    call = intake.find_call(session, "CA1")
    assert (call.caller_id, call.caller_unknown_because) == (CALLER, None)
    assert _count(session, Voicemail) == 1


def test_a_withheld_caller_stays_withheld(session):
    carrier_events.accept(session, replace(ACTION, from_number="anonymous"), at=LATER)

    carrier_events.accept(session, ACTION, at=LATER)

    assert intake.find_call(session, "CA1").caller_unknown_because == "withheld"


def test_a_right_keyed_while_the_database_was_away_counts(session, call):
    carrier_events.accept(session, replace(CALLBACK, right="opt_out"), at=LATER)

    assert call.right == Right.OPT_OUT


def test_a_right_keyed_in_a_call_never_written_down_counts(session):
    keyed = replace(CALLBACK, status="absent", seconds=0, right="opt_out", code="4021")

    carrier_events.accept(session, keyed, at=LATER)

    (request,) = session.scalars(select(PrivacyRequest)).all()
    assert request.service_code.code == "4021"
    assert [one.right for one in request.rights] == [Right.OPT_OUT]


def test_a_right_written_down_is_not_written_over(session, call):
    call.right = Right.CORRECT

    carrier_events.accept(session, replace(CALLBACK, right="opt_out"), at=LATER)

    assert call.right == Right.CORRECT


def test_a_hung_up_call_is_over(session, call):
    carrier_events.accept(session, replace(ACTION, hung_up=True), at=SPOKEN)
    carrier_events.accept(session, replace(ACTION, hung_up=True), at=LATER)

    assert call.ended_at == SPOKEN


def test_a_notice_from_the_future_is_of_this_moment(session):
    carrier_events.accept(session, replace(CALLBACK, recorded_at=LATER), at=AT)

    assert intake.find_voicemail(session, "RE1").recorded_at == AT


@pytest.mark.parametrize(
    ("right", "reference", "filed"),
    [(Right.DELETE, False, 1), (None, True, 1), (None, False, 0)],
    ids=["right keyed", "reference told", "neither"],
)
@pytest.mark.parametrize("known", [True, False], ids=["known recording", "unknown recording"])
def test_an_absent_recording_files_what_is_a_fact(session, call, right, reference, filed, known):
    call.right = right
    if known:
        carrier_events.accept(session, CALLBACK, at=SPOKEN)
    if reference:
        filing.allot_reference(session, call)

    for _ in range(2):
        carrier_events.accept(session, replace(CALLBACK, status="absent"), at=LATER)
    session.flush()

    assert _count(session, PrivacyRequest) == filed
    statuses = session.scalars(select(Voicemail.status)).all()
    assert statuses == ([VoicemailStatus.ABSENT] if known else [])


def test_a_silent_second_take_leaves_the_clock_to_the_first(session, call):
    call.right = Right.DELETE
    carrier_events.accept(session, CALLBACK, at=SPOKEN)

    silent = replace(CALLBACK, recording_id="RE2", take=2, seconds=0, recorded_at=LATER)
    carrier_events.accept(session, silent, at=LATER)

    assert _count(session, PrivacyRequest) == 0
    assert intake.find_voicemail(session, "RE1").status == VoicemailStatus.PENDING


def test_an_absent_recording_of_an_unknown_call_is_nothing(session):
    assert carrier_events.accept(session, replace(CALLBACK, status="absent"), at=AT) is None
    assert _count(session, Call) == 0


@pytest.mark.parametrize("known", [True, False], ids=["after completed", "alone"])
def test_a_failed_recording_is_parked_and_filed(session, call, known):
    if known:
        carrier_events.accept(session, CALLBACK, at=SPOKEN)

    for _ in range(2):
        carrier_events.accept(session, replace(CALLBACK, status="failed"), at=LATER)

    request = filing.request_of(session, call)
    (voicemail,) = session.scalars(select(Voicemail)).all()
    assert voicemail.status == VoicemailStatus.FAILED
    assert voicemail.due_at > LATER
    assert request.received_at == SPOKEN


def test_a_failed_recording_stays_failed_after_its_action(session, call):
    carrier_events.accept(session, replace(CALLBACK, status="failed"), at=SPOKEN)

    owed = carrier_events.accept(session, ACTION, at=LATER)

    assert owed is None
    assert intake.find_voicemail(session, "RE1").status == VoicemailStatus.FAILED


@pytest.mark.parametrize("status", ["in-progress", "paused", "", "unheard of"])
def test_other_words_change_nothing(session, call, status):
    assert carrier_events.accept(session, replace(CALLBACK, status=status), at=AT) is None
    assert _count(session, Voicemail) == 0


def _count(session, table):
    return session.scalar(select(func.count()).select_from(table))


@pytest.fixture(autouse=True)
def _accounts(services):
    lines.open_accounts(services)


@pytest.fixture
def call(session):
    """The call, reached by Acme's code."""
    code = session.scalars(select(ServiceCode).where(ServiceCode.code == "4021")).one()
    return intake.begin_call(
        session, carrier_id="CA1", service_code=code, at=AT, from_number=CALLER, to_number=NUMBER
    )
