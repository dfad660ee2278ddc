"""What every request to the carrier withstands, whichever it is."""

from __future__ import annotations

import logging

import pytest
from examples.carrier import ABSENT, AT, carrier_source
from fakes.carrier import ACCOUNT, TOKEN, fake_carrier
from fakes.wav import silence
from flask import Response

from voiceline.adapters.twilio_http import make_twilio_client
from voiceline.errors import PermanentFailure, SettingsError, TemporaryFailure


def test_too_many_requests_say_how_long_to_wait(carrier, source):
    carrier.answer = lambda: Response('{"code": 20429}', 429, {"Retry-After": "7"})

    with pytest.raises(TemporaryFailure) as failure:
        source.fetch(ABSENT)

    assert failure.value.retry_after == 7


@pytest.mark.parametrize("wait", ["soon", "-3", "", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_an_odd_retry_after_is_ignored(carrier, source, wait):
    carrier.answer = lambda: Response("{}", 503, {"Retry-After": wait})

    with pytest.raises(TemporaryFailure) as failure:
        source.fetch(ABSENT)

    assert failure.value.retry_after is None


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize("verb", ["fetch", "delete", "call", "list"])
def test_a_failing_carrier_is_tried_again_later(carrier, source, status, verb):
    carrier.answer = lambda: Response("oops", status)

    with pytest.raises(TemporaryFailure):
        _ask(source, verb)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("verb", ["fetch", "delete", "call", "list"])
def test_refused_credentials_name_the_setting(carrier, source, status, verb):
    carrier.answer = lambda: Response("{}", status)

    with pytest.raises(PermanentFailure, match="VOICELINE_TWILIO_AUTH_TOKEN"):
        _ask(source, verb)


@pytest.mark.parametrize("verb", ["delete", "call", "list"])
def test_a_refused_request_is_not_repeated(carrier, source, verb):
    carrier.answer = lambda: Response('{"code": 20001, "message": "no"}', 400)

    with pytest.raises(PermanentFailure, match="400"):
        _ask(source, verb)


@pytest.mark.parametrize("verb", ["call", "list"])
@pytest.mark.parametrize("body", ["<html>", "[]", "{}", "null", '{"a": 1, "b": 2}'])
def test_an_unreadable_list_or_call_is_temporary(carrier, source, verb, body):
    carrier.answer = lambda: Response(body, content_type="application/json")

    with pytest.raises(TemporaryFailure):
        _ask(source, verb)


def test_the_previous_token_works_during_a_rotation(carrier):
    sid = carrier.record("1", silence(), AT)
    source = carrier_source(carrier, password="not-yet-valid", previous_password=TOKEN)

    source.fetch(sid)
    source.delete(sid)

    assert [password for _, _, password in carrier.seen] == ["not-yet-valid", TOKEN, TOKEN]


def test_a_carrier_that_is_down_is_temporary():
    with fake_carrier() as carrier:
        source = carrier_source(carrier)

    with pytest.raises(TemporaryFailure, match="cannot be reached"):
        source.fetch(ABSENT)


@pytest.mark.parametrize(
    ("account_sid", "username", "passwords"),
    [("AC1", "AC1", ("x",)), (ACCOUNT, "", ("x",)), (ACCOUNT, ACCOUNT, ("", ""))],
    ids=["malformed-account", "no-user-name", "no-token"],
)
def test_half_a_credential_refuses_to_start(account_sid, username, passwords):
    with pytest.raises(SettingsError):
        make_twilio_client(account_sid=account_sid, username=username, passwords=passwords)


def test_nothing_of_the_carriers_traffic_is_logged(carrier, source, caplog):
    caplog.set_level(logging.DEBUG)
    carrier.calls["CA" + "1" * 32] = {"sid": "CA" + "1" * 32, "from": "+12025550123"}

    _ask(source, "call")
    _ask(source, "list")

    assert not [record for record in caplog.records if "twilio" in record.name]
    assert TOKEN not in caplog.text
    assert "2025550123" not in caplog.text


def _ask(source, verb):
    verbs = {
        "fetch": lambda: source.fetch(ABSENT),
        "delete": lambda: source.delete(ABSENT),
        "call": lambda: source.call("CA" + "1" * 32),
        "list": lambda: list(source.list_since(AT)),
    }
    return verbs[verb]()
