"""Text to speech with espeak-ng where it is installed; what was said once is kept."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING

from .audio import read_wav, seconds_of
from .errors import AudioError

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = "espeak-ng"
VOICES = {"en": "en-us", "es": "es-419", "fr": "fr-fr", "de": "de", "it": "it", "pt": "pt-br"}
WORDS_A_MINUTE = "165"
LONGEST = 20.0
"""Seconds of computing after which a text stays unspoken."""


class Speech:
    """Speaks texts into WAV files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = shutil.which(PROGRAM)
        self._lock = threading.Lock()

    def speak(self, text: str, language: str) -> bytes | None:
        """Answer the text as a WAV file, None where nothing here can speak it."""
        voice = VOICES.get(language.partition("-")[0].lower())
        if self._program is None or voice is None:
            return None
        name = hashlib.sha256(f"{voice}\0{WORDS_A_MINUTE}\0{text}".encode()).hexdigest()
        path = self._folder / f"{name}.wav"
        with self._lock:
            if not path.exists() and not _synthesise(self._program, voice, text, path):
                return None
            return path.read_bytes()


def spoken_seconds(wav: bytes) -> float:
    """Answer how long the WAV file lasts."""
    return seconds_of(read_wav(wav))


def _synthesise(program: str, voice: str, text: str, path: Path) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    arguments = [program, "-v", voice, "-s", WORDS_A_MINUTE, "-w", str(draft), "--stdin"]
    try:
        # The text goes through stdin: as an argument it could be taken for an option.
        subprocess.run(arguments, input=text.encode(), check=True, timeout=LONGEST)
        read_wav(draft.read_bytes())
    except (OSError, subprocess.SubprocessError, AudioError):
        draft.unlink(missing_ok=True)
        return False
    draft.replace(path)
    return True
