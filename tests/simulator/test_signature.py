from __future__ import annotations

import pytest

from voiceline.simulator import SharedKey
from voiceline.simulator.signature import Signer

URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
PARAMS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]
PUBLISHED = {
    "plain": (URL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    "https with its port": (
        URL.replace(".com/", ".com:443/"),
        "kvajT1Ptam85bY51eRf/AJRuM3w=",
    ),
    "http with its port": (
        URL.replace("https", "http").replace(".com/", ".com:80/"),
        "0ZXoZLH/DfblKGATFgpif+LLRf4=",
    ),
}


@pytest.mark.parametrize("which", PUBLISHED)
def test_signatures_are_those_of_the_contract(which):
    url, expected = PUBLISHED[which]

    headers = Signer("12345").headers(url, PARAMS)

    assert headers == {"X-Twilio-Signature": expected}


def test_repeated_keys_are_signed_with_each_value():
    repeated = [("Sid", "CA123"), ("SidAccount", "AC123")]
    repeated += [("Digits", digits) for digits in ("5678", "1234", "1234")]

    headers = Signer("12345").headers(URL, repeated)

    assert headers["X-Twilio-Signature"] == "IK+Dwps556ElfBT0I3Rgjkr1wJU="


def test_shared_key_signs_with_sha256_and_names_itself():
    signer = Signer("not used", SharedKey("SK-7", "12345"))

    headers = signer.headers(URL, PARAMS)

    assert headers == {
        "X-Twilio-Signature": "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s=",
        "X-Twilio-Webhooks-Signature-Settings": "key=SK-7,algorithm=HMAC_SHA256",
    }
