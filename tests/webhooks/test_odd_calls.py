"""Callers and carriers that do what nobody expects: what was asked for is kept all the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lines import DEDICATED

from jobs import process
from jobs.upkeep import replay_spool
from voiceline.models import Call, PrivacyRequest, ServiceCode, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.rights import Right

NOTHING = {"RecordingDuration": "0"}
GONE = {"CallStatus": "completed"}
NOBODY_ANSWERS = {
    "suspended": lambda code: code.business.suspend(),
    "closed": lambda code: code.business.close(),
    "trial over": lambda code: setattr(code.business, "trial_ends_at", code.business.opened_at),
    "withdrawn": lambda code: setattr(code, "withdrawn_at", code.business.opened_at),
}


@pytest.mark.parametrize("why", NOBODY_ANSWERS)
def test_a_dedicated_number_nobody_answers_takes_a_message(telephone, services, rows, why):
    with services.sessions.begin() as session:
        NOBODY_ANSWERS[why](session.query(ServiceCode).filter_by(dedicated_number=DEDICATED).one())

    tone = telephone.answer(To=DEDICATED)
    telephone.speak(tone, To=DEDICATED)

    (call,) = rows(Call)
    assert tone.said.index("name of the company") < tone.said.index("recorded and transcribed")
    assert "Bluebird" not in tone.said
    assert (call.unassigned, call.to_number) == (True, DEDICATED)
    assert len(rows(Voicemail)) == 1


@pytest.mark.parametrize("seconds", ["0", "7", ""])
def test_a_failed_recording_is_filed_whatever_its_length(telephone, rows, seconds):
    tone = telephone.tone("3")

    told = telephone.call_back(tone, RecordingStatus="failed", RecordingDuration=seconds)

    (voicemail,) = rows(Voicemail)
    (request,) = rows(PrivacyRequest)
    assert told.status == 204
    assert voicemail.status == VoicemailStatus.FAILED
    assert request.call_id == voicemail.call_id


@pytest.mark.parametrize("status", ["absent", "failed"])
def test_a_keyed_right_outlives_an_outage_without_audio(telephone, database, rows, status):
    tone = telephone.tone("3")
    database.stop()

    telephone.call_back(tone, RecordingStatus=status, **NOTHING)

    _replay(database)
    assert rows(Call)[0].right == Right.DELETE
    assert len(rows(PrivacyRequest)) == 1


def test_a_right_keyed_in_an_outage_is_filed_without_audio(telephone, database, rows):
    menu = telephone.key(telephone.reach(), "")
    database.stop()
    tone = telephone.key(menu, "3")

    telephone.call_back(tone, RecordingStatus="absent", **NOTHING)

    _replay(database)
    assert rows(Call)[0].right == Right.DELETE
    assert len(rows(PrivacyRequest)) == 1


@pytest.mark.parametrize("tell", ["action", "callback"])
@pytest.mark.parametrize("outage", [False, True], ids=["", "in an outage"])
@pytest.mark.parametrize("right", ["3", ""])
def test_silence_after_a_keyed_right_files_it(telephone, database, rows, tell, outage, right):
    tone = telephone.tone(right)
    database.stopped = outage

    if tell == "action":
        telephone.speak(tone, Digits="hangup", **GONE, **NOTHING)
    else:
        telephone.call_back(tone, **NOTHING)

    _replay(database)
    assert [call.right for call in rows(Call)] == [Right.DELETE if right else None]
    assert len(rows(PrivacyRequest)) == len(right)
    assert rows(Voicemail) == []


def test_a_length_of_nothing_takes_no_message_back(telephone, rows):
    tone = telephone.tone("3")
    telephone.call_back(tone)

    telephone.call_back(tone, **NOTHING)

    assert rows(Voicemail)[0].status == VoicemailStatus.PENDING


def test_silence_in_an_outage_files_nothing(telephone, database, rows):
    before = telephone.answer()
    database.stop()
    tone = telephone.key(before, "4021")

    telephone.call_back(tone, RecordingStatus="absent", **NOTHING)

    _replay(database)
    assert rows(Call) == rows(PrivacyRequest) == []


@pytest.mark.parametrize("start", ["Thu, 01 Jan 1970 00:00:00 +0000", "nonsense", ""])
def test_nobody_asks_before_the_call_began(telephone, rows, start):
    tone = telephone.tone("3")

    telephone.call_back(tone, RecordingStatus="absent", RecordingStartTime=start, **NOTHING)

    (call,) = rows(Call)
    (request,) = rows(PrivacyRequest)
    assert timedelta(0) <= request.received_at - call.started_at < timedelta(minutes=1)


def test_whoever_hung_up_has_not_heard_the_receipt(telephone, rows):
    receipt = telephone.key(telephone.speak(telephone.tone("3")), "1")

    answered = telephone.key(receipt, "", **GONE)

    assert answered.verbs == []
    assert rows(Call)[0].receipt_heard_at is None


@pytest.mark.parametrize("digits", ["", "hangup", "7"])
def test_whoever_hung_up_leaves_no_empty_call(telephone, rows, digits):
    heard = telephone.key(telephone.key(telephone.answer(), "7"), "7")

    answered = telephone.key(heard, digits, **GONE)

    assert answered.verbs == []
    assert rows(Call) == []


def _replay(database):
    database.start()
    replay_spool()
    process.services().engine.dispose()
