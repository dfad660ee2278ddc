"""Figures 4, 6 and 7: what one call takes, and how many a small machine takes."""

from __future__ import annotations

import http.client
import os
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks import events
from benchmarks.figures import Figure
from benchmarks.line import COLLECT_WORKERS, SPEECH, open_line
from benchmarks.machine import cpu_seconds, load
from voiceline.inbox import inbox_page
from voiceline.lists import Order
from voiceline.simulator import Caller
from voiceline.simulator.resources import RecordingRow

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.line import WholeLine

IDLE_CALLBACKS = 80
CORES = os.cpu_count() or 1
PAUSE_SECONDS = 0.02
"""Between two looks at the inbox: how exact the waiting is measured."""
MOST_WAIT_SECONDS = 60
CALLING_SECONDS = 30
CALLERS = 4
MOST_UNFILED = 20
"""Calls that may wait for their filing before the callers wait, too: a steady state, no backlog."""
KNOWS_THE_CODE = Caller(keys=("4021#", "1", "1"), say=SPEECH, end="#", press_after=0.5)
LISTENS_TO_ALL = Caller(keys=(",4021#", ",1", ",1"), say=SPEECH, end="#", press_after=0.5)


def measure(folder: Path) -> list[Figure]:
    """Measure the prompts, then the idle line, then the busy one."""
    with open_line(folder, IDLE_CALLBACKS) as line:
        prompts = _measure_prompts(line)
        _await_filed(line, len(prompts))
        return [*prompts, *_measure_idle(line), *_measure_busy(line)]


def _measure_prompts(line: WholeLine) -> list[Figure]:
    against = "by the simulated telephone's clock, 15 characters a second; keyed after 0.5 s"
    return [
        Figure(
            "answer to tone, who keys at once",
            _to_tone(line, KNOWS_THE_CODE),
            "s",
            against,
            at_most=25,
        ),
        Figure("answer to tone, who listens to all", _to_tone(line, LISTENS_TO_ALL), "s", against),
    ]


def _to_tone(line: WholeLine, caller: Caller) -> float:
    record = line.carrier.place_call(caller, line.settings.twilio_numbers[0])
    seconds = {event.kind: event.second for event in reversed(record.events)}
    return seconds["beep"] - seconds["say"]


def _measure_idle(line: WholeLine) -> list[Figure]:
    """Send one callback at a time, and look at the inbox until its request is there."""
    host = urlsplit(line.sender.base).netloc
    connection = http.client.HTTPConnection(host, timeout=MOST_WAIT_SECONDS)
    waits = sorted(_wait_for(line, connection, number) for number in range(IDLE_CALLBACKS))
    connection.close()
    p99 = statistics.quantiles(waits, n=100)[98]
    against = (
        f"idle line, embedded defaults, {IDLE_CALLBACKS} callbacks one by one, load {load():.1f}"
    )
    return [
        Figure("callback to inbox, p50", statistics.median(waits), "s", against, at_most=1),
        Figure("callback to inbox, p99", p99, "s", against, at_most=3),
    ]


def _wait_for(line: WholeLine, connection: http.client.HTTPConnection, number: int) -> float:
    now = datetime.now(UTC)
    sid = f"RE{number:032x}"
    row = RecordingRow(sid, events.call_id(number), "completed", now, now, duration=12)
    line.carrier.save_recording(row, SPEECH.read_bytes())
    path, headers, body = events.recording(line.sender, number)
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 204:
        raise RuntimeError(f"the callback was answered {answer.status}")
    began = time.monotonic()
    while events.call_id(number) not in _newest(line):
        if time.monotonic() > began + MOST_WAIT_SECONDS:
            raise RuntimeError(f"no request after {MOST_WAIT_SECONDS} seconds")
        time.sleep(PAUSE_SECONDS)
    return time.monotonic() - began


def _newest(line: WholeLine) -> set[str]:
    with line.sessions.begin() as session:
        page = inbox_page(session, line.business_id, order=Order.NEWEST, after=None, limit=5)
        return {row.request.call.carrier_id for row in page.rows if row.request.call}


def _measure_busy(line: WholeLine) -> list[Figure]:
    """Place calls for a while, wait until each is filed, and count from the first to the last."""
    before, began, spent = line.filed(), time.monotonic(), cpu_seconds(os.getpid())
    placed, stop = _Count(), began + CALLING_SECONDS
    with ThreadPoolExecutor(CALLERS) as pool:
        callers = [pool.submit(_call_until, line, stop, placed) for _ in range(CALLERS)]
        while time.monotonic() < stop:
            placed.unfiled = placed.value - (line.filed() - before)
            time.sleep(0.25)
        for caller in callers:
            caller.result()
    _await_filed(line, before + placed.value)
    filed, seconds = line.filed() - before, time.monotonic() - began
    spent = cpu_seconds(os.getpid()) - spent
    share = spent / seconds / CORES
    print(f"{filed} calls filed in {seconds:.0f} s with {share:.0%} of {CORES} cores")
    against = (
        f"{filed} simulated calls in {seconds:.0f} s, scaled; telephone, {COLLECT_WORKERS} collect"
        " workers, scheduler, Redis, SQLite, folder store and the simulator on the same cores"
    )
    return [
        Figure(
            "voicemails filed per hour",
            filed / seconds * 3600,
            "per hour",
            against,
            at_least=20_000,
            remark=f"we had {share:.0%} of the cores, load {load():.1f}; the next row leaves out"
            " what the others took",
        ),
        Figure(
            "voicemails per hour, were the cores ours",
            CORES * 3600 / (spent / filed),
            "per hour",
            f"{spent / filed * 1e3:.0f} ms of processor time each, of all processes, {CORES} cores",
        ),
    ]


def _await_filed(line: WholeLine, count: int) -> None:
    deadline = time.monotonic() + MOST_WAIT_SECONDS
    while (filed := line.filed()) < count:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{count} calls, but {filed} requests")
        time.sleep(0.1)


class _Count:
    """How many calls were placed, and how many of them are not filed yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.value = 0
        self.unfiled = 0

    def add(self) -> None:
        with self._lock:
            self.value += 1


def _call_until(line: WholeLine, stop: float, placed: _Count) -> None:
    while time.monotonic() < stop:
        if placed.unfiled > MOST_UNFILED:
            time.sleep(0.1)
            continue
        record = line.carrier.place_call(KNOWS_THE_CODE, line.settings.twilio_numbers[0])
        if not record.recordings:
            raise RuntimeError(f"a call ended without a recording: {record.outcome}")
        placed.add()
