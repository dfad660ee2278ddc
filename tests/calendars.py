"""A strict reader of calendars: what RFC 5545 forbids is an AssertionError."""

from __future__ import annotations

import re

LINE = re.compile(r"([A-Z-]+)((?:;[A-Z-]+=[A-Za-z0-9/-]+)*):(.*)", re.DOTALL)
ONCE_AN_EVENT = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "URL", "SEQUENCE", "TRANSP"}
STAMP = re.compile(r"\d{8}T\d{6}Z")
DAY = re.compile(r"\d{8}")
ESCAPED = re.compile(r"\\[\\;,nN]")


def read_calendar(text: str) -> list[dict[str, str]]:
    """Answer the events' properties, unescaped."""
    lines = _lines(text)
    assert lines[0] == ("BEGIN", "", "VCALENDAR")
    assert lines[-1] == ("END", "", "VCALENDAR")
    head = {name: value for name, _, value in lines[: _first_event(lines)]}
    assert head["VERSION"] == "2.0"
    assert head["PRODID"]
    events: list[dict[str, str]] = []
    open_event: dict[str, str] | None = None
    for name, parameters, value in lines[_first_event(lines) : -1]:
        if (name, value) == ("BEGIN", "VEVENT"):
            assert open_event is None
            open_event = {}
        elif (name, value) == ("END", "VEVENT"):
            assert open_event is not None
            assert {"UID", "DTSTAMP", "DTSTART"} <= set(open_event)
            events.append(open_event)
            open_event = None
        else:
            assert open_event is not None
            assert name in ONCE_AN_EVENT
            assert name not in open_event, f"{name} twice"
            open_event[name] = _value(name, parameters, value)
    assert open_event is None
    assert len({event["UID"] for event in events}) == len(events)
    return events


def _lines(text: str) -> list[tuple[str, str, str]]:
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert "\r" not in text.replace("\r\n", "")
    for physical in text.split("\r\n"):
        assert len(physical.encode()) <= 75
        physical.encode().decode()
    unfolded = text[:-2].replace("\r\n ", "").split("\r\n")
    found = [LINE.fullmatch(line) for line in unfolded]
    assert all(found)
    return [(match[1], match[2], match[3]) for match in found if match]


def _first_event(lines: list[tuple[str, str, str]]) -> int:
    places = [place for place, line in enumerate(lines) if line == ("BEGIN", "", "VEVENT")]
    return places[0] if places else len(lines) - 1


def _value(name: str, parameters: str, value: str) -> str:
    assert not re.search(r"[\x00-\x1f\x7f]", value)
    if name == "DTSTAMP":
        assert STAMP.fullmatch(value)
    elif name in {"DTSTART", "DTEND"}:
        assert parameters == ";VALUE=DATE"
        assert DAY.fullmatch(value)
    elif name == "SEQUENCE":
        assert int(value) >= 0
    elif name == "SUMMARY":
        assert not set(ESCAPED.sub("", value)) & set("\\;,")
        plain = {"n": "\n", "N": "\n"}
        return re.sub(r"\\(.)", lambda found: plain.get(found[1], found[1]), value)
    return value
