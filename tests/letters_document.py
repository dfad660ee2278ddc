"""The contents of the letters in docs/notices.md, written from their table.

`python tests/letters_document.py` writes it; a test compares.
"""

from __future__ import annotations

import re
from pathlib import Path

from voiceline.rules.letters import LETTERS, LetterKind, When

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "notices.md"
PLACE = re.compile(r"(<!-- letters -->\n).*?(<!-- /letters -->)", re.DOTALL)
HEAD = "| letter | what it must say | required by | when |\n|---|---|---|---|\n"


def letters() -> str:
    """Write one row a part that the law requires."""
    return HEAD + "".join(row for kind in LetterKind for row in _rows(kind))


def with_letters(document: str) -> str:
    """Answer the document with its table written anew."""
    return PLACE.sub(lambda place: f"{place[1]}\n{letters()}\n{place[2]}", document)


def _rows(kind: LetterKind) -> list[str]:
    return [
        f"| {kind} | `{part.name}` | {part.citation} | "
        f"{'' if part.when == When.ALWAYS else part.when.replace('_', ' ')} |\n"
        for part in LETTERS[kind]
        if part.citation
    ]


if __name__ == "__main__":
    DOCUMENT.write_text(with_letters(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
