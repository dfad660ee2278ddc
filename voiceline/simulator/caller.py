"""Who is at the other end: the script of a caller, and what the carrier asks of any caller."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .audio import Samples

Audio = Path | bytes | None
WITHHELD = "anonymous"
ENDS = frozenset({"silence", "hangup", *"0123456789*#"})


@dataclass(frozen=True)
class Take:
    """What the caller says at one recording, and how that ends."""

    audio: Audio = None
    """A WAV file, by path or by content; None is a caller who says nothing."""
    end: str = "silence"
    """A key, `silence` (goes on holding the receiver) or `hangup`."""

    def __post_init__(self) -> None:
        if self.end not in ENDS:
            raise ValueError("a take ends with one key, with 'silence' or with 'hangup'")

    def wav(self) -> bytes | None:
        """Answer the WAV file's bytes."""
        return self.audio.read_bytes() if isinstance(self.audio, Path) else self.audio


@dataclass(frozen=True)
class Caller:
    """A caller's script.

    Each Gather that runs takes the next entry of `keys`: '' or '-' presses nothing; a leading ','
    waits until the prompts have ended. Each recording speaks the next take; the last one repeats.
    """

    number: str = "+14155550123"
    keys: tuple[str, ...] = ()
    say: Audio | Take | Sequence[Audio | Take] = None
    end: str = "silence"
    """How takes end that are given as bare audio."""
    hang_up_at: str | None = None
    """A step (the last segment of its URL's path), `beep` or `speaking`; `code:2` = second time."""
    press_after: float = 0.5
    """Seconds before the first key of an entry."""

    def takes(self) -> tuple[Take, ...]:
        """Answer the takes in order, at least one."""
        said = [self.say] if isinstance(self.say, Path | bytes | Take | None) else list(self.say)
        return tuple(
            one if isinstance(one, Take) else Take(one, self.end) for one in said or [None]
        )

    def as_json(self) -> dict[str, Any]:
        """Answer the script as plain JSON values, audio in base64."""
        takes = [(take.wav(), take.end) for take in self.takes()]
        return {
            "number": self.number,
            "keys": list(self.keys),
            "takes": [
                {"audio": base64.b64encode(wav).decode() if wav else None, "end": end}
                for wav, end in takes
            ],
            "hang_up_at": self.hang_up_at,
            "press_after": self.press_after,
        }

    @staticmethod
    def from_json(written: Mapping[str, Any]) -> Caller:
        """Answer the script that `as_json` wrote; ValueError or TypeError when it is none."""
        takes = tuple(
            Take(
                base64.b64decode(take["audio"], validate=True) if take.get("audio") else None,
                str(take.get("end", "silence")),
            )
            for take in written.get("takes", ())
        )
        hang_up_at = written.get("hang_up_at")
        return Caller(
            number=str(written.get("number", Caller.number)),
            keys=tuple(str(entry) for entry in written.get("keys", ())),
            say=takes or None,
            hang_up_at=None if hang_up_at is None else str(hang_up_at),
            press_after=float(written.get("press_after", Caller.press_after)),
        )


@dataclass(frozen=True)
class Spoken:
    """What came from the caller in one stretch of a recording."""

    samples: Samples
    key: str = ""
    hung_up: bool = False


class Party(Protocol):
    """Anybody who can be on the line: a script, or a person at the softphone.

    `listen`, `next_key` and `speak` let time go by on the call's clock; the first two raise
    CallerHungUp when the receiver is put down meanwhile.
    """

    def reached(self, step: str) -> None:
        """Notice: the document of this step is about to be executed."""

    def gathering(self) -> None:
        """Notice: keys count from now on."""

    def recording(self) -> None:
        """Notice: the beep is over."""

    def speech_seconds(self, text: str, language: str) -> float | None:
        """Answer how long this text takes when spoken to them; None = the carrier's estimate."""

    def hears(self, audio: bytes) -> None:
        """Notice: this file is about to be played to them."""

    def listen(self, seconds: float) -> None:
        """Hear something for so long, at a moment when no key counts."""

    def next_key(self, seconds: float, *, prompt_playing: bool) -> str | None:
        """Answer the next key as soon as it is pressed, or None when the time is over."""

    def speak(self, seconds: float) -> Spoken:
        """Answer what is said in the next stretch, which a key or a hang-up may shorten."""
