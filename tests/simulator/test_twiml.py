from __future__ import annotations

import pytest

from voiceline.simulator import TwimlError, read_twiml
from voiceline.simulator.verbs import Gather, Hangup, Pause, Play, Record, Redirect, Reject, Say

XML = "text/xml; charset=utf-8"

REFUSED = {
    "larger than 64 kB": (11750, f"<Response><!--{'x' * 65536}--></Response>"),
    "empty": (11770, " \n"),
    "not xml": (12100, "<Response><Say>a & b</Say></Response>"),
    "control character": (12100, "<Response><Say>a\x0bb</Say></Response>"),
    "wrong root": (12102, "<response/>"),
    "attribute on the root": (12102, '<Response x="1"/>'),
    "unknown verb": (12200, "<Response><say>a</say></Response>"),
    "unknown attribute": (12200, '<Response><Gather nunDigits="4"/></Response>'),
    "attribute on Hangup": (12200, '<Response><Hangup now="true"/></Response>'),
    "text among verbs": (12200, "<Response>hello</Response>"),
    "text after a verb": (12200, "<Response><Hangup/>bye</Response>"),
    "verb in Record": (12200, "<Response><Record><Say>a</Say></Record></Response>"),
    "verb in Play": (12200, "<Response><Play>a.wav<Say>a</Say></Play></Response>"),
    "Reject not first": (12200, "<Response><Pause/><Reject/></Response>"),
    "Reject with a wrong reason": (12200, '<Response><Reject reason="rude"/></Response>'),
    "Record in Gather": (13320, "<Response><Gather><Record/></Gather></Response>"),
    "Gather with two finish keys": (13310, '<Response><Gather finishOnKey="#*"/></Response>'),
    "Gather with a letter": (13310, '<Response><Gather finishOnKey="a"/></Response>'),
    "Gather by PUT": (13312, '<Response><Gather method="PUT"/></Response>'),
    "Gather without time": (13313, '<Response><Gather timeout="0"/></Response>'),
    "Gather with a fraction": (13313, '<Response><Gather timeout="1.5"/></Response>'),
    "Gather without digits": (13314, '<Response><Gather numDigits="0"/></Response>'),
    "Gather with a python boolean": (
        13338,
        '<Response><Gather actionOnEmptyResult="True"/></Response>',
    ),
    "Gather of another input": (12200, '<Response><Gather input="voice"/></Response>'),
    "action that is no address": (11100, '<Response><Gather action="/a b"/></Response>'),
    "action by ftp": (11100, '<Response><Gather action="ftp://x/"/></Response>'),
    "action with a bad fragment": (11100, '<Response><Gather action="/a#rt=99999"/></Response>'),
    "Play without an address": (13420, "<Response><Play/></Response>"),
    "Play a thousand and one times": (13410, '<Response><Play loop="1001">a.wav</Play></Response>'),
    "Say minus once": (13510, '<Response><Say loop="-1">a</Say></Response>'),
    "Say nothing": (13520, "<Response><Say> </Say></Response>"),
    "Say too much": (13520, f"<Response><Say>{'a' * 4097}</Say></Response>"),
    "unknown voice": (13511, '<Response><Say voice="Polly.Nobody">a</Say></Response>'),
    "voice of another language": (
        13511,
        '<Response><Say voice="Polly.Lupe" language="en-US">a</Say></Response>',
    ),
    "Google voice of another language": (
        13511,
        '<Response><Say voice="Google.es-US-Neural2-A" language="en-US">a</Say></Response>',
    ),
    "man who speaks no es-US": (
        13511,
        '<Response><Say voice="man" language="es-US">a</Say></Response>',
    ),
    "unknown element in Say": (12200, "<Response><Say><b>a</b></Say></Response>"),
    "unknown attribute in Say": (12200, '<Response><Say><p x="1">a</p></Say></Response>'),
    "break that is too long": (12200, '<Response><Say>a<break time="11s"/></Say></Response>'),
    "Record for one second": (13612, '<Response><Record maxLength="1"/></Response>'),
    "Record for too long": (13612, '<Response><Record maxLength="14401"/></Response>'),
    "Record with a negative timeout": (13611, '<Response><Record timeout="-1"/></Response>'),
    "Record until a letter": (13613, '<Response><Record finishOnKey="x"/></Response>'),
    "Record with a maybe beep": (13616, '<Response><Record playBeep="maybe"/></Response>'),
    "Record that transcribes perhaps": (13614, '<Response><Record transcribe="yes"/></Response>'),
    "Record that transcribes too much": (
        13615,
        '<Response><Record transcribe="true" maxLength="121"/></Response>',
    ),
    "transcribeCallback alone": (
        13614,
        '<Response><Record transcribeCallback="/t"/></Response>',
    ),
    "events as a python list": (
        12200,
        "<Response><Record recordingStatusCallbackEvent=\"['completed']\"/></Response>",
    ),
    "Record with another trim": (12200, '<Response><Record trim="all"/></Response>'),
    "Redirect to nowhere": (13710, "<Response><Redirect/></Response>"),
    "Redirect by DELETE": (13710, '<Response><Redirect method="DELETE">/a</Redirect></Response>'),
    "Pause backwards": (13910, '<Response><Pause length="-1"/></Response>'),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_twilio_warns_about_is_refused(why):
    code, body = REFUSED[why]

    with pytest.raises(TwimlError) as refused:
        read_twiml(body.encode(), XML)

    assert refused.value.code == code


@pytest.mark.parametrize("content_type", ["", "text/html", "text/plain", "application/json"])
def test_other_content_types_are_refused(content_type):
    body = b"<Response/>"

    with pytest.raises(TwimlError) as refused:
        read_twiml(body, content_type)

    assert refused.value.code == 12300


def test_verbs_have_the_defaults_of_the_contract():
    body = "<Response><Gather/><Record/><Pause/><Redirect>/next</Redirect><Hangup/></Response>"

    document = read_twiml(body.encode(), XML)

    assert document.verbs == (Gather(), Record(), Pause(1), Redirect("/next"), Hangup())
    assert (Gather().timeout, Gather().finish_on_key, Gather().num_digits) == (5, "#", None)
    assert (Record().timeout, Record().max_length, Record().trim) == (5, 3600, "trim-silence")


def test_every_attribute_arrives_in_its_field():
    gather = (
        '<Gather action="/code#rc=2&amp;rp=ct,rt" method="GET" input="dtmf speech" timeout="7"'
        ' finishOnKey="" numDigits="8" actionOnEmptyResult="true"><Pause length="2"/></Gather>'
    )
    record = (
        '<Record action="/done" timeout="10" finishOnKey="#" maxLength="600" playBeep="false"'
        ' trim="do-not-trim" recordingStatusCallback="https://example.test/r"'
        ' recordingStatusCallbackEvent="in-progress completed absent"/>'
    )

    first, second = read_twiml(f"<Response>{gather}{record}</Response>".encode(), XML).verbs

    assert first == Gather(
        (Pause(2),), "/code#rc=2&rp=ct,rt", "GET", ("dtmf", "speech"), 7, "", 8, True
    )
    assert (second.finish_on_key, second.max_length, second.play_beep) == ("#", 600, False)
    assert second.recording_status_callback_event == ("in-progress", "completed", "absent")


def test_ssml_becomes_what_a_listener_hears():
    body = (
        '<Response><Say voice="Polly.Joanna-Neural"><s>One.</s><s>Call '
        '<say-as interpret-as="telephone">555</say-as></s><break time="1500ms"/>'
        '<sub alias="doctor">Dr.</sub> <prosody rate="slow">No</prosody></Say></Response>'
    )

    (say,) = read_twiml(body.encode(), XML).verbs

    assert say == Say("One. Call 555 doctor No", "Polly.Joanna-Neural", breaks=1.5)


def test_long_transcription_has_its_own_default():
    body = b'<Response><Record transcribe="true"/></Response>'

    (record,) = read_twiml(body, XML).verbs

    assert record.max_length == 120


def test_play_and_reject_are_read():
    play = b'<Response><Play loop="2">https://example.test/a.wav</Play></Response>'
    tones = b'<Response><Play digits="1w2"/></Response>'
    reject = b'<Response><Reject reason="busy"/></Response>'

    read = [read_twiml(body, "application/xml").verbs[0] for body in (play, tones, reject)]

    assert read == [Play("https://example.test/a.wav", 2), Play("", 1, "1w2"), Reject("busy")]
