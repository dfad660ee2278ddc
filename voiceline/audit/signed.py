"""A signed head: what the business's chain was on a day, in a form that can be kept elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from voiceline.audit.encoding import canonical, head_line
from voiceline.errors import UserError
from voiceline.models import AuditHead

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class SignedHead:
    """One head, with the line that was signed and the signature."""

    business_id: UUID
    day: date
    sequence: int
    entry_hash: str
    key_id: str
    signature: str

    @property
    def line(self) -> str:
        """What was signed."""
        return head_line(
            business_id=self.business_id,
            day=self.day,
            sequence=self.sequence,
            entry_hash=self.entry_hash,
        )

    def as_json(self) -> str:
        """Answer one line of JSON with what was signed, the key's id and the signature."""
        return canonical({"head": self.line, "key": self.key_id, "signature": self.signature})

    @classmethod
    def from_json(cls, text: str) -> SignedHead:
        """Read what `as_json` wrote, or raise UserError."""
        try:
            outer = json.loads(text)
            head = json.loads(outer["head"])
            return cls(
                business_id=UUID(head["business"]),
                day=date.fromisoformat(head["day"]),
                sequence=int(head["sequence"]),
                entry_hash=str(head["hash"]),
                key_id=str(outer["key"]),
                signature=str(outer["signature"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UserError("That is not a line that `voiceline audit heads` printed.") from None


def stored_heads(connection: Connection | Session, business_id: UUID) -> list[SignedHead]:
    """Answer the business's signed heads in the database, oldest first."""
    rows = connection.execute(
        select(
            AuditHead.business_id,
            AuditHead.day,
            AuditHead.sequence,
            AuditHead.entry_hash,
            AuditHead.key_id,
            AuditHead.signature,
        )
        .where(AuditHead.business_id == business_id)
        .order_by(AuditHead.sequence, AuditHead.day)
    )
    return [SignedHead(*row) for row in rows]
