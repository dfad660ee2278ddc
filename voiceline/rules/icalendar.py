"""A calendar as RFC 5545 writes it: lines of 75 octets at most, escaped text, whole days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LINE_OCTETS = 75
"""RFC 5545, 3.1: of a line, without its end."""

PRODUCT = "-//Voiceline//Deadlines//EN"


@dataclass(frozen=True)
class DayEvent:
    """Something on one day."""

    uid: str
    """The same for as long as it is the same thing, wherever it moves to."""
    day: date
    summary: str
    stamped_at: datetime
    sequence: int
    """Counts its changes."""
    address: str
    """Where to read on."""


def write_calendar(name: str, events: Iterable[DayEvent]) -> str:
    """Answer the calendar's text."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escape(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        *(line for event in events for line in _event(event)),
        "END:VCALENDAR",
    ]
    return "".join(f"{fold(line)}\r\n" for line in lines)


def escape(text: str) -> str:
    """Answer the text as a value of type TEXT: RFC 5545, 3.3.11; what is no text is a space."""
    clean = "".join(each if each.isprintable() or each == "\n" else " " for each in text)
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        clean = clean.replace(plain, written)
    return clean


def fold(line: str) -> str:
    """Break a long line between characters; what goes on begins with a space."""
    pieces, piece, room = [], "", LINE_OCTETS
    for character in line:
        size = len(character.encode())
        if size > room:
            pieces.append(piece)
            piece, room = "", LINE_OCTETS - 1
        piece += character
        room -= size
    return "\r\n ".join([*pieces, piece])


def _event(event: DayEvent) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"DTSTAMP:{event.stamped_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escape(event.summary)}"
    yield f"URL:{event.address}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"
