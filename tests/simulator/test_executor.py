from __future__ import annotations

import pytest
from flask import Response, redirect, request
from twilio.request_validator import RequestValidator

from voiceline.simulator import Number, SharedKey
from voiceline.simulator.signature import Signer

STANDARD = {
    "AccountSid ApiVersion CallSid CallStatus CallToken Direction StirVerstat",
    "From FromCity FromState FromZip FromCountry Caller CallerCity CallerState CallerZip",
    "To ToCity ToState ToZip ToCountry Called CalledCity CalledState CalledZip",
    "CallerCountry CalledCountry",
}


@pytest.fixture
def fallback(line):
    """Give the number a fallback URL."""
    (number,) = line.carrier.numbers()
    line.carrier.update_number(number.sid, {"voice_fallback_url": f"{line.url}/fallback"})
    line.answer("/fallback", "<Say>Something is wrong, please leave a message.</Say>")


def test_the_first_request_is_ringing_with_all_parameters(line):
    line.answer("/answer", "<Redirect>/next</Redirect>")

    record = line.call()

    (first,), (second,) = line.asked("/answer"), line.asked("/next")
    assert set(first.params) == set(" ".join(STANDARD).split())
    assert (first.params["CallStatus"], second.params["CallStatus"]) == ("ringing", "in-progress")
    assert first.params["CallSid"] == second.params["CallSid"] == record.call_id
    assert first.method == "POST"


def test_every_request_is_signed(line, tone):
    line.answer("/answer", '<Gather action="/code?a=%2Fb%3Ac&amp;d=1"/>')
    line.answer("/code", '<Record action="/done" recordingStatusCallback="/told"/>')

    line.call(keys=("1#",), say=tone(1), end="#")
    line.carrier.drain(10)

    assert {one.path for one in line.received} == {"/answer", "/code", "/done", "/told", "/ended"}
    assert all(one.signed for one in line.received)


def test_a_shared_key_signs_in_place_of_the_token(line):
    line.carrier.signer = Signer("not used", SharedKey("KS7", "shared secret"))

    line.call()

    (first,) = line.asked("/answer")
    validator = RequestValidator("shared secret")
    signature = first.headers["X-Twilio-Signature"]
    assert validator.validate(first.url, first.params, signature, algorithm="HMAC_SHA256")
    settings = first.headers["X-Twilio-Webhooks-Signature-Settings"]
    assert settings == "key=KS7,algorithm=HMAC_SHA256"


def test_a_withheld_number_names_no_place(line):
    line.answer("/answer", "<Hangup/>")

    line.call(number="anonymous")

    params = line.params("/answer")[0]
    assert (params["From"], params["FromCountry"], params["ToCountry"]) == ("anonymous", "", "US")


def test_running_off_the_end_hangs_up(line):
    line.answer("/answer", "<Say>Hello.</Say>")

    record = line.call()

    assert record.outcome == "completed"
    assert record.texts == ("Hello.",)


def test_verbs_after_hangup_are_not_reached(line):
    line.answer("/answer", "<Say>One.</Say><Hangup/><Say>Two.</Say>")

    record = line.call()

    assert record.texts == ("One.",)


def test_the_end_of_a_call_is_told(line):
    line.answer("/answer", '<Pause length="65"/>')

    record = line.call()
    line.carrier.drain(10)

    (ended,) = line.params("/ended")
    assert (ended["CallStatus"], ended["CallDuration"], ended["Duration"]) == (
        "completed",
        "65",
        "2",
    )
    assert ended["CallSid"] == record.call_id
    assert ended["CallbackSource"] == "call-progress-events"


@pytest.mark.parametrize(("reason", "status"), [("rejected", "no-answer"), ("busy", "busy")])
def test_a_rejected_call_is_never_answered(line, reason, status):
    line.answer("/answer", f'<Reject reason="{reason}"/>')

    record = line.call()
    line.carrier.drain(10)

    assert record.outcome == reason
    (ended,) = line.params("/ended")
    assert (ended["CallStatus"], ended["CallDuration"]) == (status, "0")


def test_reject_after_the_answer_is_refused(line):
    line.answer("/answer", "<Say>Hello.</Say><Redirect>/late</Redirect>")
    line.answer("/late", "<Reject/>")

    record = line.call()

    assert record.outcome == "carrier_error_message"


def test_an_unknown_number_does_not_connect(line):
    record = line.call(to="+18005550000")

    assert record.outcome == "no_such_number"
    assert line.received == []


BROKEN = {
    "status": (11200, lambda _: ("no", 404)),
    "xml": (12100, lambda _: "<Response>"),
    "type": (12300, lambda _: Response("<Response/>", mimetype="text/html")),
    "size": (11750, lambda _: f"<Response><!--{'x' * 70000}--></Response>"),
    "chunked": (11206, lambda _: Response(iter([b"<Response/>"]), mimetype="text/xml")),
    "empty": (11770, lambda _: Response("", mimetype="text/xml")),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_failing_answer_leads_to_the_fallback(line, fallback, what):
    code, line.answers["/answer"] = BROKEN[what]

    record = line.call()

    (told,) = line.params("/fallback")
    assert (told["ErrorCode"], told["ErrorUrl"]) == (str(code), f"{line.url}/answer")
    assert told["CallSid"] == record.call_id
    assert record.outcome == "completed"
    assert record.texts == ("Something is wrong, please leave a message.",)


def test_without_fallback_the_carrier_apologises(line):
    line.answers["/answer"] = ("no", 500)

    record = line.call()

    assert record.outcome == "carrier_error_message"
    assert [alert.code for alert in line.carrier.alerts] == [11200]


def test_a_failing_fallback_is_not_tried_twice(line, fallback):
    line.answers["/answer"] = line.answers["/fallback"] = ("no", 500)

    record = line.call()

    assert record.outcome == "carrier_error_message"
    assert len(line.asked("/fallback")) == 1


def test_nobody_listening_leads_to_the_apology(line, config):
    dead = Number("+18005550111", "http://127.0.0.1:9/answer")
    line.carrier._numbers[dead.phone_number] = dead

    record = line.call(to=dead.phone_number)

    assert record.outcome == "carrier_error_message"
    requests = [event for event in record.events if event.kind == "request"]
    assert [event.detail["attempt"] for event in requests] == [1, 2]


def test_a_redirected_action_loses_its_digits(line):
    line.answer("/answer", '<Gather action="/code/"/>')
    line.answers["/code/"] = lambda _: redirect("/code", 308)
    line.answer("/code", "<Say>Which code?</Say>")

    record = line.call(keys=("1234#",))

    (followed,) = line.asked("/code")
    assert (followed.method, followed.body, followed.signed) == ("GET", b"", True)
    assert "Digits" not in followed.params
    assert record.texts == ("Which code?",)


def test_addresses_are_relative_to_the_last_document(line):
    line.answer("/answer", "<Redirect>deep/er/one</Redirect>")
    line.answer("/deep/er/one", '<Redirect method="GET">two?x=1</Redirect>')

    line.call()

    (second,) = line.asked("/deep/er/two")
    assert (second.method, second.params["x"], second.signed) == ("GET", "1", True)


def test_a_call_in_circles_is_cut_off(line):
    line.answer("/answer", "<Redirect>/answer</Redirect>")

    record = line.call()

    assert record.outcome == "cut_off"


def test_hanging_up_at_a_step_ends_the_call_there(line):
    line.answer("/answer", '<Gather action="/code"><Say>The code, please.</Say></Gather>')
    line.answer("/code", "<Say>Welcome.</Say><Redirect>/more</Redirect>")

    record = line.call(keys=("1#",), hang_up_at="code")
    line.carrier.drain(10)

    assert record.outcome == "caller_hung_up"
    assert (record.heard[-1].text, record.heard[-1].whole) == ("Welcome.", False)
    assert line.asked("/more") == []
    assert line.params("/ended")[0]["CallStatus"] == "completed"


def test_hanging_up_at_the_second_visit(line):
    line.answer("/answer", '<Gather action="/answer" actionOnEmptyResult="true"/>')

    record = line.call(hang_up_at="answer:2")

    assert len(line.asked("/answer")) == 2
    assert record.outcome == "caller_hung_up"


def test_events_arrive_while_the_call_runs(line):
    seen = []
    line.answers["/answer"] = lambda _: (seen.append("answered"), "<Response/>")[1]

    record = line.call(on_event=lambda event: seen.append(event.kind))

    assert seen[:3] == ["ringing", "answered", "request"]
    assert tuple(kind for kind in seen if kind != "answered") == record.kinds()
    assert record.events[1].detail["twiml"] == "<Response/>"
    assert record.events[-1].detail["outcome"] == "completed"


def test_the_host_is_the_one_that_was_called(line):
    hosts = []
    line.answers["/answer"] = lambda _: (hosts.append(request.host_url), "<Response/>")[1]

    line.call()

    assert hosts == [f"{line.url}/"]
