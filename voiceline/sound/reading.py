"""From a stranger's file to what the telephone plays: a WAV of ours, and what to know of it."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceline.errors import UserError
from voiceline.sound.keeper import decode_sound
from voiceline.sound.loudness import doubts_about, level
from voiceline.sound.verdict import RATE, SAMPLE_BYTES
from voiceline.wav import LONGEST_GREETING

if TYPE_CHECKING:
    from voiceline.sound.loudness import Doubt

LARGEST_FILE = 10 * 2**20
"""Bytes of a file that somebody may hand in: ten megabytes."""


@dataclass(frozen=True)
class ReadGreeting:
    """A greeting as callers will hear it."""

    wav: bytes
    doubts: frozenset[Doubt]


def read_greeting(data: bytes) -> ReadGreeting:
    """Answer a sound file as a greeting: decoded, levelled, with nothing left of the file itself.

    Raises UserError for what is no sound, too long, too short or too large, and TemporaryFailure
    when there is no room to decode it just now.
    """
    if len(data) > LARGEST_FILE:
        raise UserError("The file is larger than 10 MB: save it as MP3, or shorten it.")
    sound = decode_sound(data, longest=LONGEST_GREETING)
    return ReadGreeting(_as_wav(level(sound)), doubts_about(sound))


def _as_wav(sound: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(RATE)
        file.writeframes(sound)
    return out.getvalue()
