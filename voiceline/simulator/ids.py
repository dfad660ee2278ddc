"""Identifiers and dates in the carrier's spelling."""

from __future__ import annotations

import hashlib
import uuid
from email.utils import format_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def new_sid(prefix: str) -> str:
    """Answer a fresh identifier: two letters and 32 hexadecimal digits."""
    return prefix + uuid.uuid4().hex


def steady_sid(prefix: str, name: str) -> str:
    """Answer the identifier that this name has in every run."""
    return prefix + hashlib.sha256(name.encode()).hexdigest()[:32]


def rfc2822(moment: datetime | None) -> str | None:
    """Answer the moment as `Sat, 22 Nov 2025 10:11:12 +0000`."""
    return format_datetime(moment) if moment else None
