from __future__ import annotations

import shutil
import time

import numpy as np
import pytest
from flask import Response

from voiceline.simulator import create_app
from voiceline.simulator.audio import read_wav

TOLL_FREE = "+18005550199"
CALL = {"to": TOLL_FREE, "from": "+14155550123"}


@pytest.fixture
def page(line):
    """The softphone's page, without a browser."""
    return create_app(line.carrier).test_client()


@pytest.fixture
def calling(line, page):
    """A call that waits for a key; ended with the test."""
    line.answer("/answer", '<Gather timeout="60"/>')
    path = start(page)
    yield path
    page.post(f"{path}/hangup", json={})
    wait_for(page, path, "ended")


def test_the_page_offers_the_carriers_numbers(page):
    answer = page.get("/")

    assert answer.status_code == 200
    assert f'value="{TOLL_FREE}"' in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in answer.text
    assert "style=" not in answer.text


def test_every_file_of_the_page_is_there(page):
    text = page.get("/").text

    addresses = {part.split('"')[0] for part in text.split('="')[1:] if part.startswith("/static/")}

    assert len(addresses) == 3
    for name in [*addresses, "/static/capture-worklet.js", "/static/mouthpiece.js"]:
        with page.get(name) as answer:
            assert answer.status_code == 200


def test_a_call_from_the_page_keys_and_speaks(line, page):
    line.answer("/answer", '<Gather action="/code" numDigits="2"/>')
    line.answer("/code", '<Record action="/done" playBeep="false" finishOnKey="#"/>')
    path = start(page)
    voice = (8000 * np.sin(np.arange(8000) / 3)).astype("<i2")

    wait_for(page, path, "gather")
    heard = [page.post(f"{path}/keys", json={"key": key}).json["heard"] for key in "42"]
    wait_for(page, path, "recording")
    for piece in range(4):
        said = voice[piece * 2000 : (piece + 1) * 2000].tobytes()
        post_voice(page, path, said, piece)
    page.post(f"{path}/keys", json={"key": "#"})
    ended = wait_for(page, path, "ended")

    assert heard == [True, True]
    assert line.params("/code")[0]["Digits"] == "42"
    assert line.params("/done")[0]["Digits"] == "#"
    assert ended["detail"]["outcome"] == "completed"
    (recording,) = line.carrier.store.recordings()
    assert np.array_equal(read_wav(line.carrier.store.media(recording.sid)), voice)


def test_hanging_up_keeps_what_was_said(line, page):
    line.answer("/answer", '<Record action="/done" playBeep="false" trim="do-not-trim"/>')
    path = start(page)
    voice = np.full(4000, 9000, "<i2")

    wait_for(page, path, "recording")
    post_voice(page, path, voice.tobytes(), 0)
    page.post(f"{path}/hangup", json={})
    ended = wait_for(page, path, "ended")

    assert ended["detail"]["outcome"] == "caller_hung_up"
    assert line.params("/done")[0]["Digits"] == "hangup"
    (recording,) = line.carrier.store.recordings()
    assert np.array_equal(read_wav(line.carrier.store.media(recording.sid)), voice)


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_what_is_said_can_be_heard(line, page):
    line.answer("/answer", "<Say>Hello there.</Say>")

    path = start(page)
    said = wait_for(page, path, "say")
    wait_for(page, path, "ended")

    assert len(read_wav(page.get(f"{path}/clips/{said['clip']}").data)) > 2000


def test_a_greeting_can_be_heard(line, page, tone):
    wav = tone(0.3)
    line.answers["/a.wav"] = lambda _: Response(wav, mimetype="audio/wav")
    line.answer("/answer", "<Play>/a.wav</Play>")

    path = start(page)
    played = wait_for(page, path, "play")
    wait_for(page, path, "ended")

    assert page.get(f"{path}/clips/{played['clip']}").data == wav


@pytest.mark.parametrize(
    "body",
    [{}, {"to": "911", "from": "+14155550123"}, {"to": TOLL_FREE, "from": "0"}, {"to": 1}],
)
def test_numbers_that_are_none_are_explained(page, body):
    answer = page.post("/softphone/calls", json=body)

    assert answer.status_code == 400
    assert "must look like" in answer.json["error"]


def test_other_sites_cannot_steer_the_telephone(page, calling):
    forms = [
        page.post(address, data={"to": TOLL_FREE}).status_code
        for address in (
            "/softphone/calls",
            f"{calling}/keys",
            f"{calling}/hangup",
            f"{calling}/voice",
        )
    ]

    assert forms == [415, 415, 415, 415]


def test_bad_requests_of_a_call_are_refused(page, calling):
    assert page.post(f"{calling}/keys", json={"key": "A"}).status_code == 400
    assert page.post(f"{calling}/keys", json=["1"]).status_code == 400
    assert post_voice(page, calling, b"", "x").status_code == 400
    assert post_voice(page, calling, bytes(2 * 1024 * 1024), 0).status_code == 413
    assert page.get(f"{calling}/events?after=-1").status_code == 400
    assert page.get(f"{calling}/clips/99").status_code == 404
    assert page.get("/softphone/calls/nobody/events").status_code == 404


def start(page):
    return f"/softphone/calls/{page.post('/softphone/calls', json=CALL).json['id']}"


def wait_for(page, path, kind):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for event in page.get(f"{path}/events").json["events"]:
            if event["kind"] == kind:
                return event
        time.sleep(0.02)
    raise AssertionError(f"no event {kind}")


def post_voice(page, path, data, piece):
    return page.post(
        f"{path}/voice?piece={piece}", data=data, content_type="application/octet-stream"
    )
