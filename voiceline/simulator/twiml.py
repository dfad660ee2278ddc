"""A strict reader of TwiML: whatever Twilio would warn about is refused under its error code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from .attributes import SCHEMA, SSML, VERBS, Attribute, url
from .errors import TwimlError
from .verbs import (
    Document,
    Gather,
    Hangup,
    Pause,
    Play,
    Prompt,
    Record,
    Redirect,
    Reject,
    Say,
    Verb,
)
from .voices import speaks

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 64 * 1024
MOST_TEXT = 4096
TOO_LARGE, EMPTY, NOT_XML, WRONG_ROOT, WRONG_TYPE = 11750, 11770, 12100, 12102, 12300
WRONG_NESTING_IN_GATHER, NO_SAY_TEXT, NO_SUCH_VOICE, NO_PLAY_URL, NO_REDIRECT_URL = (
    13320,
    13520,
    13511,
    13420,
    13710,
)
TRANSCRIBE_WRONG, TOO_LONG_TO_TRANSCRIBE, MOST_TRANSCRIBED = 13614, 13615, 120
CONTENT_TYPES = frozenset({"text/xml", "application/xml"})
_ADDRESS = {code: Attribute("url", url, code) for code in (NO_PLAY_URL, NO_REDIRECT_URL)}
IN_GATHER = frozenset({"Say", "Play", "Pause"})


def read_twiml(body: bytes, content_type: str) -> Document:
    """Answer the document, or raise TwimlError with the code Twilio would report."""
    if len(body) > MOST_BYTES:
        raise TwimlError(TOO_LARGE, "the answer is larger than 64 kB")
    if not body.strip():
        raise TwimlError(EMPTY, "the answer is empty")
    if content_type.partition(";")[0].strip().lower() not in CONTENT_TYPES:
        raise TwimlError(WRONG_TYPE, f"content type {content_type!r} is not text/xml")
    try:
        # The server under test wrote it, and 64 kB is all it may write.
        root = ET.fromstring(body)  # noqa: S314
    except (ET.ParseError, ValueError, LookupError) as broken:
        raise TwimlError(NOT_XML, f"not XML: {broken}") from broken
    if root.tag != "Response" or root.attrib:
        raise TwimlError(WRONG_ROOT, "the root element must be a bare Response")
    _no_text(root)
    verbs = tuple(_verb(element) for element in root)
    if any(isinstance(verb, Reject) for verb in verbs[1:]):
        raise TwimlError(SCHEMA, "Reject must be the first verb")
    return Document(verbs)


def _verb(element: ET.Element) -> Verb:
    if element.tag not in VERBS:
        raise TwimlError(SCHEMA, f"there is no verb {element.tag!r}")
    fields = _fields(element)
    if element.tag in IN_GATHER:
        return _prompt(element, fields)
    if element.tag == "Gather":
        return _gather(element, fields)
    if element.tag == "Redirect":
        return Redirect(_address(element, NO_REDIRECT_URL), **fields)
    _no_children(element)
    _no_text(element)
    if element.tag == "Record":
        return _record(fields)
    return Reject(**fields) if element.tag == "Reject" else Hangup()


def _fields(element: ET.Element) -> dict[str, Any]:
    table = VERBS[element.tag]
    for name in element.attrib:
        if name not in table:
            raise TwimlError(SCHEMA, f"{element.tag} has no attribute {name!r}")
    return {table[name].field: table[name].value(value) for name, value in element.attrib.items()}


def _prompt(element: ET.Element, fields: dict[str, Any]) -> Prompt:
    if element.tag == "Say":
        return _say(element, fields)
    if element.tag == "Play":
        wants_no_url = "digits" in fields and not (element.text or "").strip()
        return Play("" if wants_no_url else _address(element, NO_PLAY_URL), **fields)
    _no_children(element)
    _no_text(element)
    return Pause(**fields)


def _gather(element: ET.Element, fields: dict[str, Any]) -> Gather:
    _no_text(element)
    prompts = []
    for child in element:
        if child.tag not in IN_GATHER:
            raise TwimlError(WRONG_NESTING_IN_GATHER, f"{child.tag} inside Gather")
        prompts.append(_prompt(child, _fields(child)))
    return Gather(tuple(prompts), **fields)


def _record(fields: dict[str, Any]) -> Record:
    transcribe = fields.get("transcribe", False)
    if fields.get("transcribe_callback") and not transcribe:
        raise TwimlError(TRANSCRIBE_WRONG, "transcribeCallback needs transcribe=true")
    if transcribe and fields.setdefault("max_length", MOST_TRANSCRIBED) > MOST_TRANSCRIBED:
        raise TwimlError(TOO_LONG_TO_TRANSCRIBE, "at most 120 seconds are transcribed")
    return Record(**fields)


def _say(element: ET.Element, fields: dict[str, Any]) -> Say:
    for inner in element.iter():
        if inner is not element:
            _check_ssml(inner)
    text = re.sub(r"\s+", " ", "".join(_spoken(element))).strip()
    if not text or len(text) > MOST_TEXT:
        raise TwimlError(NO_SAY_TEXT, f"Say takes 1 to {MOST_TEXT} characters, not {len(text)}")
    breaks = sum(_break_seconds(inner) for inner in element.iter("break"))
    say = Say(text, breaks=breaks, **fields)
    if not speaks(say.voice, say.language):
        raise TwimlError(NO_SUCH_VOICE, f"voice {say.voice!r} does not speak {say.language!r}")
    return say


def _check_ssml(element: ET.Element) -> None:
    if element.tag not in SSML:
        raise TwimlError(SCHEMA, f"{element.tag} inside Say")
    for name in element.attrib:
        if name not in SSML[element.tag]:
            raise TwimlError(SCHEMA, f"{element.tag} has no attribute {name!r}")


def _spoken(element: ET.Element) -> Iterator[str]:
    if element.tag == "sub":
        yield element.get("alias", "")
    else:
        yield element.text or ""
        for child in element:
            yield from _spoken(child)
            # Sentences and breaks separate words even where the mark-up has no space.
            yield (" " if child.tag in {"s", "p", "break"} else "") + (child.tail or "")


def _break_seconds(element: ET.Element) -> float:
    written = element.get("time")
    if written is None:
        return 0.0 if element.get("strength") == "none" else 0.4
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", written)
    seconds = float(found[1]) / (1000 if found[2] == "ms" else 1) if found else 0.0
    if not found or seconds > 10:  # noqa: PLR2004 - the longest break there is
        raise TwimlError(SCHEMA, f"break time {written!r}")
    return seconds


def _address(element: ET.Element, code: int) -> str:
    _no_children(element)
    return str(_ADDRESS[code].value((element.text or "").strip()))


def _no_children(element: ET.Element) -> None:
    if len(element):
        raise TwimlError(SCHEMA, f"{element[0].tag} inside {element.tag}")


def _no_text(element: ET.Element) -> None:
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        raise TwimlError(SCHEMA, f"text directly inside {element.tag}")
