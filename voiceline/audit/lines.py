"""A business's whole trail as the lines that were hashed, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voiceline.audit.encoding import entry_line
from voiceline.audit.texts import entry_texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from sqlalchemy import Engine


def whole_trail(engine: Engine, business_id: UUID, *, until: int) -> Iterator[bytes]:
    """Yield each entry up to the number, and its hash where it is not what was written.

    No transaction is open between two pages, however slowly they are read.
    """
    for row in entry_texts(engine, business_id, after=0, until=until):
        try:
            line = entry_line(str(business_id), *row[:-1])
        except (ValueError, TypeError, AttributeError):
            line = f"entry {row.sequence} cannot be read: run `voiceline audit verify`"
        yield line.encode() + b"\n"
