"""Bad input at the carrier's door, W1-W16, W28, W40, W42 and W43: before anything is believed."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from lines import ACCOUNT
from signed import BASE, FORM, call_facts, recording_event, signature

from voiceline.models import Call, Voicemail

ANSWER = "/voice/answer"
RINGING = call_facts(CallStatus="ringing")


@pytest.fixture(autouse=True)
def _nothing_is_written(request, rows):
    """Whatever is tried here, no row comes of it."""
    yield
    assert not rows(Call)
    assert not rows(Voicemail)


def test_w01_no_signature(telephone):
    refused = telephone.send(
        "/voice/recording", method="POST", data=urlencode(recording_event()), content_type=FORM
    )

    assert (refused.status, refused.text) == (403, "")


def test_w02_wrong_signature(telephone):
    assert telephone.post("/voice/code", call_facts(Digits="4021"), token="x").status == 403


@pytest.mark.parametrize("other", ["/voice/code", "/voice/Answer", "/voice/answer%20"])
def test_w03_a_signature_of_another_path(telephone, other):
    assert telephone.post(ANSWER, RINGING, url=BASE + other).status == 403


@pytest.mark.parametrize(
    "base", ["http://voice.example.com", BASE + ":8443", "https://VOICE.example.com:444"]
)
def test_w04_a_signature_of_another_scheme_or_port(telephone, base):
    assert telephone.post(ANSWER, RINGING, url=base + ANSWER).status == 403


def test_w05_an_extra_slash_at_the_end(telephone):
    assert telephone.post(ANSWER, RINGING, url=BASE + ANSWER + "/").status == 403


def test_w06_a_query_in_another_order(telephone):
    refused = telephone.post(ANSWER + "?a=1&b=2", RINGING, url=BASE + ANSWER + "?b=2&a=1")

    assert refused.status == 403


@pytest.mark.parametrize(("hours", "status"), [(1, 200), (-1, 403)], ids=["during", "after"])
def test_w07_the_token_before_the_rotation(carrier_settings, build_telephone, hours, status):
    until = datetime.now(UTC) + timedelta(hours=hours)
    carrier_settings.setenv("VOICELINE_TWILIO_PREVIOUS_AUTH_TOKEN", "the token before")
    carrier_settings.setenv("VOICELINE_TWILIO_PREVIOUS_AUTH_TOKEN_UNTIL", until.isoformat())
    telephone = build_telephone()

    assert telephone.post(ANSWER, RINGING, token="the token before").status == status


@pytest.mark.parametrize("path", [ANSWER, "/voice/message", "/voice/call-status"])
def test_w09_get_instead_of_post(telephone, path):
    signed = signature(BASE + path, [])

    assert telephone.send(path, headers={"X-Twilio-Signature": signed}).status == 405


@pytest.mark.parametrize("signed_as", [[], list(RINGING.items())], ids=["url", "form"])
def test_w10_json_that_the_url_does_not_name(telephone, signed_as):
    refused = telephone.post(ANSWER, signed_as, data=b"{}", content_type="application/json")

    assert refused.status == 403


def test_w11_json_that_the_url_names_wrongly(telephone):
    path = f"{ANSWER}?bodySHA256={hashlib.sha256(b'{}').hexdigest()}"

    refused = telephone.post(path, [], data=b'{"a": 1}', content_type="application/json")

    assert refused.status == 403


@pytest.mark.parametrize("kind", [FORM, "", "text/plain", "application/json"])
def test_w12_an_empty_body(telephone, kind):
    assert telephone.post(ANSWER, [], data=b"", content_type=kind).status in {400, 403}


def test_w14_a_body_of_a_megabyte(telephone):
    assert telephone.post(ANSWER, RINGING | {"A": "x" * 1_000_000}).status == 413


def test_w15_two_thousand_parameters(telephone):
    pairs = [*RINGING.items(), *((f"p{number}", "") for number in range(2000))]

    assert telephone.post(ANSWER, pairs).status == 413


@pytest.mark.parametrize("body", [b"Digits=%ff%fe", b"Digits=\xff", b"%c3=1", b"a=%ed%a0%80"])
def test_w16_bytes_that_are_no_text(telephone, body):
    refused = telephone.post(ANSWER, RINGING, data=urlencode(RINGING).encode() + b"&" + body)

    assert (refused.status, refused.text) == (400, "")


@pytest.mark.parametrize("account", ["AC" + "9" * 32, "", ACCOUNT + " x"])
def test_w28_an_account_that_is_not_ours(telephone, account):
    assert telephone.post(ANSWER, RINGING | {"AccountSid": account}).status == 403


@pytest.mark.parametrize("path", [ANSWER, "/voice/fallback", "/voice/recording"])
def test_w40_another_method(telephone, path):
    methods = ["HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH"]

    refused = [telephone.send(path, method=method) for method in methods]

    assert {(one.status, one.text) for one in refused} == {(405, "")}


@pytest.mark.parametrize("host", ["evil.example", "voice.example.com.evil.example", "a@b", "x y"])
def test_w42_another_host(telephone, host):
    signed = telephone.post(ANSWER, RINGING, headers={"Host": host})
    unsigned = telephone.send(ANSWER, method="POST", headers={"Host": host})
    public = telephone.send("/media/takes/x.wav", headers={"Host": host})

    assert signed.status == 400
    assert unsigned.status in {400, 403}
    assert public.status in {400, 403, 404}
    assert "evil" not in signed.text + unsigned.text + public.text


def test_w43_fifty_proxies(telephone):
    hops = ", ".join(f"203.0.113.{number}" for number in range(50))

    answered = telephone.post(ANSWER, RINGING, headers={"X-Forwarded-For": hops})

    assert answered.verbs == ["Gather", "Redirect"]
