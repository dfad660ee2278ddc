"""The carrier's contract, cases 51-66: the tone, what goes wrong, and who calls."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from lines import CALLER, DEDICATED
from signed import call_facts
from sqlalchemy import event, text

from voiceline import database as connections
from voiceline.businesses import block_caller
from voiceline.models import BlockedCaller, Call, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from webhooks import message
from webhooks.state import MOST_STEPS

AT = datetime(2026, 11, 20, tzinfo=UTC)
HUNG_UP = {"Digits": "hangup", "CallStatus": "completed"}
WITHHELD = ["anonymous", "RESTRICTED", "+266696687", "+7378742833", "", "client:eve", "sip:a@b.c"]


def test_case_51_the_recording_is_as_the_contract_wants(telephone):
    tone = telephone.tone("3")

    record = tone.verb("Record")
    assert (record.max_length, record.timeout, record.finish_on_key) == (600, 10, "#")
    assert (record.play_beep, record.trim) == (True, "do-not-trim")
    assert (record.method, record.recording_status_callback_method) == ("POST", "POST")
    assert record.recording_status_callback_event == ("in-progress", "completed", "absent")
    assert record.action.startswith("/voice/message?s=")
    assert record.recording_status_callback.startswith("/voice/recording?s=")
    assert "transcribe" not in tone.text.replace("transcribed", "")
    assert tone.verbs[-2:] == ["Say", "Hangup"]


def test_case_52_hanging_up_sends(telephone, rows, woken):
    answered = telephone.speak(telephone.tone(), **HUNG_UP)

    (voicemail,) = rows(Voicemail)
    assert (answered.status, answered.verbs) == (200, [])
    assert voicemail.status == VoicemailStatus.PENDING
    assert woken == [voicemail.id]
    assert rows(Call)[0].ended_at is not None


def test_case_53_pound_ends_the_message(telephone):
    review = telephone.speak(telephone.tone(), Digits="#")

    receipt = telephone.key(review, "")
    goodbye = telephone.key(receipt, "")

    assert "To send it" in review.said
    assert goodbye.said == "Thank you. Goodbye."
    assert goodbye.verbs == ["Say", "Hangup"]


@pytest.mark.parametrize(("seconds", "kept"), [("0", 0), ("1", 1)])
def test_case_54_a_moment_is_a_message_nothing_is_not(telephone, rows, seconds, kept):
    answered = telephone.speak(telephone.tone(), RecordingDuration=seconds)

    assert len(rows(Voicemail)) == kept
    assert ("We heard nothing" in answered.said) == (not kept)


def test_case_55_an_action_after_its_callback_adds_nothing(telephone, services, rows):
    tone = telephone.tone()
    telephone.call_back(tone)
    with services.sessions.begin() as session:
        session.query(Voicemail).one().find_absent()

    review = telephone.speak(tone)

    (voicemail,) = rows(Voicemail)
    assert voicemail.status == VoicemailStatus.ABSENT
    assert review.verb("Gather")


def test_case_56_a_callback_alone_is_enough(telephone, rows, woken):
    tone = telephone.tone("3")

    answered = telephone.call_back(tone)

    (voicemail,) = rows(Voicemail)
    assert answered.status == 204
    assert woken == [voicemail.id]


@pytest.mark.parametrize("key", ["0", "2"])
def test_case_57_a_call_in_circles_comes_to_an_end(telephone, key):
    heard, documents = telephone.answer(), 1
    while "Hangup" not in heard.verbs:
        heard, documents = telephone.key(heard, key), documents + 1

    assert documents == MOST_STEPS + 1
    assert heard.verbs == ["Say", "Hangup"]


def test_case_58_a_call_is_answered_without_a_database(telephone, database):
    database.stop()

    answered = telephone.answer()

    assert (answered.status, answered.verbs) == (200, ["Gather", "Redirect"])


def test_case_58_a_dedicated_number_records_without_one(telephone, database):
    telephone.answer()
    database.stop()

    answered = telephone.answer(To=DEDICATED)

    assert (answered.status, answered.verbs) == (200, ["Say", "Say", "Record", "Say", "Hangup"])
    assert connections.CONNECT_SECONDS <= 2


def test_case_59_a_database_too_slow_is_not_waited_for(telephone, busy_database, rows):
    before = telephone.answer()

    with busy_database():
        answered = telephone.key(before, "4021")
        spoken = telephone.speak(answered)

    assert answered.verbs == ["Say", "Record", "Say", "Hangup"]
    assert spoken.verbs == ["Say", "Hangup"]
    assert not rows(Call)


def test_case_60_an_error_of_ours_is_not_heard(telephone, monkeypatch, logged):
    def stumble(*_):
        raise ZeroDivisionError(f"{CALLER} keyed 4021")

    monkeypatch.setattr(message, "_review", stumble)
    answered = telephone.speak(telephone.tone())

    assert (answered.status, answered.verbs) == (200, ["Say", "Hangup"])
    assert [line.args for line in logged.calls] == [("call.trouble",)]


def test_case_61_the_fallback_needs_nothing(fallback, logged):
    facts = call_facts(ErrorCode="11200", ErrorUrl="https://voice.example.com/voice/answer")

    answered = fallback.post("/voice/fallback", facts)

    assert answered.verbs == ["Say", "Say", "Record", "Say", "Hangup"]
    assert [(line.method_name, line.args) for line in logged.calls] == [
        ("error", ("call.fallback",))
    ]


@pytest.mark.parametrize("number", WITHHELD)
def test_case_62_a_withheld_caller_reaches_the_tone(telephone, rows, number):
    tone = telephone.tone(From=number)

    (call,) = rows(Call)
    assert tone.verb("Record")
    assert call.caller_id is None
    assert call.caller_unknown_because in {"withheld", "missing", "not_a_phone"}


def test_case_63_a_failed_attestation_is_noted_only(telephone, rows):
    tone = telephone.tone(StirVerstat="TN-Validation-Failed-C")

    assert tone.verb("Record")
    assert rows(Call)[0].attestation == "TN-Validation-Failed-C"


def test_case_64_an_unknown_attestation_is_kept_as_it_is(telephone, rows):
    telephone.reach(StirVerstat="Brand-New-" + "x" * 100)

    assert rows(Call)[0].attestation == ("Brand-New-" + "x" * 100)[:64]


def test_case_65_a_blocked_caller_is_rejected_unanswered(telephone, services, rows):
    with services.sessions.begin() as session:
        block_caller(session, CALLER, reason="floods the line", at=AT)

    rejected = telephone.answer()
    other = telephone.answer(From="+14155550999")

    assert rejected.verbs == ["Reject"]
    assert other.verbs == ["Gather", "Redirect"]
    assert len(rows(BlockedCaller)) == 1


@pytest.mark.parametrize("status", ["completed", "busy", "failed", "no-answer", "canceled"])
def test_case_66_a_call_that_is_over_is_not_answered(telephone, statements, status):
    answered = telephone.post("/voice/answer", call_facts(CallStatus=status))

    assert (answered.status, answered.verbs) == (200, [])
    assert not statements.writes


@pytest.fixture
def busy_database(services):
    """A database that somebody else holds, with SQLite's longer wait for it cut short."""

    def hurry(connection, _record):
        if services.engine.dialect.name == "sqlite":
            connection.execute("pragma busy_timeout = 50")

    @contextmanager
    def hold():
        with services.engine.begin() as other:
            if services.engine.dialect.name == "postgresql":
                other.execute(text("lock table service_code, call, voicemail"))
            yield

    services.engine.dispose()
    event.listen(services.engine, "connect", hurry)
    yield hold
    event.remove(services.engine, "connect", hurry)
