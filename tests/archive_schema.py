"""docs/archive-record.schema.json, written from the models of a record.

`python tests/archive_schema.py` (or `make docs`) writes it; a test compares.
"""

from __future__ import annotations

from pathlib import Path

from voiceline.archive_record import schema

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "archive-record.schema.json"

if __name__ == "__main__":
    DOCUMENT.write_text(schema())
