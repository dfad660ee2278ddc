"""The recovery times of the fault scenarios, told at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faults.report import SEEN

if TYPE_CHECKING:
    import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if SEEN:
        terminalreporter.section("seconds until everything was made up for")
    for scenario, seconds in SEEN.items():
        terminalreporter.line(f"{seconds:7.1f}  {scenario}")
