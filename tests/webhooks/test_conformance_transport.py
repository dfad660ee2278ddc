"""The carrier's contract, cases 1, 13-18 and 27-32: what a request may look like."""

from __future__ import annotations

import hashlib
import json

import pytest
from signed import ACCOUNT, BASE, CALL, call_facts, signature

from voiceline.models import Call
from voiceline.simulator import read_twiml

ANSWER, CODE = "/voice/answer", "/voice/code"
HOOKS = (
    *("/voice/" + name for name in ("answer", "code", "greeting", "right", "status")),
    *("/voice/" + name for name in ("message", "review", "receipt", "recording", "call-status")),
    *("/voice/fallback" + name for name in ("", "/message", "/recording")),
)
RINGING = call_facts(CallStatus="ringing")


def test_the_hooks_tested_here_are_all_there_are(telephone):
    rules = {rule.rule for rule in telephone.app.url_map.iter_rules()}

    assert {rule for rule in rules if rule.startswith("/voice/")} == set(HOOKS)


def test_case_01_a_signed_call_is_answered_in_twiml(telephone):
    answered = telephone.post(ANSWER, RINGING)

    assert answered.status == 200
    assert answered.response.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert int(answered.response.headers["Content-Length"]) == len(answered.response.data) < 65536
    assert read_twiml(answered.response.data, "text/xml").verbs


def test_case_13_digits_given_twice_are_not_picked_from(telephone, rows):
    pairs = [*call_facts().items(), ("Digits", "4021"), ("Digits", "3077")]

    answered = telephone.post(CODE, pairs)

    assert answered.verbs == ["Gather", "Redirect"]
    assert "did not get a code" in answered.said
    assert not rows(Call)


def test_case_14_an_unknown_signed_parameter_is_welcome(telephone):
    answered = telephone.post(ANSWER, RINGING | {"FooBar": "x", "Ümlaut": "é&=+ 日本"})

    assert answered.verbs == ["Gather", "Redirect"]


def test_case_15_an_unsigned_parameter_is_refused(telephone):
    signed = signature(BASE + ANSWER, list(RINGING.items()))

    refused = telephone.post(
        ANSWER, RINGING | {"Digits": "1"}, headers={"X-Twilio-Signature": signed}
    )

    assert refused.status == 403


def test_case_16_blank_parameters_are_signed_too(telephone):
    answered = telephone.post(ANSWER, RINGING | {"FromCity": "", "FromState": "", "ToZip": ""})

    assert answered.verbs == ["Gather", "Redirect"]


def test_case_17_get_is_not_for_the_carrier(telephone):
    paths = [f"{hook}?AccountSid={ACCOUNT}&CallSid={CALL}" for hook in HOOKS]
    signed = {path: {"X-Twilio-Signature": signature(BASE + path, [])} for path in paths}

    refused = {path: telephone.send(path, headers=signed[path]) for path in paths}

    assert {(one.status, one.text) for one in refused.values()} == {(405, "")}


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_case_18_other_methods_are_refused(telephone, method):
    refused = [telephone.send(hook, method=method) for hook in HOOKS]

    assert {(one.status, one.text) for one in refused} == {(405, "")}


def test_case_27_a_body_over_the_limit_is_refused(telephone):
    just_over = RINGING | {"FooBar": "x" * 65536}

    assert telephone.post(ANSWER, just_over).status == 413
    assert telephone.post(ANSWER, RINGING | {"FooBar": "x" * 60000}).status == 200


def test_case_28_json_is_no_form(telephone):
    body = json.dumps(RINGING).encode()
    path = f"{ANSWER}?bodySHA256={hashlib.sha256(body).hexdigest()}"

    refused = telephone.post(path, [], data=body, content_type="application/json")

    assert (refused.status, refused.text) == (415, "")


def test_case_29_multipart_is_no_form(telephone):
    body = b'--x\r\nContent-Disposition: form-data; name="CallSid"\r\n\r\nCA1\r\n--x--\r\n'
    path = f"{ANSWER}?bodySHA256={hashlib.sha256(body).hexdigest()}"

    refused = telephone.post(path, [], data=body, content_type="multipart/form-data; boundary=x")

    assert (refused.status, refused.text) == (415, "")


@pytest.mark.parametrize("written", ["{}/", "{}//", "{}/.", "/{}", "/.{}"])
def test_case_30_no_spelling_of_a_hook_redirects(telephone, written):
    paths = [written.format(hook) for hook in HOOKS]

    answers = [
        telephone.post("/x", RINGING, url=BASE + path, environ_overrides={"PATH_INFO": path})
        for path in paths
    ]

    assert {one.status for one in answers} <= {403, 404}
    assert {one.text for one in answers} == {""}


def test_case_30_a_doubled_slash_does_not_redirect(telephone):
    paths = [hook.replace("/voice/", "/voice//") for hook in HOOKS]

    answers = [telephone.post(path, RINGING) for path in paths]

    assert {(one.status, one.text) for one in answers} == {(404, "")}


@pytest.mark.parametrize("call_id", ["CA'--", "", "../../etc", "CA" + "1" * 65, "CA\u0661"])
def test_case_31_a_malformed_call_id_is_refused(telephone, statements, call_id):
    refused = telephone.post(ANSWER, RINGING | {"CallSid": call_id})

    assert (refused.status, refused.text) == (400, "")
    assert not statements.seen


def test_case_31_unsigned_comes_before_malformed(telephone):
    refused = telephone.post(ANSWER, RINGING | {"CallSid": "CA'--"}, token="wrong")

    assert refused.status == 403


def test_case_32_control_characters_are_stored_cleaned(telephone, rows):
    greeting = telephone.reach(StirVerstat="TN-\x00Val\x1b[31m\u202eid", CallerName="\x00\x07Eve")

    (call,) = rows(Call)
    assert greeting.status == 200
    assert call.attestation == "TN-Val[31mid"
