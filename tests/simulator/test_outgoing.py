"""Calls placed over the REST API, with Twilio's own client: the document is the caller."""

from __future__ import annotations

import time

import pytest
from simulator.test_rest import ACCOUNT, LoopbackClient
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from voiceline.simulator import Faults
from voiceline.simulator.audio import read_wav, seconds_of

FROM = "+14155550160"
TO = "+18005550199"
GATHER = '<Gather action="/keyed" finishOnKey="#" timeout="5"><Pause length="3"/></Gather>'


@pytest.fixture
def config(config):
    return lambda **changes: config(verified=(FROM,), **changes)


@pytest.fixture
def client(base_url):
    made = LoopbackClient(base_url)
    yield Client(ACCOUNT, "token-of-the-tests", http_client=made)
    made.session.close()


@pytest.fixture
def place(client):
    """Place a call with this document and answer it when it is over."""

    def make(twiml, to=TO, **more):
        call = client.calls.create(to=to, from_=FROM, twiml=f"<Response>{twiml}</Response>", **more)
        for _ in range(500):
            call = client.calls(call.sid).fetch()
            if call.end_time is not None:
                return call
            time.sleep(0.02)
        raise AssertionError("the call did not end")

    return make


def test_keys_of_the_document_are_keyed_on_the_line(line, place):
    line.answer("/answer", GATHER)
    line.answer("/keyed", "<Hangup/>")

    call = place('<Play digits="ww40w21#"/><Pause length="20"/>')

    (keyed,) = line.params("/keyed")
    assert keyed["Digits"] == "4021"
    assert keyed["From"] == FROM
    assert (call.status, call.direction) == ("completed", "outbound-api")


def test_the_other_end_is_a_call_of_its_own(line, place):
    line.answer("/answer", "<Hangup/>")

    call = place('<Pause length="5"/>')

    (asked,) = line.params("/answer")
    assert asked["CallSid"] != call.sid
    assert asked["Direction"] == "inbound"
    assert all(one.signed for one in line.received)


def test_a_file_is_played_into_the_recording(line, place, tone):
    line.answer("/answer", '<Record action="/done" finishOnKey="#"/>')
    line.answers["/said.wav"] = _wav(tone(3))

    place(f'<Pause length="1"/><Play>{line.url}/said.wav</Play><Play digits="#"/>')

    (recording,) = line.carrier.store.recordings()
    heard = read_wav(line.carrier.store.media(recording.sid))
    assert 2.9 < seconds_of(heard) < 3.1
    assert line.params("/done")[0]["Digits"] == "#"


def test_keys_that_nobody_waits_for_are_lost(line, place):
    line.answer("/answer", f'<Pause length="4"/>{GATHER}')
    line.answer("/keyed", "<Hangup/>")

    place('<Play digits="12"/><Pause length="5"/><Play digits="3#"/><Pause length="9"/>')

    assert line.params("/keyed")[0]["Digits"] == "3"


def test_the_caller_hangs_up_at_the_end_of_the_document(line, place):
    line.answer("/answer", '<Record action="/done" timeout="0"/>')

    call = place('<Pause length="7"/>')

    assert line.params("/done")[0]["Digits"] == "hangup"
    assert call.status == "completed"


def test_a_time_limit_ends_the_call(line, place):
    line.answer("/answer", '<Pause length="300"/>')

    call = place('<Pause length="200"/>', time_limit=60)

    assert int(call.duration) <= 60


def test_a_number_of_nobody_fails(line, place):
    call = place("<Hangup/>", to="+18005550111")

    assert call.status == "failed"
    assert not line.received


@pytest.mark.parametrize(
    ("knob", "status"), [("outgoing_busy", "busy"), ("outgoing_unanswered", "no-answer")]
)
def test_a_line_that_does_not_answer_is_told(line, place, knob, status):
    line.carrier.set_faults(Faults(**{knob: 1}))

    call = place("<Hangup/>")

    assert call.status == status
    assert call.start_time is None
    assert not line.received


def test_a_line_that_rejects_is_told(line, place):
    line.answer("/answer", '<Reject reason="busy"/>')

    assert place('<Pause length="5"/>').status == "busy"


@pytest.mark.parametrize(
    ("twiml", "code"),
    [
        ("<Response><Play", 12100),
        ("<Response><Dance/></Response>", 12200),
        ('<Response><Pause length="no"/></Response>', 13910),
    ],
)
def test_a_document_that_cannot_be_read_is_in_the_debugger(line, client, twiml, code):
    client.calls.create(to=TO, from_=FROM, twiml=twiml)

    for _ in range(200):
        if line.carrier.alerts:
            break
        time.sleep(0.02)
    assert line.carrier.alerts[0].code == code
    assert not line.received


def test_sound_that_cannot_be_had_ends_the_call(line, place):
    place(f"<Play>{line.url}/nothing.wav</Play>")

    assert line.carrier.alerts[0].code == 13420


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to": ""}, 21201),
        ({"to": "911 please"}, 21211),
        ({"from_": ""}, 21213),
        ({"from_": "somebody"}, 21212),
        ({"from_": "+14155550199"}, 21210),
        ({"twiml": ""}, 21205),
        ({"twiml": "<Response><Record/></Response>"}, 20001),
        ({"twiml": f"<Response><Say>{'x' * 4001}</Say></Response>"}, 20001),
        ({"time_limit": 0}, 20001),
    ],
)
def test_a_call_that_cannot_be_placed_is_refused(client, changed, code):
    wanted = {"to": TO, "from_": FROM, "twiml": "<Response/>"} | changed

    with pytest.raises(TwilioRestException) as refused:
        client.calls.create(**wanted)

    assert refused.value.code == code


def _wav(audio):
    from flask import Response  # noqa: PLC0415 - what the application of the tests answers

    return lambda _: Response(audio, mimetype="audio/wav")
