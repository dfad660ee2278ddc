"""Voicemail audio as pocketsphinx wants it: mono, 16 kHz, in pieces of bounded length."""

from __future__ import annotations

import io
import struct
import wave
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from voiceline.errors import PermanentFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

Samples = NDArray[np.int16]

MODEL_RATE = 16_000
"""Hz; the shipped acoustic model knows no other, so telephone audio is raised to it."""
ACCEPTED_RATES = (8_000, MODEL_RATE)
LONGEST_PIECE = 40.0
"""Seconds decoded at a time, which bounds the decoder's memory in a ten-minute message."""
SHORTEST_SPEECH = 0.3
"""Seconds; less than this in a whole message is a click, not a word."""

_FRAME = 0.02
_QUIETEST_SPEECH = -50.0
"""dBFS."""
_ABOVE_THE_LINE = 9.0
"""dB by which speech exceeds the level that a tenth of the frames stay under."""
_MARGIN = 0.3
"""Seconds kept before the first and after the last speech."""
_PAUSE = 10
"""Frames over which the quietest place to cut is looked for."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a message; `start` is its place in seconds."""

    start: float
    samples: Samples
    """At MODEL_RATE."""


def read_wav(data: bytes) -> tuple[Samples, int]:
    """Answer mono samples and their rate in Hz; raises PermanentFailure on anything else."""
    try:
        with wave.open(io.BytesIO(data)) as audio:
            channels, width, rate = audio.getparams()[:3]
            frames = audio.readframes(audio.getnframes())
    except (wave.Error, EOFError, RuntimeError, ValueError, struct.error) as error:
        raise PermanentFailure("the audio is not a PCM WAV file") from error
    if width != np.dtype(np.int16).itemsize:
        raise PermanentFailure(f"the audio has {8 * width} bits a sample, not 16")
    if rate not in ACCEPTED_RATES:
        raise PermanentFailure(f"the audio has {rate} samples a second, not 8000 or 16000")
    whole = len(frames) - len(frames) % (channels * width)
    samples = np.frombuffer(frames[:whole], "<i2").reshape(-1, channels)
    return samples.mean(axis=1).astype(np.int16), rate


def speech_pieces(samples: Samples, rate: int) -> Iterator[Piece]:
    """Yield the message without the silence around it; nothing at all when nobody speaks."""
    levels = _levels(samples, int(rate * _FRAME))
    spoken = np.flatnonzero(_is_speech(levels))
    if len(spoken) * _FRAME < SHORTEST_SPEECH:
        return
    margin = int(_MARGIN / _FRAME)
    first = max(int(spoken[0]) - margin, 0)
    last = min(int(spoken[-1]) + 1 + margin, len(levels))
    while first < last:
        cut = _cut(levels, first, last)
        yield Piece(first * _FRAME, _raised(samples, rate, first, cut))
        first = cut


def _levels(samples: Samples, frame: int) -> NDArray[np.float64]:
    """Answer each whole frame's level in dBFS."""
    count = len(samples) // frame
    frames = samples[: count * frame].reshape(count, frame).astype(np.float32) / 32768
    # A microphone's constant offset is no sound.
    power = frames.var(axis=1, dtype=np.float64)
    decibels: NDArray[np.float64] = 10 * np.log10(power + 1e-10)
    return decibels


def _is_speech(levels: NDArray[np.float64]) -> NDArray[np.bool_]:
    if not len(levels):
        return np.zeros(0, bool)
    line = np.percentile(levels, 10)
    speech: NDArray[np.bool_] = (levels > line + _ABOVE_THE_LINE) & (levels > _QUIETEST_SPEECH)
    return speech


def _cut(levels: NDArray[np.float64], first: int, last: int) -> int:
    """Answer where the piece that begins at frame `first` ends: in the best pause within reach."""
    longest = int(LONGEST_PIECE / _FRAME)
    if last - first <= longest:
        return last
    reach = levels[first + longest // 2 : first + longest]
    quiet = np.convolve(reach, np.ones(_PAUSE), mode="valid")
    return first + longest // 2 + int(quiet.argmin()) + _PAUSE // 2


def _raised(samples: Samples, rate: int, first: int, last: int) -> Samples:
    """Answer frames `first` to `last` at MODEL_RATE.

    Straight lines between the samples: the images that they leave above 4 kHz do no harm, while a
    filtered version, or a model run at 8 kHz, is heard worse.
    """
    frame = int(rate * _FRAME)
    part = samples[first * frame : last * frame]
    times = MODEL_RATE // rate
    places = np.arange(len(part) * times) / times
    return np.interp(places, np.arange(len(part)), part).astype(np.int16)
