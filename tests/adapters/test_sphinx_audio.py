from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from speech_fixtures import BUNDLED_AUDIO, silence, tone, wav

from voiceline.adapters.sphinx_audio import LONGEST_PIECE, MODEL_RATE, read_wav, speech_pieces
from voiceline.errors import PermanentFailure


@pytest.mark.parametrize("rate", [8000, 16000])
def test_telephone_and_wideband_rates_are_read(rate):
    samples, found = read_wav(wav(tone(1, rate=rate), rate=rate))

    assert (len(samples), found) == (rate, rate)


def test_stereo_is_read_as_the_mean_of_its_channels():
    left_and_right = np.array([100, 300, -2, -4])

    samples, _ = read_wav(wav(left_and_right, channels=2))

    assert samples.tolist() == [200, -3]


@pytest.mark.parametrize(
    ("audio", "reason"),
    [
        (b"", "not a PCM WAV"),
        (b"ID3 this is an mp3", "not a PCM WAV"),
        (wav(tone(1))[:30], "not a PCM WAV"),
        (wav(np.full(8, 128), width=1), "8 bits"),
        (wav(tone(1), rate=44100), "44100"),
    ],
)
def test_other_audio_is_refused_with_the_reason(audio, reason):
    with pytest.raises(PermanentFailure, match=reason):
        read_wav(audio)


def test_audio_cut_off_in_mid_sample_is_read_up_to_there():
    whole = wav(tone(1))

    samples, _ = read_wav(whole[:-1001])

    assert len(samples) == 8000 - 501


@given(st.binary(max_size=60))
def test_no_header_breaks_the_reader(noise):
    whole = wav(tone(0.01))

    for audio in (noise, whole[:12] + noise, whole[:20] + noise + whole[20 + len(noise) :]):
        try:
            samples, _ = read_wav(audio)
        except PermanentFailure:
            continue
        assert samples.ndim == 1


@pytest.mark.parametrize(
    "quiet",
    [
        silence(0),
        silence(5),
        tone(5, level=0.2),
        np.concatenate([silence(2), tone(0.1), silence(2)]),
        np.random.default_rng(1).normal(0, 30, 40_000).astype(np.int16),
    ],
    ids=["empty", "silence", "dial tone", "click", "line noise"],
)
def test_message_without_speech_has_no_piece(quiet):
    assert list(speech_pieces(quiet, 8000)) == []


def test_silence_around_speech_is_left_out():
    message = np.concatenate([silence(3), tone(1), silence(0.2), tone(1), silence(4)])

    (piece,) = speech_pieces(message, 8000)

    assert piece.start == pytest.approx(2.7, abs=0.05)
    assert len(piece.samples) / MODEL_RATE == pytest.approx(2.8, abs=0.1)


def test_long_message_is_cut_in_a_pause():
    sentence = np.concatenate([tone(3), silence(0.5)])
    message = np.tile(sentence, 30)

    pieces = list(speech_pieces(message, 8000))

    assert all(len(piece.samples) / MODEL_RATE <= LONGEST_PIECE for piece in pieces)
    assert sum(len(piece.samples) for piece in pieces) / MODEL_RATE == pytest.approx(105, abs=0.5)
    assert all(3.0 < piece.start % 3.5 < 3.5 for piece in pieces[1:])


def test_telephone_audio_is_raised_without_change_of_length():
    samples, rate = read_wav((BUNDLED_AUDIO / "demo_delete_en.wav").read_bytes())

    (piece,) = speech_pieces(samples, rate)

    first = round(piece.start * rate)
    assert piece.samples[::2].tolist() == samples[first : first + len(piece.samples) // 2].tolist()
