"""Documents that are drawn from the code are what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import data_map_document
import laws_document
import letters_document
import lifecycle_picture

ROOT = Path(__file__).parent.parent
TEST = re.compile(r"`(test_\w+)(\.\.\.)?`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def test_lifecycle_pictures_are_the_lifecycle_table():
    written = lifecycle_picture.DOCUMENT.read_text(encoding="utf-8")

    assert written == lifecycle_picture.with_pictures(written)
    assert "pending --> stored" in written


def test_the_list_of_laws_is_their_table():
    written = laws_document.DOCUMENT.read_text(encoding="utf-8")

    assert written == laws_document.with_laws(written)
    assert "| US-IA | Iowa: ICDPA | 2025-01-01 | 90 days | +45 days |" in written


def test_the_data_map_is_written_from_its_table():
    written = data_map_document.DOCUMENT.read_text(encoding="utf-8")

    assert written == data_map_document.data_map_text()
    assert "| `call` | who called when, for which business, and what they keyed |" in written


def test_contents_of_the_letters_are_their_table():
    written = letters_document.DOCUMENT.read_text(encoding="utf-8")

    assert written == letters_document.with_letters(written)
    assert "| denied | `offer_opt_out` | 11 CCR 7022(g) | opt out left |" in written


def test_links_between_documents_lead_somewhere():
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert not broken


def test_every_test_that_a_document_names_exists():
    tests = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", file.read_text(encoding="utf-8"))
    }

    absent = [
        f"{page.relative_to(ROOT)}: {name}"
        for page in sorted((ROOT / "docs").rglob("*.md"))
        for name, begun in TEST.findall(page.read_text(encoding="utf-8"))
        if name not in tests and not (begun and any(each.startswith(name) for each in tests))
    ]

    assert not absent


def test_files_named_in_the_readme_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    named = re.findall(r"`((?:voiceline|webhooks|jobs|tests|benchmarks|docs)/[\w./-]*)`", readme)

    assert named
    assert not [path for path in named if not (ROOT / path).exists()]
