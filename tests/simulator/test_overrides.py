from __future__ import annotations

import pytest

from voiceline.simulator import DeliveryError
from voiceline.simulator.overrides import Overrides, split_overrides


def test_a_fragment_is_read_and_taken_off():
    url = "https://example.test/voice?a=1#rc=2&rt=4000&ct=200&tt=9000&rp=ct,rt,5xx&sni=n&e=ashburn"

    plain, limits = split_overrides(url)

    assert plain == "https://example.test/voice?a=1"
    assert limits == Overrides(0.2, 4.0, 9.0, 2, frozenset({"ct", "rt", "5xx"}))


def test_without_a_fragment_the_defaults_hold():
    plain, limits = split_overrides("http://127.0.0.1:8000/voice")

    assert plain == "http://127.0.0.1:8000/voice"
    assert (limits.connect, limits.read, limits.total, limits.retries) == (5, 15, 15, 1)
    assert (limits.retry_on("ct"), limits.retry_on("5xx")) == (True, False)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/voice",
        "ftp://example.test/",
        "https://user:secret@example.test/",
        "https://example.test/a b",
        "https://example.test/é",
        "https://example.test/#rt=99",
        "https://example.test/#rt=15001",
        "https://example.test/#rc=6",
        "https://example.test/#rp=always",
        "https://example.test/#rq=1",
        "https://example.test/#rc",
    ],
)
def test_what_the_carrier_would_not_understand_is_refused(url):
    with pytest.raises(DeliveryError) as refused:
        split_overrides(url)

    assert refused.value.code == 11100
