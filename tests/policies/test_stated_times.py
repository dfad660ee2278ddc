"""Every line of the Optacy policy that names a time is held by tests that quote its number.

L is a line of law.md 5.1; docs/policies.md lists them, and docs/retention.md the periods.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from voiceline import log_files
from voiceline.rules.retention import LOGS_KEPT, PERIODS, REQUEST_MONTHS

ROOT = Path(__file__).parents[2]
NAME_A_TIME = ("L39", "L61", "L62", "L63")
"""30 days of closing; 180 and 365 days; 90 days; and the plan that decides which."""

HELD, NOT_HELD = (ROOT / "docs/policies.md").read_text(encoding="utf-8").split("## Not held yet")
ROWS = [line for line in HELD.splitlines() if re.match(r"\|[^|]*\| L\d", line)]
CITED = re.compile(r"`((?:tests/)?(?:\w+/)*test_\w+\.py)`(?:: `(test_\w+)\.\.\.`)?")


@pytest.mark.parametrize("line", NAME_A_TIME)
def test_a_line_that_names_a_time_has_a_row_and_a_test_that_quotes_it(line):
    rows = [row for row in ROWS if re.search(rf"\b{line}\b", row.split("|")[2])]
    tests = "".join(path.read_text() for path in (ROOT / "tests/policies").glob("test_*.py"))

    assert (rows and f"def test_{line.lower()}_" in tests) or line in NOT_HELD


@pytest.mark.parametrize("row", [row for row in ROWS if CITED.search(row)])
def test_what_a_row_cites_is_there(row):
    for file, name in CITED.findall(row):
        path = ROOT / file if "/" in file else ROOT / "tests/policies" / file

        assert path.is_file(), file
        assert not name or f"def {name}" in path.read_text(encoding="utf-8")


def test_the_document_has_each_period_as_the_code_goes_by_it():
    document = (ROOT / "docs/retention.md").read_text(encoding="utf-8")

    for each in PERIODS:
        assert f"| {each.what} | {each.length} | {each.line} |" in document
        assert each.line in NAME_A_TIME


def test_l63_logs_are_kept_for_ninety_days_and_requests_for_two_years():
    assert timedelta(days=90) == LOGS_KEPT == log_files.KEPT
    assert REQUEST_MONTHS == 24
