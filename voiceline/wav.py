"""Facts of a WAV file, by the standard library."""

from __future__ import annotations

import io
import wave

from voiceline.errors import PermanentFailure, UserError

TELEPHONE_RATE = 8000
SAMPLE_BYTES = 2
LONGEST_GREETING = 120
"""Seconds."""


def duration_ms(data: bytes) -> int:
    """Answer the audio's length in milliseconds, as counted from its frames."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            frames, rate = file.getnframes(), file.getframerate()
            length: int = round(1000 * frames / rate)
    except (wave.Error, EOFError, ZeroDivisionError):
        raise PermanentFailure("the audio is not a WAV file") from None
    return length


def check_greeting(data: bytes) -> None:
    """Refuse audio that a carrier could not play to a caller, saying what would do."""
    wanted = f"A greeting is a WAV file, 8 kHz, mono, 16 bit, of at most {LONGEST_GREETING} seconds"
    try:
        with wave.open(io.BytesIO(data)) as file:
            kind = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            frames = file.getnframes()
    except (wave.Error, EOFError):
        raise UserError(f"{wanted}; this is not a WAV file.") from None
    if kind != (1, SAMPLE_BYTES, TELEPHONE_RATE):
        channels, width, rate = kind
        raise UserError(
            f"{wanted}; this one has {rate} Hz, {channels} channel(s) and {8 * width} bit. "
            "Convert it with: sox IN.wav -r 8000 -c 1 -b 16 OUT.wav"
        )
    if not 0 < frames <= LONGEST_GREETING * TELEPHONE_RATE:
        raise UserError(f"{wanted}; this one has {frames / TELEPHONE_RATE:.0f} seconds.")
