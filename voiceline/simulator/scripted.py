"""A caller who follows a script, to the sample."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

import numpy as np

from .audio import RATE, Samples, read_wav, silence
from .caller import Spoken
from .errors import CallerHungUp

if TYPE_CHECKING:
    from .caller import Caller, Take
    from .clock import Clock

BETWEEN_KEYS = 0.2
"""Seconds from one key to the next."""
AFTER_BEEP = 0.3
"""Seconds that somebody who hangs up at the beep still stays."""


class ScriptedParty:
    """The Party of a Caller; see there for what the script means.

    Making one raises OSError or AudioError when a take's audio cannot be read.
    """

    def __init__(self, caller: Caller, clock: Clock) -> None:
        self._caller = caller
        self._clock = clock
        self._entries = deque(caller.keys)
        # Read at once: audio that cannot be read must not break a call that is under way.
        self._takes = deque((_voice(take), take.end) for take in caller.takes())
        self._seen: Counter[str] = Counter()
        self._leaving = False
        self._keys: deque[str] = deque()
        self._until_key = 0.0
        self._after_prompt = False
        self._voice: Samples = silence(0)
        self._end = "silence"

    def reached(self, step: str) -> None:
        self._note(step)

    def gathering(self) -> None:
        entry = self._entries.popleft() if self._entries else ""
        self._after_prompt = entry.startswith(",")
        self._keys = deque(entry.removeprefix(",").replace("-", ""))
        self._until_key = self._caller.press_after

    def recording(self) -> None:
        last = len(self._takes) == 1
        self._voice, self._end = self._takes[0] if last else self._takes.popleft()
        if self._note("speaking"):
            self._leaving = False
            self._voice = self._voice[: len(self._voice) // 2]
            self._end = "hangup"
        if self._note("beep"):
            self._leaving = False
            self._voice, self._end = silence(0), "hangup"
        if self._end == "hangup" and not len(self._voice):
            # Nobody hangs up in no time at all.
            self._voice = silence(AFTER_BEEP)
        elif self._end != "hangup":
            # A key needs a moment; without it the last word would be under the tone.
            self._voice = np.concatenate([self._voice, silence(BETWEEN_KEYS)])

    def speech_seconds(self, text: str, language: str) -> float | None:  # noqa: ARG002
        return None

    def hears(self, audio: bytes) -> None:
        """What was played stands in the call's record."""

    def listen(self, seconds: float) -> None:
        if self._leaving:
            self._clock.sleep(seconds / 2)
            raise CallerHungUp
        self._clock.sleep(seconds)

    def next_key(self, seconds: float, *, prompt_playing: bool) -> str | None:
        waits = prompt_playing and self._after_prompt
        if self._leaving or not self._keys or waits or self._until_key > seconds:
            self.listen(seconds)
            self._until_key -= 0 if waits else seconds
            return None
        self._clock.sleep(self._until_key)
        self._until_key = BETWEEN_KEYS
        return self._keys.popleft()

    def speak(self, seconds: float) -> Spoken:
        wanted = round(seconds * RATE)
        said, self._voice = self._voice[:wanted], self._voice[wanted:]
        over = len(said) < wanted
        if over and self._end == "silence":
            said = np.concatenate([said, silence((wanted - len(said)) / RATE)])
        self._clock.sleep(len(said) / RATE)
        if over and self._end == "hangup":
            return Spoken(said, hung_up=True)
        if over and self._end != "silence":
            key, self._end = self._end, "silence"
            return Spoken(said, key)
        return Spoken(said)

    def _note(self, step: str) -> bool:
        """Count the visit; from the one that the script names on, the caller is leaving."""
        self._seen[step] += 1
        if self._caller.hang_up_at in {step, f"{step}:{self._seen[step]}"}:
            self._leaving = True
            return True
        return False


def _voice(take: Take) -> Samples:
    wav = take.wav()
    return read_wav(wav) if wav else silence(0)
