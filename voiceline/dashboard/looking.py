"""What every view of the inbox begins with: who reads, what there is to choose from, the choice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from flask import g
from sqlalchemy import select, text

from voiceline.colleagues import colleagues_of
from voiceline.dashboard.context import business, now
from voiceline.dashboard.filtering import Chosen, Known, read_chosen
from voiceline.dashboard.wording import local_date
from voiceline.filters import Which, which
from voiceline.models import Membership, ServiceCode
from voiceline.reading import Reader, reader_of

if TYPE_CHECKING:
    from sqlalchemy.exc import OperationalError
    from sqlalchemy.orm import Session

    from voiceline.dashboard.filtering import Args

MOST_CODES = 200
SEARCH_MILLISECONDS = 3000
"""How long looking for what a filter means may take."""

CANCELLED = "57014"
"""PostgreSQL's word for a statement that took too long."""

TOO_LONG = "That took too long to look for. Take a condition away, or add one, and try again."


@dataclass(frozen=True)
class Looking:
    """A member who looks at their inbox."""

    reader: Reader
    known: Known
    chosen: Chosen

    def which(self, session: Session) -> Which | None:
        """Answer the choice's conditions, None where there are none; what follows is bounded."""
        if not self.chosen.is_filtered:
            return None
        hurry(session)
        return self.conditions(session)

    def conditions(self, session: Session, *, narrow: bool = True) -> Which:
        """Answer the choice's conditions, today; `narrow`: look whether they mean few."""
        zone = business().time_zone
        today = local_date(now(), zone)
        asked = self.chosen.filter
        return which(session, self.reader, asked, today=today, zone=zone, narrow=narrow)


def look(session: Session, args: Args) -> Looking:
    """Read who looks, and at what."""
    member = membership()
    reader = reader_of(session, member)
    known = Known(_codes(session, member), colleagues_of(session, member.business_id))
    return Looking(reader, known, read_chosen(args, known))


def look_at(here: Looking, args: Args) -> Looking:
    """Look at another choice, as the same member."""
    return replace(here, chosen=read_chosen(args, here.known))


def hurry(session: Session) -> None:
    """Let what is still asked in this transaction give up early."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"set local statement_timeout = {SEARCH_MILLISECONDS}"))


def membership() -> Membership:
    """Answer the place of who is signed in."""
    return cast("Membership", g.membership)


def took_too_long(error: OperationalError) -> bool:
    """Tell whether it was only that looking took too long."""
    return getattr(error.orig, "sqlstate", None) == CANCELLED


def _codes(session: Session, member: Membership) -> dict[str, str]:
    rows = session.execute(
        select(ServiceCode.code, ServiceCode.brand)
        .where(ServiceCode.business_id == member.business_id)
        .order_by(ServiceCode.code)
        .limit(MOST_CODES)
    )
    return {code: brand or member.business.name for code, brand in rows}
