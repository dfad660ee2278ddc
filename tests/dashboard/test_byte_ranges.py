from __future__ import annotations

import pytest

from voiceline.dashboard.byte_ranges import UnsatisfiableRangeError, read_range

SIZE = 1000


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, None),
        ("", None),
        ("items=0-5", None),
        ("bytes=0-", (0, 999)),
        ("bytes=0-0", (0, 0)),
        ("bytes=0-999", (0, 999)),
        ("bytes=0-99999999999", (0, 999)),
        ("bytes=999-", (999, 999)),
        ("bytes=-1", (999, 999)),
        ("bytes=-1000", (0, 999)),
        ("bytes=-5000", (0, 999)),
        ("bytes=5-9", (5, 9)),
        ("Bytes = 5-9 ", (5, 9)),
    ],
)
def test_one_range_is_read(header, wanted):
    assert read_range(header, SIZE) == wanted


@pytest.mark.parametrize(
    "header",
    [
        "bytes=",
        "bytes=-",
        "bytes=-0",
        "bytes=5-2",
        "bytes=1000-",
        "bytes=1000-2000",
        "bytes=0-0,5-9",
        "bytes=" + ",".join(f"{n}-{n}" for n in range(1000)),
        "bytes=a-b",
        "bytes=0x1-5",
        "bytes=\u0661-\u0665",
        "bytes=--5",
        "bytes=1-2-3",
        "bytes=99999999999999999999999-",
        "bytes",
    ],
)
def test_no_range_and_several_are_refused(header):
    with pytest.raises(UnsatisfiableRangeError):
        read_range(header, SIZE)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=-1"])
def test_nothing_has_no_range(header):
    with pytest.raises(UnsatisfiableRangeError):
        read_range(header, 0)
