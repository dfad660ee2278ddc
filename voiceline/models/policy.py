"""The versions of the operator's privacy policy, each from its day on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.base import Base

NAME_LENGTH = 40


class PolicyVersion(Base):
    """One version; what was collected while it was in force names it, and goes by it."""

    __tablename__ = "policy_version"

    name: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    """Such as `2026-12-01`: it is told to consumers and stands in the trail."""
    address: Mapped[str] = mapped_column(String(500))
    """Where its text can be read for as long as anything was collected under it."""
    effective_at: Mapped[datetime] = mapped_column(unique=True)
    material: Mapped[bool]
    """Whether every account is told before."""
    published_at: Mapped[datetime]
