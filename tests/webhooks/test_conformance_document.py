"""docs/conformance.md names every case once, and only tests that there are."""

from __future__ import annotations

import re

import pytest
from source_tree import ROOT

DOCUMENT = ROOT / "docs" / "conformance.md"
ROW = re.compile(r"^\| (W?\d+) \| (.*?) \| (.*?) \| (.*?) ?\|$", re.MULTILINE)
NAME = re.compile(r"`(test_\w+)`")
DEFINED = re.compile(r"^def (test_(?:case_|w)(\d\d)_\w+)", re.MULTILINE)
CASES = [*map(str, range(1, 91)), *(f"W{number}" for number in range(1, 45))]


@pytest.fixture(scope="module")
def rows():
    return ROW.findall(DOCUMENT.read_text(encoding="utf-8"))


def test_every_case_is_there_exactly_once(rows):
    assert [case for case, *_ in rows] == CASES


def test_every_case_has_a_test_or_a_reason(rows):
    bare = [case for case, tests, _, note in rows if not NAME.search(tests) and not note]

    assert not bare


def test_every_test_of_a_case_is_named_and_exists(rows):
    named = {name for _, tests, _, _ in rows for name in NAME.findall(tests)}

    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name, _ in DEFINED.findall(path.read_text(encoding="utf-8"))
    }

    assert named == defined


def test_every_test_stands_in_the_file_of_its_row(rows):
    lost = [
        name
        for _, tests, file, _ in rows
        for name in NAME.findall(tests)
        if f"def {name}(" not in _linked(file)
    ]

    assert not lost


def test_every_test_carries_the_number_of_its_row(rows):
    prefix = {
        case: f"test_w{int(case[1:]):02d}_" if case[0] == "W" else f"test_case_{int(case):02d}_"
        for case in CASES
    }

    strangers = [
        name
        for case, tests, _, _ in rows
        for name in NAME.findall(tests)
        if not name.startswith(prefix[case])
    ]

    assert not strangers


def _linked(cell):
    link = re.search(r"\((\S+)\)", cell)
    assert link, cell
    return (DOCUMENT.parent / link[1]).read_text(encoding="utf-8")
