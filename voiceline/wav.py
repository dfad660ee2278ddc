"""Facts of a WAV file, by the standard library."""

from __future__ import annotations

import io
import wave

from voiceline.errors import PermanentFailure


def duration_ms(data: bytes) -> int:
    """Answer the audio's length in milliseconds, as counted from its frames."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            frames, rate = file.getnframes(), file.getframerate()
            return round(1000 * frames / rate)
    except (wave.Error, EOFError, ZeroDivisionError):
        raise PermanentFailure("the audio is not a WAV file") from None
