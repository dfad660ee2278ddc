from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from voiceline.simulator.clock import Clock


@pytest.mark.parametrize("speed", [0, float("inf")])
def test_without_waiting_the_time_goes_by_all_the_same(speed):
    clock = Clock(speed)
    began = time.monotonic()

    clock.sleep(3600)

    assert clock.elapsed() == pytest.approx(3600)
    assert time.monotonic() - began < 60


def test_a_fast_clock_waits_a_part():
    clock = Clock(100)
    began = time.monotonic()

    clock.sleep(2)

    assert time.monotonic() - began >= 0.02
    assert clock.elapsed() >= 2


def test_timestamps_are_real_unless_told():
    real, virtual = Clock(0), Clock(0, virtual_timestamps=True)
    for clock in (real, virtual):
        clock.sleep(7200)

    later = datetime.now(UTC) + timedelta(hours=1)

    assert real.now() < later < virtual.now()


@pytest.mark.parametrize("speed", [-1, float("nan")])
def test_a_speed_that_is_none_is_refused(speed):
    with pytest.raises(ValueError, match="speed"):
        Clock(speed)
