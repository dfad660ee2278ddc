"""A database that fails in the middle of a call, at every step: the caller hears our words only.

What was said is spooled, and once the database is back it becomes one request of the business the
caller had reached.
"""

from __future__ import annotations

import errno
import os

import pytest
from lines import CALLER, DEDICATED
from signed import call_facts, recorded, recording_event

from jobs import process
from jobs.upkeep import replay_spool
from voiceline import filing, spool
from voiceline.models import Call, Voicemail
from voiceline.rules.rights import Right
from webhooks import message

STEPS = {
    "code": lambda on: on.answer(),
    "greeting": lambda on: on.reach(),
    "right": lambda on: on.key(on.reach(), ""),
    "message": lambda on: on.tone("3"),
    "review": lambda on: on.speak(on.tone("3")),
    "receipt": lambda on: on.key(on.speak(on.tone("3")), "1"),
}
"""Each step of a call, and how to get to the document before it."""

KEYED = {"code": "4021", "greeting": "1", "right": "3"}


@pytest.mark.parametrize("step", ["code", "greeting", "right"])
def test_a_dead_database_before_the_tone_still_records(telephone, database, step):
    before = STEPS[step](telephone)
    database.stop()

    answered = telephone.key(before, KEYED[step])

    assert answered.verbs == ["Say", "Record", "Say", "Hangup"]
    assert "technical problem" in answered.said
    assert "recorded and transcribed" in answered.said


@pytest.mark.parametrize("step", ["message", "review", "receipt"])
def test_a_dead_database_after_the_tone_ends_kindly(telephone, database, step):
    before = STEPS[step](telephone)
    database.stop()

    answered = telephone.speak(before) if step == "message" else telephone.key(before, "1")

    assert answered.verbs == ["Say", "Hangup"]
    assert "Your message has been received" in answered.said or step == "receipt"


@pytest.mark.parametrize("step", ["code", "greeting", "right"])
@pytest.mark.parametrize("action_first", [True, False], ids=["action first", "callback first"])
def test_what_is_said_meanwhile_reaches_the_business(
    telephone, services, database, rows, step, action_first
):
    before = STEPS[step](telephone)
    database.stop()
    tone = telephone.key(before, KEYED[step])

    told = [lambda: telephone.speak(tone), lambda: telephone.call_back(tone)]
    answers = [tell().status for tell in (told if action_first else reversed(told))]

    assert sorted(answers) == [200, 204]
    _replay(database)
    (call,) = rows(Call)
    (voicemail,) = rows(Voicemail)
    assert _code_of(services, call) == "4021"
    assert (call.caller_id, call.unassigned) == (CALLER, False)
    assert voicemail.call_id == call.id
    assert call.right == (Right.DELETE if step == "right" else None)
    assert not list(spool.events(services.settings.spool_dir))


@pytest.mark.parametrize("action_first", [True, False], ids=["action first", "callback first"])
def test_a_dedicated_number_reaches_its_business(telephone, services, database, rows, action_first):
    database.stop()
    tone = telephone.answer(To=DEDICATED)

    told = [lambda: telephone.speak(tone, To=DEDICATED), lambda: telephone.call_back(tone)]
    for tell in told if action_first else reversed(told):
        tell()

    _replay(database)
    (call,) = rows(Call)
    assert (_code_of(services, call), call.unassigned) == ("3077", False)
    assert call.caller_id == CALLER


def test_a_keyed_code_that_is_nobodys_is_unassigned(telephone, database, rows):
    before = telephone.answer()
    database.stop()
    telephone.speak(telephone.key(before, "7777"))

    _replay(database)

    (call,) = rows(Call)
    assert call.unassigned


@pytest.mark.parametrize("hung_up", [True, False])
def test_a_message_told_to_a_dead_database_is_spooled(
    telephone, services, database, rows, woken, hung_up
):
    tone = telephone.tone("3")
    database.stop()

    facts = {"Digits": "hangup", "CallStatus": "completed"} if hung_up else {}
    answered = telephone.speak(tone, **facts)
    called_back = telephone.call_back(tone)

    assert answered.verbs == ([] if hung_up else ["Say", "Hangup"])
    assert called_back.status == 204
    assert len(list(spool.events(services.settings.spool_dir))) == 2
    _replay(database)
    (voicemail,) = rows(Voicemail)
    assert (rows(Call)[0].ended_at is not None) == hung_up
    assert voicemail.claimed_seconds == 7


def test_no_reference_can_be_looked_up_without_database(telephone, database):
    prompt = telephone.key(telephone.answer(), "9")
    database.stop()

    answered = telephone.key(prompt, "123456789")

    assert answered.verbs == ["Say", "Hangup"]
    assert "cannot look up" in answered.said


def test_the_end_of_a_call_is_no_trouble(telephone, database):
    tone = telephone.tone()
    database.stop()

    over = telephone.post("/voice/call-status", call_facts(CallStatus="completed"))

    assert over.status == 204
    assert tone.status == 200


def test_the_caller_is_not_told_twice_in_two_languages(telephone, database):
    spanish = telephone.key(telephone.answer(), "2")
    database.stop()

    answered = telephone.key(spanish, "4021")

    assert {verb.language for verb in answered.document.verbs if hasattr(verb, "text")} == {"es-US"}


def test_an_error_of_ours_is_no_error_of_the_carriers(telephone, monkeypatch, logged):
    tone = telephone.tone()

    def stumble(*_):
        raise ZeroDivisionError("+14155550123 said something")

    monkeypatch.setattr(message.filing, "allot_reference", stumble)
    answered = telephone.speak(tone)

    assert "Your message has been received" in answered.said
    assert [line.args for line in logged.calls] == [("call.trouble",)]


def test_a_full_disk_beside_a_dead_database_ends_kindly(telephone, database, full_disk):
    tone = telephone.tone()
    database.stop()

    spoken = telephone.speak(tone)
    called_back = telephone.call_back(tone)

    assert spoken.verbs == ["Say", "Hangup"]
    assert (called_back.status, called_back.text) == (503, "")


def test_a_full_disk_does_not_make_the_fallback_ask_again(fallback, full_disk):
    tone = fallback.post("/voice/fallback", call_facts(ErrorCode="11200"))

    spoken = fallback.speak(tone)
    called_back = fallback.call_back(tone)

    assert spoken.verbs == ["Say", "Hangup"]
    assert (called_back.status, called_back.text) == (503, "")


@pytest.mark.parametrize("path", ["/voice/recording", "/voice/fallback/recording"])
def test_a_recording_that_is_nobodys_is_spooled_and_filed(telephone, database, rows, path):
    database.stop()

    told = telephone.post(path, recording_event())

    assert told.status == 204
    _replay(database)
    assert rows(Call)[0].unassigned
    assert len(rows(Voicemail)) == 1


def test_a_request_of_an_outage_has_the_callers_clock(telephone, services, database, rows):
    database.stop()
    telephone.post("/voice/recording", recording_event())
    telephone.post("/voice/message", recorded())

    _replay(database)

    (call,) = rows(Call)
    (voicemail,) = rows(Voicemail)
    with services.sessions.begin() as session:
        request_id = filing.file_request(
            session,
            session.merge(call),
            received_at=voicemail.recorded_at,
            at=voicemail.received_at,
        )
        assert request_id
    assert voicemail.recorded_at.isoformat() == "2026-11-20T20:00:07+00:00"


def _replay(database):
    database.start()
    replay_spool()
    replay_spool()
    process.services().engine.dispose()


def _code_of(services, call):
    with services.sessions() as session:
        return session.merge(call, load=False).service_code.code


@pytest.fixture
def full_disk(monkeypatch):
    def refuse(_file):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
