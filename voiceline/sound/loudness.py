"""How loud a greeting is, and the same one as loud as a voice on a telephone should be.

Loudness is counted in decibels below the largest number there is (dBFS). Only what is loud enough
to be meant counts, so that pauses do not make a calm speaker seem quiet; and no peak is ever cut.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from voiceline.sound.verdict import RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float64]

FULL = 32768.0
WINDOW = RATE // 20
MEANT_DB = 25.0
"""A window so far below the loudest one is a pause."""

TARGET_DB = -20.0
PEAK_DB = -1.5
MOST_GAIN_DB = 30.0
"""More would make a room's noise as loud as a voice."""

SILENT_DB = -66.0
QUIET_DB = -42.0
CLIPPED_SHARE = 0.002
CLIPPED_LEVEL = 0.985


class Doubt(StrEnum):
    """What somebody should know of the sound before callers hear it."""

    SILENT = "silent"
    QUIET = "quiet"
    CLIPPED = "clipped"


def doubts_about(sound: bytes) -> frozenset[Doubt]:
    """Answer what may be wrong with it; `sound` is 16-bit mono at 8 kHz."""
    samples = _samples(sound)
    if _decibels(_peak(samples)) < SILENT_DB:
        return frozenset({Doubt.SILENT})
    found = set()
    if _decibels(_loudness(samples)) < QUIET_DB:
        found.add(Doubt.QUIET)
    if float(np.mean(np.abs(samples) >= CLIPPED_LEVEL)) > CLIPPED_SHARE:
        found.add(Doubt.CLIPPED)
    return frozenset(found)


def level(sound: bytes) -> bytes:
    """Answer the sound as loud as speech should be; silence stays silence, and nothing is cut."""
    samples = _samples(sound)
    peak, loudness = _peak(samples), _loudness(samples)
    if _decibels(peak) < SILENT_DB:
        return sound
    gain = min(
        TARGET_DB - _decibels(loudness),
        PEAK_DB - _decibels(peak),
        MOST_GAIN_DB,
    )
    louder = np.rint(samples * FULL * 10 ** (gain / 20))
    return np.clip(louder, -FULL, FULL - 1).astype("<i2").tobytes()


def _samples(sound: bytes) -> Samples:
    return np.frombuffer(sound, "<i2").astype(np.float64) / FULL


def _peak(samples: Samples) -> float:
    return float(np.abs(samples).max(initial=0.0))


def _loudness(samples: Samples) -> float:
    """Answer the root mean square of the windows that are meant to be heard."""
    padded = np.pad(samples, (0, -len(samples) % WINDOW))
    powers = np.mean(padded.reshape(-1, WINDOW) ** 2, axis=1)
    meant = powers[powers >= powers.max(initial=0.0) * 10 ** (-MEANT_DB / 10)]
    return math.sqrt(float(meant.mean())) if len(meant) else 0.0


def _decibels(value: float) -> float:
    return 20 * math.log10(value) if value > 0 else -math.inf
