"""A call that the REST API was asked to place: its TwiML is the caller, to the tenth of a second.

Nobody listens at that end. The document runs from the moment the number answers, whatever is said
meanwhile, as the carrier runs it: keys and words fall where they fall.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .audio import RATE, Samples, read_wav, silence
from .caller import Spoken
from .delivery import Order, deliver
from .errors import AudioError, CallerHungUp, TwimlError
from .prompts import WRONG_AUDIO, estimated_seconds
from .twiml import read_twiml
from .verbs import Hangup, Pause, Play, Say

if TYPE_CHECKING:
    from collections.abc import Callable

    from .clock import Clock
    from .signature import Signer
    from .speech import Speech
    from .verbs import Verb

KEY_SECONDS, WAIT_SECONDS = 0.25, 0.5
"""How long one tone of `<Play digits>` lasts, and one w."""
KNOWN = (Say, Play, Pause, Hangup)


@dataclass(frozen=True)
class Leg:
    """What comes from the caller's end, from the answer to the hang-up."""

    sound: Samples
    keys: tuple[tuple[float, str], ...]
    """Each key with the second at which it is pressed."""

    @property
    def seconds(self) -> float:
        """How long the caller stays."""
        return len(self.sound) / RATE


def read_leg(twiml: str) -> tuple[Verb, ...]:
    """Answer the verbs of an inline document; TwimlError where the carrier would report one.

    ValueError for a verb that is the carrier's, but that nobody here can do as a caller.
    """
    verbs = read_twiml(twiml.encode(), "text/xml").verbs
    strange = [type(verb).__name__ for verb in verbs if not isinstance(verb, KNOWN)]
    if strange:
        raise ValueError(f"an outgoing call of this carrier cannot do {', '.join(strange)}")
    return verbs


def make_leg(verbs: tuple[Verb, ...], signer: Signer, speech: Speech, *, limit: float) -> Leg:
    """Fetch and speak what the verbs name; answer at most `limit` seconds of it.

    Raises CarrierFault where an address brings no sound.
    """
    pieces: list[Samples] = [silence(0)]
    keys: list[tuple[float, str]] = []
    for verb in verbs:
        if isinstance(verb, Hangup):
            break
        if isinstance(verb, Play) and verb.digits:
            seconds = sum(len(piece) for piece in pieces) / RATE
            pieces.append(_press(verb.digits, seconds, keys))
        else:
            pieces.append(_sound_of(verb, signer, speech))
    sound = np.concatenate(pieces)[: round(limit * RATE)]
    return Leg(sound, tuple(key for key in keys if key[0] < len(sound) / RATE))


def _press(digits: str, second: float, keys: list[tuple[float, str]]) -> Samples:
    began = second
    for digit in digits:
        if digit not in "wW":
            keys.append((second, digit))
        second += WAIT_SECONDS if digit in "wW" else KEY_SECONDS
    return silence(second - began)


def _sound_of(verb: Verb, signer: Signer, speech: Speech) -> Samples:
    if isinstance(verb, Play):
        return np.tile(_fetch(verb.url, signer), max(verb.loop, 1))
    if isinstance(verb, Say):
        wav = speech.speak(verb.text, verb.language)
        said = read_wav(wav) if wav else silence(estimated_seconds(verb.text))
        return np.tile(said, max(verb.loop, 1))
    return silence(verb.length if isinstance(verb, Pause) else 0)


def _fetch(url: str, signer: Signer) -> Samples:
    answer = deliver(Order("GET", url), signer)
    try:
        return read_wav(answer.body)
    except AudioError as broken:
        raise TwimlError(WRONG_AUDIO, str(broken), url=answer.url) from broken


class LegParty:
    """The Party at the other end of an outgoing call."""

    def __init__(self, leg: Leg, clock: Clock, on_answer: Callable[[], None]) -> None:
        self._leg = leg
        self._clock = clock
        self._on_answer = on_answer
        self._keys = deque(leg.keys)
        self._began: float | None = None
        self._at = 0.0
        """Seconds of the leg that are over."""

    def reached(self, step: str) -> None:  # noqa: ARG002 - the first is the answer
        if self._began is None:
            self._began = self._clock.elapsed()
            self._on_answer()

    def gathering(self) -> None:
        self._catch_up()

    def recording(self) -> None:
        self._catch_up()

    def speech_seconds(self, text: str, language: str) -> float | None:  # noqa: ARG002
        return None

    def hears(self, audio: bytes) -> None:
        """Nobody listens."""

    def listen(self, seconds: float) -> None:
        self._go_on(seconds)
        self._catch_up()

    def next_key(self, seconds: float, *, prompt_playing: bool) -> str | None:  # noqa: ARG002
        if self._keys and self._keys[0][0] <= self._at + seconds:
            second, key = self._keys.popleft()
            self._go_on(second - self._at)
            return key
        self._go_on(seconds)
        return None

    def speak(self, seconds: float) -> Spoken:
        began, end = self._at, min(self._at + seconds, self._leg.seconds)
        key = ""
        if self._keys and self._keys[0][0] <= end:
            end, key = self._keys.popleft()
        self._clock.sleep(end - began)
        self._at = max(began, end)
        said = self._leg.sound[round(began * RATE) : round(end * RATE)]
        return Spoken(said, key, hung_up=not key and self._at >= self._leg.seconds)

    def _go_on(self, seconds: float) -> None:
        """Let so much of the leg go by; raises CallerHungUp at its end."""
        left = max(0.0, self._leg.seconds - self._at)
        self._clock.sleep(min(max(seconds, 0.0), left))
        self._at += max(seconds, 0.0)
        if seconds >= left:
            raise CallerHungUp

    def _catch_up(self) -> None:
        """Count the time that went by elsewhere; keys that fell into it nobody heard."""
        if self._began is not None:
            self._at = max(self._at, self._clock.elapsed() - self._began)
        while self._keys and self._keys[0][0] < self._at:
            self._keys.popleft()
