from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from voiceline.simulator import AudioError
from voiceline.simulator.audio import (
    RATE,
    from_pcm,
    is_silent,
    read_wav,
    seconds_of,
    silence,
    trailing_silence,
    trim_silence,
    write_wav,
)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_rate_becomes_the_telephones(rate, channels):
    data = sine(rate, channels=channels)

    samples = read_wav(data)

    expected = read_wav(sine(RATE))
    assert seconds_of(samples) == pytest.approx(1, abs=0.001)
    assert np.corrcoef(samples[:7900], expected[:7900])[0, 1] > 0.999


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_any_width_becomes_sixteen_bits(width):
    samples = read_wav(sine(RATE, width=width))

    assert np.abs(samples.astype(int) - read_wav(sine(RATE)).astype(int)).max() < (
        700 if width == 1 else 2
    )


def test_what_a_telephone_cannot_carry_is_filtered_away():
    data = sine(48000, hertz=6000)

    samples = read_wav(data)

    assert np.abs(samples[200:-200]).max() < 200


@pytest.mark.parametrize("data", [b"", b"RIFF", b"<html>", b"ID3\x04" + bytes(100)])
def test_other_bytes_are_refused(data):
    with pytest.raises(AudioError):
        read_wav(data)


def test_a_file_shorter_than_its_header_is_refused():
    whole = sine(RATE)

    with pytest.raises(AudioError, match="shorter"):
        read_wav(whole[: len(whole) // 2])


def test_an_empty_file_is_no_sound():
    samples = read_wav(write_wav(silence(0)))

    assert len(samples) == 0


def test_silence_around_a_sound_is_found():
    sound = read_wav(sine(RATE))
    samples = np.concatenate([silence(0.5), sound, silence(2)])

    trimmed = trim_silence(samples)

    assert trailing_silence(samples) == pytest.approx(2, abs=0.03)
    assert seconds_of(trimmed) == pytest.approx(1, abs=0.03)
    assert (is_silent(samples), is_silent(silence(3))) == (False, True)


def test_silence_alone_is_not_trimmed_to_nothing():
    assert seconds_of(trim_silence(silence(3))) == 3
    assert trailing_silence(silence(3)) == 3


def test_half_a_sample_is_dropped():
    assert from_pcm(b"\x01\x00\x02\x00\x03").tolist() == [1, 2]


def sine(rate, *, hertz=440, channels=1, width=2):
    numbers = 0.5 * np.sin(2 * np.pi * hertz * np.arange(rate) / rate)
    if width == 1:
        frames = ((numbers * 127) + 128).astype(np.uint8).tobytes()
    elif width == 3:
        wide = (numbers * (2**31 - 1)).astype("<i4")
        frames = wide.view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()
    else:
        whole = (numbers * (2 ** (8 * width - 1) - 1)).astype(f"<i{width}")
        frames = np.repeat(whole, channels).tobytes()
    out = io.BytesIO()
    with wave.open(out, "wb") as writer:
        writer.setparams((channels, width, rate, 0, "NONE", ""))
        writer.writeframes(frames)
    return out.getvalue()
