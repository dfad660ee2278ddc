"""A person at the softphone: keys, voice and hang-up arrive from a browser, in real time."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Literal

import numpy as np

from .audio import RATE, Samples, from_pcm, silence
from .caller import Spoken
from .errors import CallerHungUp
from .speech import spoken_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from .speech import Speech

LOST_AFTER = 8.0
"""Seconds without a sign of life after which the page is taken for closed."""
LOOK = 0.25
"""Seconds between two looks for signs of life."""
GAP = 1.5
"""Seconds that sound may be late before the line is filled up with silence."""

Mode = Literal["idle", "keys", "voice"]


class Person:
    """The Party behind a browser; the first group of methods is for the web server's threads."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._changed = threading.Condition()
        self._inbox: deque[str | Samples] = deque()
        self._mode: Mode = "idle"
        self._gone = False
        self._seen = time.monotonic()
        self._last_piece = -1
        self._voice_began = 0.0
        self._voice_length = 0
        self.clips: list[bytes | None] = []
        """What was played or said so far, in order; None = the browser must speak it itself."""

    def press(self, key: str) -> bool:
        """Press a key; answers False when nobody is waiting for one."""
        with self._changed:
            self._seen = time.monotonic()
            if self._mode == "idle":
                return False
            self._inbox.append(key)
            self._changed.notify_all()
            return True

    def voice(self, pcm: bytes, piece: int) -> None:
        """Take a piece of 8 kHz 16-bit sound; one that was sent again is dropped."""
        with self._changed:
            self._seen = time.monotonic()
            if self._mode == "voice" and piece > self._last_piece:
                self._last_piece = piece
                self._inbox.append(from_pcm(pcm))
                self._changed.notify_all()

    def hang_up(self) -> None:
        """Put the receiver down; what was said before still counts."""
        with self._changed:
            self._gone = True
            self._changed.notify_all()

    def sign_of_life(self) -> None:
        """Note that the page is still there."""
        with self._changed:
            self._seen = time.monotonic()

    def reached(self, step: str) -> None:
        """People leave when they like, not at a step."""

    def gathering(self) -> None:
        self._enter("keys")

    def recording(self) -> None:
        self._enter("voice")
        self._voice_began, self._voice_length = time.monotonic(), 0

    def speech_seconds(self, text: str, language: str) -> float | None:
        wav = self._speech.speak(text, language)
        self.clips.append(wav)
        return spoken_seconds(wav) if wav else None

    def hears(self, audio: bytes) -> None:
        self.clips.append(audio)

    def listen(self, seconds: float) -> None:
        with self._changed:
            if seconds > 0:
                self._mode = "idle"
            self._wait(lambda: False, seconds)

    def next_key(self, seconds: float, *, prompt_playing: bool) -> str | None:  # noqa: ARG002
        with self._changed:
            self._mode = "keys"
            pressed = self._wait(lambda: bool(self._inbox), seconds)
            return str(self._inbox.popleft()) if pressed else None

    def speak(self, seconds: float) -> Spoken:
        with self._changed:
            try:
                self._wait(lambda: bool(self._inbox), seconds)
            except CallerHungUp:
                return Spoken(self._said(), hung_up=True)
            samples = self._said()
            key = str(self._inbox.popleft()) if self._inbox else ""
            return Spoken(samples if len(samples) or key else self._fill(), key)

    def _enter(self, mode: Mode) -> None:
        with self._changed:
            self._mode = mode
            self._inbox.clear()

    def _said(self) -> Samples:
        """Take the sound that came before the next key."""
        pieces = [silence(0)]
        while self._inbox and not isinstance(self._inbox[0], str):
            pieces.append(np.asarray(self._inbox.popleft(), dtype=np.int16))
        samples = np.concatenate(pieces)
        self._voice_length += len(samples)
        return samples

    def _fill(self) -> Samples:
        """Nothing came: a short gap is only late, a longer one is a silent line."""
        late = time.monotonic() - self._voice_began - self._voice_length / RATE
        samples = silence(late - GAP / 2 if late > GAP else 0)
        self._voice_length += len(samples)
        return samples

    def _wait(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Wait until `ready`, for at most `seconds`; raises CallerHungUp when they leave."""
        until = time.monotonic() + seconds
        while not self._left() and not ready():
            left = until - time.monotonic()
            if left <= 0:
                return False
            self._changed.wait(min(left, LOOK))
        if self._left():
            raise CallerHungUp
        return True

    def _left(self) -> bool:
        return self._gone or time.monotonic() - self._seen > LOST_AFTER
