from __future__ import annotations

import io
import wave

import av
import pytest
from factories import tone

from voiceline.errors import PermanentFailure
from voiceline.sound.mp3 import make_mp3


def test_mp3_is_as_long_as_the_message_and_a_quarter_of_its_bytes():
    made = make_mp3(tone(30.0))

    with av.open(io.BytesIO(made), format="mp3") as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert samples / 16_000 == pytest.approx(30, abs=0.05)
    assert len(made) < len(tone(30.0)) * 0.26


def test_mp3_says_nothing_about_the_message():
    made = make_mp3(tone())

    with av.open(io.BytesIO(made), format="mp3") as container:
        assert container.metadata == {}
    assert made[:1] == b"\xff"


def test_same_message_is_the_same_mp3():
    assert make_mp3(tone()) == make_mp3(tone())


@pytest.mark.parametrize(("channels", "width"), [(1, 1), (2, 1), (2, 2)])
def test_other_pcm_is_taken(channels, width):
    assert make_mp3(wav(bytes(8000 * channels * width), channels, width))


@pytest.mark.parametrize(("channels", "width"), [(1, 3), (3, 2), (1, 4)])
def test_what_a_telephone_never_makes_is_refused(channels, width):
    with pytest.raises(PermanentFailure):
        make_mp3(wav(bytes(8000 * channels * width), channels, width))


@pytest.mark.parametrize("data", [b"", b"RIFF", tone()[:30], tone()[:44], tone()[:45], b"#EXTM3U"])
def test_what_is_no_sound_is_refused(data):
    with pytest.raises(PermanentFailure):
        make_mp3(data)


def test_message_cut_in_the_middle_is_copied_as_far_as_it_goes():
    assert make_mp3(tone()[:-101])


def wav(frames: bytes, channels: int, width: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(channels)
        audio.setsampwidth(width)
        audio.setframerate(8000)
        audio.writeframes(frames)
    return file.getvalue()
