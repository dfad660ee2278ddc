from __future__ import annotations

import time

import pytest

from voiceline.simulator import Faults
from voiceline.simulator.faults import FaultState


def test_counted_faults_are_used_up():
    state = FaultState(Faults(throttled=2))

    struck = [state.strikes("throttled") for _ in range(4)]

    assert struck == [True, True, False, False]


def test_media_is_missing_for_requests_or_for_seconds():
    long_ago = time.monotonic() - 100
    by_count = FaultState(Faults(media_missing_requests=2))
    by_time = FaultState(Faults(media_missing_seconds=50))

    counted = [by_count.media_missing("RE1", long_ago) for _ in range(3)]

    assert counted == [True, True, False]
    assert by_count.media_missing("RE2", long_ago)
    assert by_time.media_missing("RE1", time.monotonic())
    assert not by_time.media_missing("RE1", long_ago)


def test_knobs_are_read_from_json():
    faults = Faults.from_json({"callbacks_late": 1, "repeats_at_once": True, "seed": 7})

    assert faults == Faults(callbacks_late=1, repeats_at_once=True, seed=7)


@pytest.mark.parametrize(
    "written",
    [
        {"bogus": 1},
        {"throttled": "2"},
        {"throttled": -1},
        {"throttled": True},
        {"broken": 1.5},
        {"repeats_at_once": 1},
        {"callbacks_late": None},
        {"seed": None},
    ],
)
def test_knobs_that_are_none_are_refused(written):
    with pytest.raises(ValueError):
        Faults.from_json(written)
