"""What all fault scenarios share: an orderly end, and the recovery times told after the run."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from faults.house import PROMISE
from faults.report import SEEN

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", autouse=True)
def orderly_end() -> Iterator[None]:
    """Let a run that is told to stop end the processes it has started."""

    def leave(*_: object) -> None:
        pytest.exit("told to stop", returncode=143)

    before = signal.signal(signal.SIGTERM, leave)
    yield
    signal.signal(signal.SIGTERM, before)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if SEEN:
        terminalreporter.section("seconds until everything was made up for")
    for scenario, seconds in SEEN.items():
        late = "  longer than promised" if seconds > PROMISE else ""
        terminalreporter.line(f"{seconds:7.1f}  {scenario}{late}")
