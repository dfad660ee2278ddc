"""The list of laws in docs/deadlines.md, written from their table.

`python tests/laws_document.py` (or `make docs`) writes it; a test compares.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from voiceline.rules.explanations import period_in_words
from voiceline.rules.jurisdictions import JURISDICTIONS

if TYPE_CHECKING:
    from voiceline.rules.jurisdictions import Figure, Jurisdiction

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "deadlines.md"
PLACE = re.compile(r"(<!-- laws -->\n).*?(<!-- /laws -->)", re.DOTALL)
HEAD = """\
| key | law | from | answer | extension | appeal decided | citation | |
|---|---|---|---|---|---|---|---|
"""


def laws() -> str:
    """Write one row a law."""
    own = (law for key, law in JURISDICTIONS.items() if law.figures_of == key)
    return HEAD + "\n".join(map(_row, own)) + "\n"


def with_laws(document: str) -> str:
    """Answer the document with its list written anew."""
    return PLACE.sub(lambda place: f"{place[1]}\n{laws()}\n{place[2]}", document)


def _row(law: Jurisdiction) -> str:
    figures = law.figures
    appeal = _period(figures.appeal)
    if figures.appeal and figures.appeal.confidence != law.confidence:
        appeal += f" ({figures.appeal.confidence})"
    if figures.appeal_extend:
        appeal += f", +{_period(figures.appeal_extend)}"
    cells = [
        law.key,
        f"{law.english}: {law.law}",
        str(law.in_force_on or "-"),
        _period(figures.respond),
        f"+{_period(figures.extend)}" if figures.extend else "-",
        appeal,
        law.citation,
        str(law.confidence),
    ]
    return f"| {' | '.join(cells)} |"


def _period(figure: Figure | None) -> str:
    return period_in_words(figure.period).replace("calendar ", "") if figure else "-"


if __name__ == "__main__":
    DOCUMENT.write_text(with_laws(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
