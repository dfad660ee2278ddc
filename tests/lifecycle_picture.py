"""The pictures of docs/architecture.md, drawn from the lifecycle's table.

`python tests/lifecycle_picture.py` (or `make docs`) writes them; a test compares.
"""

from __future__ import annotations

import re
from pathlib import Path

from voiceline.rules.lifecycle import MOVES

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "architecture.md"
PLACE = re.compile(r"(<!-- lifecycle -->\n).*?(<!-- /lifecycle -->)", re.DOTALL)
TITLES = {
    "RequestStatus": "A privacy request",
    "RightStatus": "One right of a request",
    "AppealStatus": "An appeal",
    "VoicemailStatus": "A voicemail's audio",
    "TranscriptStatus": "A transcript",
    "DerivedStatus": "What is made of a voicemail for browsers",
    "DeliveryStatus": "An e-mail we owe",
    "BusinessStatus": "A business",
}


def pictures() -> str:
    """Draw one state diagram a kind of thing, from its first state to its final ones."""
    drawn = []
    for kind, moves in MOVES.items():
        states = list(moves)
        lines = [f"    [*] --> {states[0]}"]
        for old in states:
            lines += [f"    {old} --> {new}" for new in states if new in moves[old]]
            lines += [f"    {old} --> [*]"] if not moves[old] else []
        body = "\n".join(lines)
        drawn.append(f"**{TITLES[kind.__name__]}**\n\n```mermaid\nstateDiagram-v2\n{body}\n```\n")
    return "\n".join(drawn)


def with_pictures(document: str) -> str:
    """Answer the document with its pictures redrawn."""
    return PLACE.sub(lambda place: f"{place[1]}\n{pictures()}\n{place[2]}", document)


if __name__ == "__main__":
    DOCUMENT.write_text(with_pictures(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
