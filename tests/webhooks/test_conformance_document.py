"""docs/conformance.md names every case once, and only tests that there are."""

from __future__ import annotations

import re

import pytest
from source_tree import ROOT

DOCUMENT = ROOT / "docs" / "conformance.md"
ROW = re.compile(r"^\| ([WDUF]?\d+) \| (.*?) \| (.*?) \| (.*?) ?\|$", re.MULTILINE)
NAME = re.compile(r"`(test_\w+)`")
DEFINED = re.compile(r"^def (test_(?:case_|w)(\d\d)_\w+)", re.MULTILINE)
NUMBERED = re.compile(r"^ *def (test_(?:\w+_)?[duf]\d+(?:_\w+)?)\(", re.MULTILINE)
CALLED = re.compile(r"(?<=_)[duf]\d+(?=_|$)")
CASES = [*map(str, range(1, 91)), *(f"W{number}" for number in range(1, 45))]
FORMS = [
    *(f"D{number}" for number in range(1, 36)),
    *(f"U{number}" for number in range(1, 29)),
    *(f"F{number}" for number in range(1, 31)),
]
NOT_YET = {"D28"}
"""What no test can be of: nothing is sent to an address that a business names."""


@pytest.fixture(scope="module")
def rows():
    return ROW.findall(DOCUMENT.read_text(encoding="utf-8"))


def test_every_case_is_there_exactly_once(rows):
    assert [case for case, *_ in rows] == [*CASES, *FORMS]


def test_every_case_has_a_test_or_a_reason(rows):
    bare = [case for case, tests, _, note in rows if not NAME.search(tests) and not note]

    assert not bare


def test_nothing_but_what_is_not_built_is_without_a_test_of_ours(rows):
    waiting = {case for case, tests, *_ in rows if case[0] in "DUF" and not tests}

    assert waiting == {case for case, *_, note in rows if note.startswith("Not yet")} == NOT_YET


def test_every_test_of_a_case_is_named_and_exists(rows):
    named = {name for case, tests, *_ in rows if case in CASES for name in NAME.findall(tests)}

    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name, _ in DEFINED.findall(path.read_text(encoding="utf-8"))
    }

    assert named == defined


def test_every_test_stands_in_the_file_of_its_row(rows):
    lost = [
        name
        for _, tests, files, _ in rows
        for name in NAME.findall(tests)
        if not any(f"def {name}(" in text for text in _linked(files))
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
        if case in CASES
        for name in NAME.findall(tests)
        if not name.startswith(prefix[case])
    ]

    assert not strangers


def test_every_test_of_a_form_is_named_in_the_rows_of_its_numbers(rows):
    named = {(case, name) for case, tests, *_ in rows for name in NAME.findall(tests)}

    unnamed = [
        (case, name)
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in NUMBERED.findall(path.read_text(encoding="utf-8"))
        for case in map(str.upper, CALLED.findall(name))
        if case in FORMS and (case, name) not in named
    ]

    assert not unnamed


def test_no_test_of_a_form_is_in_the_row_of_another_number(rows):
    strangers = [
        (case, name)
        for case, tests, *_ in rows
        if case in FORMS
        for name in NAME.findall(tests)
        if NUMBERED.match(f"def {name}(") and case.lower() not in CALLED.findall(name)
    ]

    assert not strangers


def _linked(cell):
    links = re.findall(r"\((\S+?)\)", cell)
    assert links, cell
    return [(DOCUMENT.parent / link).read_text(encoding="utf-8") for link in links]
