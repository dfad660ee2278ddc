from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from voiceline.simulator.paging import page_of, within

MOMENT = datetime(2026, 3, 4, 12, 30, 15, 999, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    sid: str


@pytest.mark.parametrize(
    ("query", "passes"),
    [
        ({}, True),
        ({"At": "2026-03-04"}, True),
        ({"At": "2026-03-05"}, False),
        ({"At>": "2026-03-04T12:30:15Z"}, True),
        ({"At>": "2026-03-04T12:30:16Z"}, False),
        ({"At<": "2026-03-04T12:30:15Z"}, True),
        ({"At<": "2026-03-04"}, False),
        ({"At>": "2026-03-04", "At<": "2026-03-05"}, True),
    ],
)
def test_dates_are_compared_to_the_second(query, passes):
    assert within(query, "At", MOMENT) is passes


def test_a_moment_that_is_not_known_passes_no_filter():
    assert within({}, "At", None)
    assert not within({"At>": "2026-03-04"}, "At", None)


def test_pages_name_their_neighbours_and_keep_filters():
    rows = [Row(f"RE{number}") for number in range(5)]

    page = page_of(rows, "rows", "/list", {"PageSize": "2", "CallSid": "CA 1"}, lambda r: r.sid)
    last = page_of(rows, "rows", "/list", {"PageSize": "2", "Page": "2"}, lambda r: r.sid)

    assert page["rows"] == ["RE0", "RE1"]
    assert page["next_page_uri"] == "/list?CallSid=CA+1&PageSize=2&Page=1&PageToken=PARE1"
    assert (last["rows"], last["next_page_uri"], last["start"], last["end"]) == (
        ["RE4"],
        None,
        4,
        4,
    )


def test_pages_are_never_larger_than_the_carriers():
    page = page_of([], "rows", "/list", {"PageSize": "5000"}, lambda r: r)

    assert (page["page_size"], page["rows"], page["end"]) == (1000, [], 0)
