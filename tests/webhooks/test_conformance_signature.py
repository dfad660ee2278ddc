"""The carrier's contract, cases 2-12 and 19-26: who may speak to the telephone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from lines import ACCOUNT
from signed import BASE, FORM, call_facts, signature

ANSWER = "/voice/answer"
RINGING = call_facts(CallStatus="ringing")
STATE = "?s=a%2Fb%3Ac%C3%A9"


@pytest.mark.parametrize("path", [ANSWER, "/voice/recording", "/voice/fallback", "/voice/message"])
def test_case_02_no_signature_writes_nothing(telephone, statements, path):
    refused = telephone.send(path, method="POST", data="CallSid=CA1&From=x", content_type=FORM)

    assert (refused.status, refused.text) == (403, "")
    assert not statements.seen


def test_case_03_wrong_signature_is_refused(telephone):
    refused = telephone.post(ANSWER, RINGING, token="another token")

    assert (refused.status, refused.text) == (403, "")


def test_case_04_empty_signature_is_refused(telephone):
    refused = telephone.post(ANSWER, RINGING, headers={"X-Twilio-Signature": ""})

    assert (refused.status, refused.text) == (403, "")


def test_case_05_signature_beyond_ascii_is_refused(telephone):
    refused = telephone.post(ANSWER, RINGING, headers={"X-Twilio-Signature": "caf\xe9\xff="})

    assert (refused.status, refused.text) == (403, "")


def test_case_06_signed_for_https_behind_a_proxy_counts(telephone):
    headers = {"X-Forwarded-Proto": "https"}

    answered = telephone.post(ANSWER, RINGING, base_url="http://voice.example.com", headers=headers)

    assert answered.verbs == ["Gather", "Redirect"]


def test_case_07_a_forwarded_host_cannot_choose_the_url(telephone):
    headers = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}

    refused = telephone.post(ANSWER, RINGING, url="http://evil.example" + ANSWER, headers=headers)

    assert (refused.status, refused.text) == (403, "")


def test_case_08_url_signed_with_port_443_counts(telephone):
    answered = telephone.post(ANSWER, RINGING, url="https://voice.example.com:443" + ANSWER)

    assert answered.verbs == ["Gather", "Redirect"]


def test_case_09_url_signed_without_our_port_counts(carrier_settings, build_telephone):
    carrier_settings.setenv("VOICELINE_TELEPHONE_URL", BASE + ":8443")
    telephone = build_telephone()

    answered = telephone.post(ANSWER, RINGING, url=BASE + ANSWER, base_url=BASE + ":8443")

    assert answered.verbs == ["Gather", "Redirect"]


def test_case_10_a_fragment_is_not_part_of_the_url(telephone):
    configured = BASE + ANSWER + "#rc=2&rp=ct,rt"

    answered = telephone.post(ANSWER, RINGING, url=configured.partition("#")[0])
    refused = telephone.post(ANSWER, RINGING, url=configured)

    assert answered.verbs == ["Gather", "Redirect"]
    assert refused.status == 403


def test_case_11_the_query_is_verified_as_it_was_written(telephone):
    answered = telephone.post(ANSWER + STATE, RINGING)

    assert answered.verbs == ["Gather", "Redirect"]


def test_case_12_a_blank_is_not_a_plus_in_the_query(telephone):
    answered = telephone.post(ANSWER + "?s=a%20b", RINGING)
    refused = telephone.post(ANSWER + "?s=a+b", RINGING, url=BASE + ANSWER + "?s=a%20b")

    assert answered.verbs == ["Gather", "Redirect"]
    assert refused.status == 403


def test_case_19_a_known_shared_key_counts(shared):
    answered = _signed_by(shared, "secret one", "HMAC_SHA256", "key=SK1,algorithm=HMAC_SHA256")

    assert answered.verbs == ["Gather", "Redirect"]


def test_case_20_an_unknown_shared_key_is_refused(shared):
    refused = _signed_by(shared, "secret one", "HMAC_SHA256", "key=SK9,algorithm=HMAC_SHA256")

    assert refused.status == 403


def test_case_21_another_algorithm_is_refused(shared):
    refused = _signed_by(shared, "secret one", "HMAC_SHA256", "key=SK1,algorithm=HMAC_MD5")

    assert refused.status == 403


@pytest.mark.parametrize("secret", ["secret one", "a" * 32], ids=["shared", "account"])
def test_case_22_sha1_cannot_pass_for_sha256(shared, secret):
    refused = _signed_by(shared, secret, "HMAC_SHA1", "key=SK1,algorithm=HMAC_SHA256")

    assert refused.status == 403


def test_case_23_previous_token_counts_in_its_window(carrier_settings, build_telephone):
    telephone = _rotating(
        carrier_settings, build_telephone, until=datetime.now(UTC) + timedelta(hours=1)
    )

    answered = telephone.post(ANSWER, RINGING, token="the token before")

    assert answered.verbs == ["Gather", "Redirect"]
    assert telephone.post(ANSWER, RINGING).status == 200


def test_case_24_previous_token_ends_with_its_window(carrier_settings, build_telephone):
    telephone = _rotating(
        carrier_settings, build_telephone, until=datetime.now(UTC) - timedelta(seconds=1)
    )

    refused = telephone.post(ANSWER, RINGING, token="the token before")

    assert refused.status == 403
    assert telephone.post(ANSWER, RINGING).status == 200


@pytest.mark.parametrize("account", ["AC" + "f" * 32, "", ACCOUNT.lower(), ACCOUNT + "0"])
def test_case_25_another_account_is_refused(telephone, statements, account):
    refused = telephone.post(ANSWER, RINGING | {"AccountSid": account})

    assert (refused.status, refused.text) == (403, "")
    assert not statements.seen


def test_case_26_a_number_not_ours_hears_so(telephone, logged):
    answered = telephone.answer(To="+18005559999")

    assert answered.verbs == ["Say", "Hangup"]
    assert "not in service" in answered.said
    assert [line.args for line in logged.calls] == [("call.to_unknown_number",)]


def _signed_by(telephone, secret, algorithm, scheme):
    signed = signature(BASE + ANSWER, list(RINGING.items()), token=secret, algorithm=algorithm)
    headers = {"X-Twilio-Signature": signed, "X-Twilio-Webhooks-Signature-Settings": scheme}
    return telephone.post(ANSWER, RINGING, headers=headers)


def _rotating(environment, build, *, until):
    environment.setenv("VOICELINE_TWILIO_PREVIOUS_AUTH_TOKEN", "the token before")
    environment.setenv("VOICELINE_TWILIO_PREVIOUS_AUTH_TOKEN_UNTIL", until.isoformat())
    return build()


@pytest.fixture
def shared(carrier_settings, build_telephone):
    carrier_settings.setenv("VOICELINE_TWILIO_SHARED_KEYS", "SK1=secret one,SK2=secret two")
    return build_telephone()
