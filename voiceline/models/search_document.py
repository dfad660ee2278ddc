"""What can be searched for of one request: its words, kept by the verbs that learn them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.base import Base, OfBusiness


class SearchDocument(OfBusiness, Base):
    """The words of one request, without their order; notes of the business's staff are not in it.

    In PostgreSQL they are a tsvector, found by its index; in SQLite a text with a blank before
    each word. The business is one of the words: so the index alone tells whose request it is.
    """

    __tablename__ = "search_document"
    __table_args__ = (
        # SQLite has no such index: an empty one stands for it there
        Index(None, "words", postgresql_using="gin", sqlite_where=text("1 = 0")),
        Index(None, "business_id"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"), primary_key=True)
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    words: Mapped[Any] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))
