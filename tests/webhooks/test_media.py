"""Sound the carrier plays: greetings by their hash, and the caller's own take, once sealed."""

from __future__ import annotations

import io
import time
import wave
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fakes.wav import silence
from signed import BASE, CALL, Telephone, call_facts
from sqlalchemy import select

from voiceline.errors import MissingRecordingError, PermanentFailure, TemporaryFailure
from voiceline.greetings import set_greeting
from voiceline.models import ServiceCode
from webhooks import create_app, media

AUDIO = silence(4000)
AT = datetime(2026, 11, 20, tzinfo=UTC)


def test_a_greeting_is_played_from_its_own_hash(telephone, greeting_url):
    played = telephone.send(greeting_url)

    assert (played.status, played.response.data) == (200, AUDIO)
    assert played.response.content_type == "audio/x-wav"
    assert "immutable" in played.response.headers["Cache-Control"]
    assert played.response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_carrier_may_look_before_it_plays(telephone, greeting_url):
    looked = telephone.send(greeting_url, method="HEAD")

    assert (looked.status, looked.response.data) == (200, b"")
    assert looked.response.headers["Content-Length"] == str(len(AUDIO))
    assert looked.response.content_type == "audio/x-wav"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_sound_can_only_be_fetched(telephone, greeting_url, method):
    assert telephone.send(greeting_url, method=method).status == 405


@pytest.mark.parametrize("name", ["0" * 64, "0" * 63, "..%2f..%2fetc%2fpasswd", "A" * 64])
def test_a_greeting_nobody_has_is_missing(telephone, name):
    missing = telephone.send(f"/media/greetings/{name}.wav")

    assert (missing.status, missing.text) == (404, "")


def test_a_take_is_played_from_the_carrier(reviewing):
    telephone, url = reviewing

    played = telephone.send(url)

    assert (played.status, played.response.data) == (200, AUDIO)
    assert played.response.headers["Cache-Control"] == "no-store"
    assert telephone.send(url, method="HEAD").response.data == b""


@pytest.mark.parametrize(
    "spoil",
    [
        lambda url: url.replace(".wav", "x.wav"),
        lambda url: url.replace("takes/", "takes/W"),
        lambda _: "/media/takes/x.wav",
        lambda _: "/media/takes/.wav",
    ],
)
def test_a_take_cannot_be_guessed(reviewing, spoil):
    telephone, url = reviewing

    assert telephone.send(spoil(url)).status == 404


def test_a_take_is_not_played_for_ever(reviewing, monkeypatch):
    telephone, url = reviewing
    later = time.time() + media.TAKE_SECONDS + 60
    monkeypatch.setattr(time, "time", lambda: later)

    assert telephone.send(url).status == 404


def test_a_state_token_opens_no_take(reviewing):
    telephone, _ = reviewing
    token = telephone.answer().verb("Gather").action.partition("?s=")[2]

    assert telephone.send(f"/media/takes/{token}.wav").status == 404


@pytest.mark.parametrize(
    "failure",
    [MissingRecordingError("not yet"), TemporaryFailure("slow"), PermanentFailure("refused")],
    ids=["missing", "temporary", "permanent"],
)
def test_a_take_not_to_be_had_is_a_moment_of_silence(reviewing, source, failure):
    telephone, url = reviewing
    source.failure = failure

    played = telephone.send(url)

    with wave.open(io.BytesIO(played.response.data)) as quiet:
        assert (quiet.getnframes(), quiet.getframerate(), quiet.getnchannels()) == (4000, 8000, 1)
    assert played.response.headers["Cache-Control"] == "no-store"


def test_a_take_is_a_moment_of_silence_without_a_database(reviewing, database):
    telephone, url = reviewing
    database.stop()

    played = telephone.send(url)

    assert (played.status, played.response.headers["Cache-Control"]) == (200, "no-store")
    assert played.response.content_type == "audio/x-wav"


def test_a_greeting_lost_for_a_moment_is_not_kept_for_ever(telephone, greeting_url, database):
    database.stop()
    lost = telephone.send(greeting_url)
    database.start()

    played = telephone.send(greeting_url)

    assert (lost.status, lost.response.headers["Cache-Control"]) == (200, "no-store")
    assert played.response.data == AUDIO


class _Source:
    failure: Exception | None = None

    def fetch(self, _recording_id):
        if self.failure:
            raise self.failure
        return AUDIO


@pytest.fixture
def source():
    return _Source()


@pytest.fixture
def reviewing(services, source, woken):
    """A telephone with a caller who asks to hear their message, and where it is played from."""
    on = Telephone(create_app(replace(services, recordings=source), woken.append))
    review = on.speak(on.tone())
    heard = on.post(review.verb("Gather").action, call_facts(Digits="2"))
    play = next(part for part in heard.verb("Gather").prompts if hasattr(part, "url"))
    assert play.url.startswith(BASE)
    assert CALL not in play.url
    return on, play.url.removeprefix(BASE)


@pytest.fixture
def greeting_url(services, telephone):
    with services.sessions.begin() as session:
        code = session.scalars(select(ServiceCode).where(ServiceCode.code == "4021")).one()
        set_greeting(session, code, language="en", at=AT, audio=AUDIO)
    play = telephone.reach().verb("Gather").prompts[1]
    return play.url.removeprefix(BASE)
