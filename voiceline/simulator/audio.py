"""Telephone audio: 8,000 samples a second, one channel, 16 bits; numpy int16 arrays."""

from __future__ import annotations

import io
import wave
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import AudioError

RATE = 8000
# Quieter than this (root mean square of a frame, of 32,768) is silence on the line: -44 dB.
SILENCE = 200.0
FRAME = RATE // 50
# Length of the low-pass filter, in periods of the target rate: 24 leaves aliases 50 dB down.
TAPS = 24

Samples = NDArray[np.int16]


def read_wav(data: bytes) -> Samples:
    """Answer a PCM WAV file of any rate, width and channel count as telephone audio.

    Raises AudioError when the bytes are no such file, or are shorter than their header says.
    """
    try:
        with wave.open(io.BytesIO(data)) as reader:
            width, channels, rate = (
                reader.getsampwidth(),
                reader.getnchannels(),
                reader.getframerate(),
            )
            frames = reader.readframes(reader.getnframes())
            announced = reader.getnframes() * width * channels
    except (wave.Error, EOFError, ValueError) as broken:
        raise AudioError(f"not a PCM WAV file: {broken}") from broken
    if len(frames) < announced:
        raise AudioError("the WAV file is shorter than its header says")
    mono = _numbers(frames, width).reshape(-1, channels).mean(axis=1)
    return _clip(_resample(mono, rate))


def write_wav(samples: Samples) -> bytes:
    """Answer the samples as a WAV file: 8 kHz, mono, 16 bit."""
    out = io.BytesIO()
    with wave.open(out, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()


def from_pcm(data: bytes) -> Samples:
    """Answer little-endian 16-bit PCM at 8 kHz as samples; half a sample at the end is dropped."""
    return np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2").astype(np.int16)


def silence(seconds: float) -> Samples:
    """Answer a quiet line of that many seconds."""
    return np.zeros(max(0, round(seconds * RATE)), dtype=np.int16)


def seconds_of(samples: Samples) -> float:
    """Answer how long the samples last."""
    return len(samples) / RATE


def trailing_silence(samples: Samples) -> float:
    """Answer the seconds since something was last heard; all of them when nothing was."""
    loud = np.flatnonzero(_loudness(samples) > SILENCE)
    heard = (int(loud[-1]) + 1) * FRAME if len(loud) else 0
    return max(0, len(samples) - heard) / RATE


def trim_silence(samples: Samples) -> Samples:
    """Answer the samples without the silence around them; a silent recording stays as it is."""
    loud = np.flatnonzero(_loudness(samples) > SILENCE)
    if not len(loud):
        return samples
    return samples[int(loud[0]) * FRAME : (int(loud[-1]) + 1) * FRAME]


def is_silent(samples: Samples) -> bool:
    """Answer whether nothing in the samples is louder than a quiet line."""
    return not bool(np.any(_loudness(samples) > SILENCE))


def _loudness(samples: Samples) -> NDArray[np.float64]:
    """Root mean square of each frame; the last, short frame is filled up with silence."""
    padded = np.pad(samples.astype(np.float64), (0, -len(samples) % FRAME)).reshape(-1, FRAME)
    loudness: NDArray[np.float64] = np.sqrt((padded**2).mean(axis=1))
    return loudness


def _numbers(frames: bytes, width: int) -> NDArray[np.float64]:
    """Samples of 1 to 4 bytes as numbers from -1 to 1."""
    if width == 1:  # the only width that WAV stores without a sign
        unsigned: NDArray[np.float64] = np.frombuffer(frames, np.uint8).astype(np.float64)
        return (unsigned - 128) / 128
    if width == 3:  # noqa: PLR2004 - numpy has no 24-bit integers: put each into 32 bits
        packed = np.frombuffer(frames, np.uint8).reshape(-1, 3)
        wide = np.zeros((len(packed), 4), np.uint8)
        wide[:, 1:] = packed
        numbers: NDArray[np.float64] = wide.reshape(-1).view("<i4").astype(np.float64)
        return numbers / 2**31
    kind: Any = {2: "<i2", 4: "<i4"}[width]
    numbers = np.frombuffer(frames, kind).astype(np.float64)
    scaled: NDArray[np.float64] = numbers / 2 ** (8 * width - 1)
    return scaled


def _resample(numbers: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Bring to 8 kHz: everything a telephone cannot carry is filtered away, then interpolated."""
    if rate == RATE or not len(numbers):
        return numbers
    if rate > RATE:
        reach = np.arange(TAPS * rate // (2 * RATE) * 2 + 1) - TAPS * rate // (2 * RATE)
        cut = 0.94 * RATE / rate
        kernel = cut * np.sinc(cut * reach) * np.hamming(len(reach))
        numbers = np.convolve(
            numbers, kernel, mode="same" if len(numbers) >= len(kernel) else "full"
        )
    moments = np.arange(int(len(numbers) * RATE / rate)) * (rate / RATE)
    resampled: NDArray[np.float64] = np.interp(moments, np.arange(len(numbers)), numbers)
    return resampled


def _clip(numbers: NDArray[np.float64]) -> Samples:
    scaled: Samples = np.clip(np.rint(numbers * 32768), -32768, 32767).astype(np.int16)
    return scaled
