from __future__ import annotations

import io
import wave

import pytest
from factories import tone

from voiceline.waveform import LOUDEST, POINTS, draw_peaks


def test_outline_has_240_points_up_to_the_loudest():
    peaks = draw_peaks(tone())

    assert len(peaks) == POINTS
    assert max(peaks) == LOUDEST


def test_silence_is_flat():
    assert set(draw_peaks(wav(bytes(16000)))) == {0}


def test_loudest_sample_does_not_overflow():
    assert draw_peaks(wav(b"\x00\x80" * 1000))[0] == LOUDEST


def test_short_message_has_fewer_points():
    assert len(draw_peaks(wav(b"\x01\x00" * 7))) == 7


@pytest.mark.parametrize("data", [b"", b"RIFF", b"not audio at all", tone()[:30]])
def test_what_is_no_audio_has_no_outline(data):
    assert draw_peaks(data) == b""


def test_audio_without_samples_has_no_outline():
    assert draw_peaks(wav(b"")) == b""


def test_eight_bit_audio_has_no_outline():
    assert draw_peaks(wav(bytes(1000), width=1)) == b""


def test_audio_cut_in_the_middle_is_drawn_as_far_as_it_goes():
    assert draw_peaks(tone()[:-101])


def wav(frames: bytes, width: int = 2) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(width)
        audio.setframerate(8000)
        audio.writeframes(frames)
    return file.getvalue()
