"""What a TwiML document may tell the carrier to do; defaults are Twilio's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Say:
    """Words for the caller's ear."""

    text: str
    """As a listener would write it down: substitutions made, mark-up gone."""
    voice: str = ""
    language: str = "en-US"
    loop: int = 1
    breaks: float = 0.0
    """Seconds of SSML breaks in the text."""


@dataclass(frozen=True)
class Play:
    """An audio file, or keypad tones when `digits` is given."""

    url: str = ""
    loop: int = 1
    digits: str = ""


@dataclass(frozen=True)
class Pause:
    """Silence."""

    length: int = 1


@dataclass(frozen=True)
class Gather:
    """Keys wanted, with prompts that the first key cuts off."""

    prompts: tuple[Say | Play | Pause, ...] = ()
    action: str = ""
    """Empty means the URL of the document itself; so everywhere."""
    method: str = "POST"
    input: tuple[str, ...] = ("dtmf",)
    timeout: int = 5
    finish_on_key: str = "#"
    """One key, or '' when every key is data."""
    num_digits: int | None = None
    action_on_empty_result: bool = False
    language: str = "en-US"
    hints: str = ""
    speech_timeout: str = ""
    speech_model: str = ""
    max_speech_time: int | None = None
    profanity_filter: bool = True
    enhanced: bool = False
    barge_in: bool = True
    debug: bool = False
    partial_result_callback: str = ""
    partial_result_callback_method: str = "POST"


@dataclass(frozen=True)
class Record:
    """The caller's voice wanted."""

    action: str = ""
    method: str = "POST"
    timeout: int = 5
    """Seconds of silence that end it; 0 = none do."""
    finish_on_key: str = "1234567890*#"
    max_length: int = 3600
    play_beep: bool = True
    trim: str = "trim-silence"
    recording_status_callback: str = ""
    recording_status_callback_method: str = "POST"
    recording_status_callback_event: tuple[str, ...] = ("completed",)
    transcribe: bool = False
    transcribe_callback: str = ""
    recording_configuration_id: str = ""


@dataclass(frozen=True)
class Redirect:
    """Go on with another document."""

    url: str
    method: str = "POST"


@dataclass(frozen=True)
class Hangup:
    """The end."""


@dataclass(frozen=True)
class Reject:
    """Do not even answer."""

    reason: str = "rejected"


Prompt = Say | Play | Pause
Verb = Say | Play | Pause | Gather | Record | Redirect | Hangup | Reject


@dataclass(frozen=True)
class Document:
    """The verbs of one answer, in order."""

    verbs: tuple[Verb, ...]
