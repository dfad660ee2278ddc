from __future__ import annotations

import pytest
from flask import Response, request


@pytest.fixture
def greeting(line, tone):
    """Serve a two-second greeting at /greeting.wav."""
    wav = tone(2)
    line.answers["/greeting.wav"] = lambda _: Response(wav, mimetype="audio/wav")
    return wav


def test_the_caller_hears_the_file_that_is_served(line, greeting):
    line.answer("/answer", "<Play>/greeting.wav</Play>")

    record = line.call()

    assert [one.method for one in line.asked("/greeting.wav")] == ["HEAD", "GET"]
    assert (record.heard[0].audio, record.heard[0].whole) == (greeting, True)
    play = next(event for event in record.events if event.kind == "play")
    assert play.detail["seconds"] == 2


def test_a_repeated_prompt_takes_its_time(line, greeting):
    line.answer("/answer", '<Play loop="3">/greeting.wav</Play>')

    record = line.call()

    assert record.seconds == pytest.approx(6)


def test_what_is_said_takes_time_by_its_length(line):
    line.answer("/answer", f"<Say>{'a' * 150}<break time='2s'/></Say>")

    record = line.call()

    assert record.seconds == pytest.approx(12)


def test_a_prompt_without_end_waits_for_a_key(line):
    line.answer("/answer", '<Gather action="/code"><Say loop="0">Press a key.</Say></Gather>')

    line.call(keys=("1#",))

    assert line.params("/code")[0]["Digits"] == "1"


UNPLAYABLE = {
    "missing": (11200, lambda _: ("no", 404)),
    "html": (13420, lambda _: Response("<p>", mimetype="text/html")),
    "noise": (13420, lambda _: Response(b"RIFFnoise", mimetype="audio/wav")),
    "no head": (11200, lambda _: ("", 405) if request.method == "HEAD" else "x"),
}


@pytest.mark.parametrize("what", UNPLAYABLE)
def test_audio_that_cannot_be_played_fails_the_call(line, what):
    code, line.answers["/greeting.wav"] = UNPLAYABLE[what]
    line.answer("/answer", "<Play>/greeting.wav</Play><Say>After.</Say>")

    record = line.call()

    assert record.outcome == "carrier_error_message"
    assert record.texts == ()
    error = next(event for event in record.events if event.kind == "error")
    assert (error.detail["code"], error.detail["url"]) == (code, f"{line.url}/greeting.wav")


def test_mp3_is_played_but_not_inside_gather(line):
    line.answers["/a.mp3"] = lambda _: Response(b"x" * 8000, mimetype="audio/mpeg")
    line.answer("/answer", "<Play>/a.mp3</Play><Gather><Play>/a.mp3</Play></Gather>")

    record = line.call()

    assert len(record.heard) == 1
    assert [alert.code for alert in line.carrier.alerts] == [13325]


def test_keypad_tones_and_pauses_need_no_file(line):
    line.answer("/answer", '<Play digits="1w2"/><Pause length="2"/>')

    record = line.call()

    assert record.outcome == "completed"
    assert record.seconds == pytest.approx(3.5)
