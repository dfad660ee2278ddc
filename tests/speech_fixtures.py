"""The language model that all tests share, and audio to transcribe.

The model takes about ten seconds to build; it is kept in VOICELINE_MODEL_CACHE, else in this
checkout's var/models when there is one, else in a folder of this user below the system's
temporary one. Its name changes with all that it is made of, so it is never stale.
"""

from __future__ import annotations

import io
import os
import tempfile
import wave
from pathlib import Path

import numpy as np

CHECKOUT = Path(__file__).parents[1]
BUNDLED_AUDIO = CHECKOUT / "voiceline" / "audio"
CORPUS = CHECKOUT.parent / "shared" / "corpus"


def model_cache() -> Path:
    """Answer the folder in which tests keep language models."""
    if chosen := os.environ.get("VOICELINE_MODEL_CACHE"):
        return Path(chosen)
    ours = CHECKOUT / "var" / "models"
    if ours.is_dir():
        return ours
    shared = Path(tempfile.gettempdir()) / f"voiceline-models-{os.getuid()}"
    shared.mkdir(mode=0o700, exist_ok=True)
    return shared


def wav(samples: np.ndarray, *, rate: int = 8000, width: int = 2, channels: int = 1) -> bytes:
    """Answer a WAV file of raw samples, interleaved when there is more than one channel."""
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(channels)
        audio.setsampwidth(width)
        audio.setframerate(rate)
        audio.writeframes(samples.astype({1: "u1", 2: "<i2"}[width]).tobytes())
    return file.getvalue()


def tone(seconds: float, *, rate: int = 8000, level: float = 0.3) -> np.ndarray:
    """Answer a 440 Hz tone as 16-bit samples; `level` is of full scale."""
    moments = np.arange(int(seconds * rate)) / rate
    return (np.sin(2 * np.pi * 440 * moments) * level * 32767).astype(np.int16)


def silence(seconds: float, *, rate: int = 8000) -> np.ndarray:
    """Answer digital silence as 16-bit samples."""
    return np.zeros(int(seconds * rate), np.int16)
