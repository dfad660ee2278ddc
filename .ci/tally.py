#!/usr/bin/env python3
"""Add up what pytest wrote down, and fail when a test was skipped: CI has everything.

`.ci/tally.py FOLDER` prints each skipped test and why, then "N passed, N failed".
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET


class Tally(NamedTuple):
    """What became of the tests of one folder of junit files."""

    passed: int
    failed: int
    skipped: tuple[str, ...]
    """One sentence a test: which and why."""


def read_tally(folder: Path) -> Tally:
    """Add up every junit file in the folder."""
    cases = [
        case
        for file in sorted(folder.glob("*.xml"))
        for case in ET.parse(file).iter("testcase")  # noqa: S314 - written by our own pytest
    ]
    failed = [case for case in cases if case.find("failure") is not None or _has_error(case)]
    skipped = [case for case in cases if case.find("skipped") is not None and case not in failed]
    ran = {_name(case) for case in cases if case.find("skipped") is None}
    # what one database or server leaves out, another may have run
    return Tally(
        passed=len(cases) - len(failed) - len(skipped),
        failed=len(failed),
        skipped=tuple(_reason(case) for case in skipped if _name(case) not in ran),
    )


def _has_error(case: ET.Element) -> bool:
    return case.find("error") is not None


def _name(case: ET.Element) -> str:
    return f"{case.get('classname')}::{case.get('name')}"


def _reason(case: ET.Element) -> str:
    skipped = case.find("skipped")
    message = "" if skipped is None else skipped.get("message", "")
    return f"{_name(case)}: {message}"


def main(folder: str) -> int:
    """Print the tally; answer 1 when CI may not be content with it."""
    tally = read_tally(Path(folder))
    for reason in tally.skipped:
        sys.stdout.write(f"skipped, which CI does not accept: {reason}\n")
    failed = tally.failed + len(tally.skipped)
    sys.stdout.write(f"{tally.passed} passed, {failed} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
