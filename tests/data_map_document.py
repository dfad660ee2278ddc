"""docs/data-map.md, written from the map itself.

`python tests/data_map_document.py` (or `make docs`) writes it; a test compares.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from voiceline.data_map import NOBODY, read_map

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "data-map.md"

INTRODUCTION = """\
# What the service holds about people

Whoever calls service code 1 asks the operator itself. This is the answer in general: the privacy
policy's seven categories (L82 to L103), each table and place that has something of them, why,
until when, and the vendors. `voiceline data-map` prints it, for an answer to *which categories do
you hold*.

`voiceline data-map --about` answers for one person. It asks for an e-mail address or a phone
number, so that no shell remembers it, and counts the rows of every business that are about them:
a request is a person's by its call's number and by what its requester is reached by, and what
belongs to that request counts with it. Nothing is opened, and no business is named. Check first
that the address or number is theirs who ask (L105): that something is held says something, too.
What a business holds is answered by that business, on its own code.

What a person is not found by: a voice, a name, what was said, an address that was not written
down as theirs, and a number that was hidden.

A column that is not in the map fails a test (`tests/test_data_map.py`), so nobody adds one
without saying whether it tells something of a person. The vendors are those of the operator's
policy; who runs the line with others changes them in `voiceline/data_map.toml`, from which this
page is written by `make docs`.
"""


def data_map_text() -> str:
    """Answer the whole document."""
    return "\n".join([INTRODUCTION, *_chapters()]) + "\n"


def _chapters() -> Iterator[str]:
    found = read_map()
    for category, title in found.categories.items():
        tables = [held for held in found.tables if held.category == category]
        places = [place for place in found.places if place.category == category]
        yield f"## {title}\n"
        if category in found.answers:
            yield f"{found.answers[category]}\n"
        if not tables and not places:
            continue
        yield "| where | what for | says something of a person | kept |\n|---|---|---|---|"
        for held in tables:
            says = ", ".join(sorted(held.personal)) or "-"
            yield f"| `{held.table}` | {held.why} | {says} | {found.periods[held.kept]} |"
        for place in places:
            by = place.vendor or "-" if category != NOBODY else "-"
            yield f"| {by} | {place.what} | | {found.periods[place.kept]} |"
        yield ""
    yield "## Vendors\n\n| vendor | what it does |\n|---|---|"
    yield from (f"| {name} | {what} |" for name, what in found.vendors.items())


if __name__ == "__main__":
    DOCUMENT.write_text(data_map_text(), encoding="utf-8")
