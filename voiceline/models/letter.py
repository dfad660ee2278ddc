"""A letter to a consumer, as it was sent; the database refuses to change one."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.people import User
from voiceline.models.right import RequestedRight
from voiceline.rules.letters import LetterKind, Way

if TYPE_CHECKING:
    from voiceline.models.delivery import Delivery  # noqa: TC004 - found by its name


class Letter(OfBusiness, Base):
    """What a consumer was told about one request, in words that stay as they were."""

    __tablename__ = "letter"
    __table_args__ = (Index(None, "request_id", "kept_at"),)

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"))
    right_id: Mapped[UUID | None] = mapped_column(ForeignKey("requested_right.id"))
    """None where it is about the whole request."""
    appeal_id: Mapped[UUID | None] = mapped_column(ForeignKey("appeal.id"))
    kind: Mapped[LetterKind]
    language: Mapped[str] = mapped_column(String(2))
    way: Mapped[Way]
    address: Mapped[str | None] = mapped_column(String(320))
    """The e-mail address it went to; None for every other way."""
    sent_on: Mapped[date]
    """The day it left the house, by the business's calendar."""
    kept_at: Mapped[datetime]
    """When it was written down here; an e-mail is owed from then on."""
    kept_by_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    wording: Mapped[str] = mapped_column(String(32))
    """The version of the sentences."""
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    """Of subject, an empty line and text, in UTF-8."""
    right: Mapped[RequestedRight | None] = relationship()
    kept_by: Mapped[User] = relationship()
    delivery: Mapped[Delivery | None] = relationship(back_populates="letter")


TRIGGERS: dict[str, tuple[str, ...]] = {
    "sqlite": (
        """
        create trigger letter_no_update before update on letter
        begin select raise(abort, 'a letter stays as it was sent'); end
        """,
    ),
    "postgresql": (
        """
        create or replace function letter_refuse() returns trigger language plpgsql as $$
        begin
            raise exception 'a letter stays as it was sent' using errcode = 'restrict_violation';
        end $$
        """,
        """
        create trigger letter_no_update before update on letter
        for each row execute function letter_refuse()
        """,
    ),
}
"""What keeps it so; the migration holds its own copy."""


def _lay_down(_table: Any, connection: Any, **_: Any) -> None:
    for statement in TRIGGERS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


event.listen(Letter.__table__, "after_create", _lay_down)
