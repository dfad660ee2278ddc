"""Prompts to TwiML, by the carrier's own library, and never a document it would refuse.

Documents are made of small hashable verbs and rendered once: what differs from call to call is
only the state in the action URLs, which is put in afterwards. Text is cleaned to XML 1.0's
characters and split below the carrier's limit for one `<Say>`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from twilio.twiml.voice_response import Gather as GatherElement
from twilio.twiml.voice_response import VoiceResponse

from webhooks import prompts

if TYPE_CHECKING:
    from collections.abc import Iterable

STATE = "\x1astate"
"""Stands for the state's token until a document is answered; no text can hold its first
character, which XML does not know."""

LONGEST_SAY = 3000
"""Characters; the carrier's limit is 4,096 [twilio.md 2.1]."""

MOST_TEXT_BYTES = 40_000
"""Bytes of one business's text, escaped: with the rest it stays below the carrier's 64 kB."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Say:
    """Speak the text."""

    text: str
    language: str


@dataclass(frozen=True)
class Play:
    """Play a WAV."""

    url: str


@dataclass(frozen=True)
class Pause:
    """Stay silent."""

    seconds: int = 1


@dataclass(frozen=True)
class Gather:
    """Play the parts and wait for keys; then go to the action, keys or none."""

    action: str
    parts: tuple[Say | Play | Pause, ...]
    most_digits: int
    seconds: int
    finish: str = ""
    """The key that ends the entry; empty: every key counts."""


@dataclass(frozen=True)
class Record:
    """Sound the tone and record."""

    action: str
    callback: str
    most_seconds: int
    silence_seconds: int = 10


@dataclass(frozen=True)
class Redirect:
    """Go on at another address of ours."""

    action: str


@dataclass(frozen=True)
class Hangup:
    """End the call."""


@dataclass(frozen=True)
class Reject:
    """Do not answer at all: the call is not billed."""


Verb = Say | Play | Pause | Gather | Record | Redirect | Hangup | Reject
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response />'


def document(verbs: Iterable[Verb], token: str) -> str:
    """Answer the TwiML of the verbs, with the call's state in every action."""
    return _render(tuple(verbs)).replace(STATE, token)


def say(language: str, name: str, **facts: str) -> Say:
    """Answer a sentence of the prompts."""
    return Say(prompts.sentence(language, name, **facts), language)


def spoken(text: str, language: str) -> tuple[Say, ...]:
    """Answer any text as one or more sentences the carrier will speak; bounded."""
    clean = _NOT_XML.sub("", text)[:MOST_TEXT_BYTES].strip()
    while len(escape(clean).encode()) > MOST_TEXT_BYTES:
        clean = clean[: len(clean) * 4 // 5]
    pieces = [clean[start : start + LONGEST_SAY] for start in range(0, len(clean), LONGEST_SAY)]
    return tuple(Say(piece, language) for piece in pieces)


def ask(
    action: str, *parts: Say | Play | Pause, digits: int, seconds: int, finish: str = ""
) -> tuple[Verb, ...]:
    """Answer a question: the keys, or their absence, come to the action either way."""
    return (Gather(action, parts, digits, seconds, finish), Redirect(action))


def _address(action: str) -> str:
    return f"{action}?s={STATE}"


@lru_cache(maxsize=1024)
def _render(verbs: tuple[Verb, ...]) -> str:
    response = VoiceResponse()
    for verb in verbs:
        _append(response, verb)
    return str(response)


def _append(response: VoiceResponse, verb: Verb) -> None:
    match verb:
        case Gather():
            _append_gather(response, verb)
        case Record():
            _append_record(response, verb)
        case Redirect(action):
            response.redirect(_address(action), method="POST")
        case Hangup():
            response.hangup()
        case Reject():
            response.reject(reason="rejected")
        case _:
            _append_sound(response, verb)


def _append_sound(parent: VoiceResponse | GatherElement, part: Say | Play | Pause) -> None:
    match part:
        case Say(text, language):
            voice, tag = prompts.voice(language)
            parent.say(_NOT_XML.sub("", text), voice=voice, language=tag)
        case Play(url):
            parent.play(url)
        case Pause(seconds):
            parent.pause(length=seconds)


def _append_gather(response: VoiceResponse, gather: Gather) -> None:
    element = response.gather(
        input="dtmf",
        action=_address(gather.action),
        method="POST",
        timeout=gather.seconds,
        num_digits=gather.most_digits,
        finish_on_key=gather.finish,
        action_on_empty_result=True,
    )
    for part in gather.parts:
        _append_sound(element, part)


def _append_record(response: VoiceResponse, record: Record) -> None:
    """The callback's events are one string: the library would print a list as Python does."""
    response.record(
        action=_address(record.action),
        method="POST",
        max_length=record.most_seconds,
        timeout=record.silence_seconds,
        finish_on_key="#",
        play_beep=True,
        trim="do-not-trim",
        recording_status_callback=_address(record.callback),
        recording_status_callback_method="POST",
        recording_status_callback_event="in-progress completed absent",
    )
