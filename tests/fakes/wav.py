"""Small WAV files, as the carrier makes them: 8 kHz, 16 bit, mono."""

from __future__ import annotations

import io
import wave


def silence(frames: int = 8000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(8000)
        audio.writeframes(b"\x00\x00" * frames)
    return file.getvalue()
