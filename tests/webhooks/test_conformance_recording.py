"""The carrier's contract, cases 67-74 and 84-87: what is told beside the call."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from lines import ACCOUNT
from signed import CALL, RECORDING, call_facts, recording_event

from voiceline.models import Call, PrivacyRequest, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from webhooks import callbacks

OVER = ["completed", "busy", "failed", "no-answer", "canceled"]
EVIL = [
    f"https://evil.example/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}",
    f"http://169.254.169.254/Recordings/{RECORDING}",
    f"https://api.twilio.com/2010-04-01/Accounts/AC{'f' * 32}/Recordings/{RECORDING}",
    f"https://api.twilio.com@evil.example/Recordings/{RECORDING}",
    f"file:///etc/passwd#/Recordings/{RECORDING}",
]


def test_case_67_a_completed_recording_wakes_one_job(telephone, rows, woken):
    answered = telephone.call_back(telephone.tone())

    (voicemail,) = rows(Voicemail)
    assert (answered.status, answered.text) == (204, "")
    assert woken == [voicemail.id]
    assert voicemail.carrier_id == RECORDING


def test_case_68_told_twice_is_told_once(telephone, rows, woken):
    tone = telephone.tone()

    answers = [telephone.call_back(tone).status for _ in range(2)]

    assert answers == [204, 204]
    assert len(rows(Voicemail)) == len(woken) == 1


def test_case_68_told_twenty_times_at_once_is_once(telephone, rows, woken):
    tone = telephone.tone()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: telephone.call_back(tone).status, range(20)))

    assert answers == [204] * 20
    assert len(rows(Voicemail)) == len(woken) == 1


def test_case_69_a_recording_in_progress_is_no_work(telephone, rows, woken):
    answered = telephone.call_back(telephone.tone(), RecordingStatus="in-progress")

    assert (answered.status, rows(Voicemail), woken) == (204, [], [])


@pytest.mark.parametrize("code", ["16101", "16102"])
def test_case_70_an_absent_recording_keeps_the_keyed_right(telephone, rows, woken, code):
    tone = telephone.tone("1")

    facts = {"RecordingStatus": "absent", "ErrorCode": code, "RecordingDuration": "0"}
    answers = [telephone.call_back(tone, **facts).status for _ in range(2)]

    (request,) = rows(PrivacyRequest)
    assert answers == [204, 204]
    assert request.respond_by > request.received_on
    assert (rows(Voicemail), woken) == ([], [])


def test_case_70_an_absent_recording_may_have_no_id(telephone, rows):
    nameless = {"RecordingSid": "", "RecordingUrl": "", "RecordingDuration": "0"}

    answered = telephone.call_back(telephone.tone("1"), RecordingStatus="absent", **nameless)

    assert (answered.status, len(rows(PrivacyRequest))) == (204, 1)


def test_case_70_an_absent_recording_alone_asks_nothing(telephone, rows):
    telephone.call_back(telephone.tone(), RecordingStatus="absent", RecordingDuration="0")

    assert not rows(PrivacyRequest)


def test_case_71_a_failed_recording_is_filed_and_alarms(telephone, rows, woken, logged):
    tone = telephone.tone("3")

    answered = telephone.call_back(tone, RecordingStatus="failed")

    (voicemail,) = rows(Voicemail)
    assert (answered.status, woken) == (204, [])
    assert voicemail.status == VoicemailStatus.FAILED
    assert len(rows(PrivacyRequest)) == 1
    assert ("error", ("recording.failed",)) in [(one.method_name, one.args) for one in logged.calls]


@pytest.mark.parametrize("status", ["paused", "deleted", "brand-new", "Completed"])
def test_case_72_an_unknown_status_is_noted_only(telephone, rows, logged, status):
    answered = telephone.call_back(telephone.tone(), RecordingStatus=status)

    assert (answered.status, rows(Voicemail)) == (204, [])
    assert [line.args for line in logged.calls] == [("recording.unknown_status",)]


def test_case_73_a_recording_of_an_unknown_call_is_kept(telephone, rows, woken):
    answered = telephone.post("/voice/recording", recording_event())

    (call,) = rows(Call)
    assert answered.status == 204
    assert (call.carrier_id, call.unassigned, call.caller_unknown_because) == (
        CALL,
        True,
        "missing",
    )
    assert len(woken) == len(rows(Voicemail)) == 1


@pytest.mark.parametrize("url", EVIL)
@pytest.mark.parametrize("sid", [RECORDING, ""], ids=["with id", "id from the url"])
def test_case_74_a_recording_url_is_never_kept(telephone, rows, url, sid):
    telephone.call_back(telephone.tone(), RecordingUrl=url, RecordingSid=sid)

    (voicemail,) = rows(Voicemail)
    values = [str(value) for value in vars(voicemail).values()]
    assert voicemail.carrier_id == RECORDING
    assert not [value for value in values if "evil" in value or "://" in value]


@pytest.mark.parametrize("first", ["call-status", "recording"])
def test_case_84_the_end_of_a_call_may_come_first(telephone, rows, first):
    tone = telephone.tone()
    ended = call_facts(CallStatus="completed", CallDuration="42")

    told = [
        lambda: telephone.post("/voice/call-status", ended),
        lambda: telephone.call_back(tone),
    ]
    for tell in (told if first == "call-status" else told[::-1]) * 2:
        assert tell().status == 204

    (call,) = rows(Call)
    (voicemail,) = rows(Voicemail)
    assert call.ended_at is not None
    assert voicemail.status == VoicemailStatus.PENDING


@pytest.mark.parametrize("status", OVER)
def test_case_85_every_way_a_call_ends_closes_it(telephone, rows, status):
    telephone.tone()

    answered = telephone.post("/voice/call-status", call_facts(CallStatus=status))
    ended_at = rows(Call)[0].ended_at
    telephone.post("/voice/call-status", call_facts(CallStatus=status))

    assert answered.status == 204
    assert ended_at is not None
    assert rows(Call)[0].ended_at == ended_at


def test_case_86_nobody_elses_transcript_is_taken(telephone):
    tone = telephone.tone()

    refused = telephone.post("/voice/transcription", call_facts(TranscriptionText="<b>"))

    assert refused.status == 404
    assert "transcribeCallback" not in tone.text
    assert "transcribe=" not in tone.text


@pytest.mark.parametrize("hook", ["recording", "call-status", "fallback/recording"])
def test_case_87_a_status_hook_answers_nothing(telephone, hook):
    answered = telephone.post(f"/voice/{hook}", recording_event(CallStatus="completed"))

    assert (answered.status, answered.text) == (204, "")


def test_a_callback_without_any_recording_is_refused(telephone, rows):
    answered = telephone.call_back(telephone.tone(), RecordingSid="", RecordingUrl="")

    assert (answered.status, answered.text) == (400, "")
    assert not rows(Voicemail)


def test_every_known_status_is_a_word_of_the_contract():
    assert {"completed", "absent", "failed", "in-progress"} == callbacks.KNOWN
