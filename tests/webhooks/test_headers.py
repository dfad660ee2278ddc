"""The headers of the telephone's answers, exactly: one set for each class of them."""

from __future__ import annotations

import pytest
from signed import BASE, Telephone, call_facts

from voiceline.settings import load_settings
from webhooks import create_fallback_app
from webhooks.incoming import MOST_BYTES

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}
PASSING = EVERYWHERE | {"Cache-Control": "no-store"}
KEPT = EVERYWHERE | {"Cache-Control": "public, max-age=31536000, immutable"}
OF_THE_ANSWER = {"Allow", "Content-Length", "Content-Type"}
"""Nothing else: no cookie, and nothing that names what answers."""

FACTS = call_facts(ErrorCode="11200")


def test_words_for_a_caller_are_not_kept(telephone):
    tone = telephone.tone()
    answers = [telephone.answer(), telephone.reach(), tone, telephone.speak(tone)]

    assert [answer.response.content_type for answer in answers] == ["text/xml; charset=utf-8"] * 4
    assert [headers_of(answer) for answer in answers] == [PASSING] * 4


def test_callbacks_are_answered_with_the_same_headers(telephone):
    tone = telephone.tone()
    answers = [
        telephone.call_back(tone),
        telephone.post("/voice/call-status", call_facts(CallStatus="completed")),
    ]

    assert [answer.status for answer in answers] == [204, 204]
    assert [headers_of(answer) for answer in answers] == [PASSING] * 2


def test_refusals_have_them_too(telephone):
    big = {"data": b"x" * (MOST_BYTES + 1)}
    answers = [
        telephone.send("/voice/answer", method="POST"),
        telephone.post("/voice/nowhere"),
        telephone.send("/media/greetings/0.wav"),
        telephone.send(f"/media/greetings/{'0' * 64}.wav"),
        telephone.send("/voice/answer"),
        telephone.send("/healthz", method="POST"),
        telephone.send(f"/media/greetings/{'0' * 64}.wav", method="POST"),
        telephone.post("/voice/answer", **big),
        telephone.send("/healthz", headers={"Host": "evil.example"}),
    ]

    told = {answer.status for answer in answers}
    assert {403, 404, 405, 413, 400} >= told >= {403, 404, 405, 413}
    assert [headers_of(answer) for answer in answers] == [PASSING] * len(answers)
    assert not any(answer.text for answer in answers)


def test_words_without_a_database_have_them(telephone, database):
    database.stop()

    answers = [telephone.reach(), telephone.send(f"/media/greetings/{'0' * 64}.wav")]

    assert [headers_of(answer) for answer in answers] == [PASSING] * 2


def test_sound_that_never_changes_may_be_kept(telephone):
    played = telephone.send("/media/canary/en.wav")

    assert (played.status, played.response.content_type) == (200, "audio/x-wav")
    assert headers_of(played) == KEPT


def test_the_fallback_alone_has_them(fallback):
    tone = fallback.post("/voice/fallback", FACTS)
    answers = [
        tone,
        fallback.speak(tone),
        fallback.call_back(tone),
        fallback.send("/voice/fallback", method="POST"),
        fallback.post("/voice/answer"),
        fallback.send("/voice/fallback"),
        fallback.post("/voice/fallback", data=b"x" * (MOST_BYTES + 1)),
        fallback.send("/healthz"),
    ]

    assert {answer.status for answer in answers} == {200, 204, 403, 404, 405, 413}
    assert [headers_of(answer) for answer in answers] == [PASSING] * len(answers)


def test_http_is_promised_to_nobody(carrier_settings, tmp_path):
    carrier_settings.setenv("VOICELINE_TELEPHONE_URL", BASE.replace("https", "http"))

    plain = Telephone(create_fallback_app(load_settings())).send("/healthz")

    assert "Strict-Transport-Security" not in plain.response.headers


@pytest.fixture
def fallback(carrier_settings):
    return Telephone(create_fallback_app(load_settings()))


def headers_of(answered):
    found = dict(answered.response.headers)
    return {name: value for name, value in found.items() if name not in OF_THE_ANSWER}
