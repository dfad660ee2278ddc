"""Every attribute a verb may have: the field it fills, how it is read, what refuses it.

Source: Twilio's TwiML reference and the generated types of its Node package; numbers are its
error codes. A name that is not in the table is 12200.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import DeliveryError, TwimlError
from .overrides import split_overrides

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = 12200
KEYS = "0123456789*#"


@dataclass(frozen=True)
class Attribute:
    """One row of the table: `read` answers the value or raises ValueError with the reason."""

    field: str
    read: Callable[[str], Any]
    code: int = SCHEMA

    def value(self, written: str) -> Any:
        """Answer the attribute's value, or raise TwimlError under the attribute's own code."""
        try:
            return self.read(written)
        except ValueError as wrong:
            raise TwimlError(self.code, f"{self.field}={written!r}: {wrong}") from wrong


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """Read a whole number between the two, both included."""

    def read(written: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", written) or not lowest <= int(written) <= highest:
            raise ValueError(f"a whole number from {lowest} to {highest} is wanted")
        return int(written)

    return read


def choice(*allowed: str) -> Callable[[str], str]:
    """Read one of a few words."""

    def read(written: str) -> str:
        if written not in allowed:
            raise ValueError(f"one of {', '.join(allowed)} is wanted")
        return written

    return read


def several(*allowed: str) -> Callable[[str], tuple[str, ...]]:
    """Read words with one space between them, each of them allowed and none twice."""

    def read(written: str) -> tuple[str, ...]:
        words = tuple(written.split(" "))
        if not set(words) <= set(allowed) or len(set(words)) < len(words):
            raise ValueError(f"some of {', '.join(allowed)}, space separated, are wanted")
        return words

    return read


def keys(most: int) -> Callable[[str], str]:
    """Read up to `most` different telephone keys."""

    def read(written: str) -> str:
        if len(written) > most or set(written) - set(KEYS) or len(set(written)) < len(written):
            raise ValueError(f"at most {most} of {KEYS} are wanted")
        return written

    return read


def boolean(written: str) -> bool:
    """Read true or false, in lower case."""
    return choice("true", "false")(written) == "true"


def url(written: str) -> str:
    """Read a reference to a web address: absolute, or relative to the document's own."""
    try:
        absolute = (
            written if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", written) else f"http://x/{written}"
        )
        split_overrides(absolute)
    except DeliveryError as wrong:
        raise ValueError(str(wrong)) from wrong
    if not written:
        raise ValueError("the address is empty")
    return written


def tones(written: str) -> str:
    """Read keypad tones; w is half a second of waiting."""
    if not re.fullmatch(r"[0-9*#wW]+", written):
        raise ValueError("keypad tones are wanted")
    return written


def text(written: str) -> str:
    """Read anything."""
    return written


METHOD = choice("GET", "POST")
SAY = {
    "voice": Attribute("voice", text, 13511),
    "language": Attribute("language", text, 13511),
    "loop": Attribute("loop", whole(0, 1000), 13510),
}
PLAY = {"loop": Attribute("loop", whole(0, 1000), 13410), "digits": Attribute("digits", tones)}
PAUSE = {"length": Attribute("length", whole(0, 600), 13910)}
GATHER = {
    "action": Attribute("action", url, 11100),
    "method": Attribute("method", METHOD, 13312),
    "input": Attribute("input", several("dtmf", "speech")),
    "timeout": Attribute("timeout", whole(1, 600), 13313),
    "finishOnKey": Attribute("finish_on_key", keys(1), 13310),
    "numDigits": Attribute("num_digits", whole(1, 1000), 13314),
    "actionOnEmptyResult": Attribute("action_on_empty_result", boolean, 13338),
    "language": Attribute("language", text),
    "hints": Attribute("hints", text),
    "speechTimeout": Attribute("speech_timeout", text),
    "speechModel": Attribute("speech_model", text),
    "maxSpeechTime": Attribute("max_speech_time", whole(1, 60)),
    "profanityFilter": Attribute("profanity_filter", boolean),
    "enhanced": Attribute("enhanced", boolean),
    "bargeIn": Attribute("barge_in", boolean),
    "debug": Attribute("debug", boolean),
    "partialResultCallback": Attribute("partial_result_callback", url, 11100),
    "partialResultCallbackMethod": Attribute("partial_result_callback_method", METHOD, 13312),
}
RECORD = {
    "action": Attribute("action", url, 11100),
    "method": Attribute("method", METHOD, 13610),
    "timeout": Attribute("timeout", whole(0, 14400), 13611),
    "finishOnKey": Attribute("finish_on_key", keys(12), 13613),
    "maxLength": Attribute("max_length", whole(2, 14400), 13612),
    "playBeep": Attribute("play_beep", boolean, 13616),
    "trim": Attribute("trim", choice("trim-silence", "do-not-trim")),
    "recordingStatusCallback": Attribute("recording_status_callback", url, 11100),
    "recordingStatusCallbackMethod": Attribute("recording_status_callback_method", METHOD, 13610),
    "recordingStatusCallbackEvent": Attribute(
        "recording_status_callback_event", several("in-progress", "completed", "absent")
    ),
    "transcribe": Attribute("transcribe", boolean, 13614),
    "transcribeCallback": Attribute("transcribe_callback", url, 11100),
    "recordingConfigurationId": Attribute("recording_configuration_id", text),
}
REDIRECT = {"method": Attribute("method", METHOD, 13710)}
REJECT = {"reason": Attribute("reason", choice("rejected", "busy"))}
VERBS: dict[str, dict[str, Attribute]] = {
    "Say": SAY,
    "Play": PLAY,
    "Pause": PAUSE,
    "Gather": GATHER,
    "Record": RECORD,
    "Redirect": REDIRECT,
    "Hangup": {},
    "Reject": REJECT,
}
SSML: dict[str, frozenset[str]] = {
    "break": frozenset({"strength", "time"}),
    "emphasis": frozenset({"level"}),
    "lang": frozenset({"{http://www.w3.org/XML/1998/namespace}lang"}),
    "p": frozenset(),
    "phoneme": frozenset({"alphabet", "ph"}),
    "prosody": frozenset({"volume", "rate", "pitch"}),
    "s": frozenset(),
    "say-as": frozenset({"interpret-as", "format", "role"}),
    "sub": frozenset({"alias"}),
    "w": frozenset({"role"}),
}
