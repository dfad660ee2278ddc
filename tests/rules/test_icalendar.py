"""Calendars that a strict reader takes, whatever a business is called."""

from __future__ import annotations

from datetime import UTC, date, datetime

from calendars import read_calendar
from hypothesis import given
from hypothesis import strategies as some

from voiceline.rules.icalendar import DayEvent, fold, write_calendar

AT = datetime(2026, 11, 21, 18, 0, 4, tzinfo=UTC)


def event(summary: str = "Answer due", **facts) -> DayEvent:
    facts = {"uid": "1@voiceline", "day": date(2026, 12, 31), "stamped_at": AT} | facts
    return DayEvent(summary=summary, sequence=3, address="https://d.example/r/1", **facts)


def test_event_is_a_whole_day():
    (read,) = read_calendar(write_calendar("Acme", [event()]))

    assert (read["DTSTART"], read["DTEND"]) == ("20261231", "20270101")
    assert read["DTSTAMP"] == "20261121T180004Z"
    assert (read["UID"], read["SEQUENCE"]) == ("1@voiceline", "3")


def test_empty_calendar_is_a_calendar():
    assert read_calendar(write_calendar("Acme", [])) == []


@given(some.text(max_size=300))
def test_any_text_comes_back(text):
    (read,) = read_calendar(write_calendar(text, [event(text)]))

    wanted = "".join(each if each.isprintable() or each == "\n" else " " for each in text)
    assert read["SUMMARY"] == wanted


def test_folding_breaks_no_character():
    line = "SUMMARY:" + "ñ€🙂" * 40

    folded = fold(line)

    assert all(len(each.encode()) <= 75 for each in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == line
