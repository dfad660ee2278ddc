"""What is told of a call: events as they happen, and the whole record afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Outcome = Literal[
    "completed",  # the document hung up, or ended
    "caller_hung_up",
    "rejected",
    "busy",
    "no_such_number",
    "carrier_error_message",  # the caller heard the carrier's own apology
    "cut_off",  # too long, or going round in circles
    "simulator_failed",  # our own fault; the event says what
]


@dataclass(frozen=True)
class CallEvent:
    """One step of a call.

    Kinds: ringing, request, say, play, pause, gather, keys, beep, recording, recorded, reject,
    error, hangup, status, ended.
    """

    kind: str
    at: datetime
    detail: dict[str, Any] = field(default_factory=dict)
    second: float = 0.0
    """Seconds since the call began, by the call's own clock."""

    def as_json(self) -> dict[str, Any]:
        """Answer the event as plain JSON values."""
        return {
            "kind": self.kind,
            "at": self.at.isoformat(),
            "second": round(self.second, 3),
            "detail": self.detail,
        }

    @staticmethod
    def from_json(written: dict[str, Any]) -> CallEvent:
        """Answer the event that `as_json` wrote."""
        at = datetime.fromisoformat(written["at"])
        return CallEvent(written["kind"], at, written["detail"], written["second"])


@dataclass(frozen=True)
class Heard:
    """One prompt that reached the caller's ear, whole or in part."""

    kind: Literal["say", "play"]
    text: str = ""
    language: str = ""
    voice: str = ""
    url: str = ""
    audio: bytes = b""
    """The bytes that were played."""
    whole: bool = True
    """False when a key or a hang-up cut it off."""


@dataclass(frozen=True)
class ServedDocument:
    """A TwiML document and where it came from (no fragment)."""

    url: str
    twiml: str


@dataclass(frozen=True)
class CallRecord:
    """All that happened in one call."""

    call_id: str
    from_number: str
    to_number: str
    outcome: str
    """One of the words of `Outcome`."""
    seconds: float
    events: tuple[CallEvent, ...]
    documents: tuple[ServedDocument, ...]
    heard: tuple[Heard, ...]
    recordings: tuple[str, ...]
    """The carrier's recording ids, in order."""

    @property
    def texts(self) -> tuple[str, ...]:
        """Every sentence that was said to the caller, in order."""
        return tuple(prompt.text for prompt in self.heard if prompt.kind == "say")

    def kinds(self) -> tuple[str, ...]:
        """Answer the kinds of the events, in order."""
        return tuple(event.kind for event in self.events)
