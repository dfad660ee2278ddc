"""The figures of 11 CCR 7102: read off the rollup that the log keeps, and made public or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.errors import NotFoundError
from voiceline.models import RequestTally, ServiceCode
from voiceline.rules.lifecycle import BusinessStatus
from voiceline.rules.metrics import HEADS, NOT_NAMED, Bucket, Outcome, figures
from voiceline.rules.rights import LABELS, Right
from voiceline.rules.service_codes import is_service_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import Business, User
    from voiceline.rules.metrics import Figures


@dataclass(frozen=True)
class YearOfFigures:
    """What a business received in a year, and what has become of it."""

    year: int
    heads: Mapping[str, Figures]
    """By the heads of 11 CCR 7102."""
    rights: Mapping[str, Figures]
    """By right, those that were asked for; `not_named` for what nobody has named yet."""
    total: Figures

    @property
    def rights_by_name(self) -> list[tuple[str, Figures]]:
        """The same with the names of the rights."""
        return [(name_of(right), each) for right, each in self.rights.items()]


def years_of(today: date) -> tuple[int, int]:
    """Answer the years there are figures of: the last whole one, and this one so far.

    The log is kept for 24 months from a request's end, so of an earlier year some may be gone.
    """
    return today.year - 1, today.year


def has_figures(session: Session, business_id: UUID, year: int) -> bool:
    """Tell whether anything that was received in the year is counted."""
    mine = (RequestTally.business_id == business_id, RequestTally.year == year)
    return bool(session.scalar(select(exists().where(*mine, RequestTally.count > 0))))


def figures_of(session: Session, business_id: UUID, year: int) -> YearOfFigures:
    """Add up the rollup of one year: at most a few thousand rows, however many requests."""
    rows = session.execute(
        select(
            *(RequestTally.right, RequestTally.outcome, RequestTally.counted_as),
            *(RequestTally.days, RequestTally.count),
        ).where(
            RequestTally.business_id == business_id,
            RequestTally.year == year,
            RequestTally.count > 0,
        )
    )
    asked: dict[str, list[tuple[Bucket, int]]] = {}
    for right, outcome, counted_as, days, count in rows:
        bucket = Bucket(year, right, outcome, counted_as, days)
        asked.setdefault(right, []).append((bucket, count))
    return YearOfFigures(
        year,
        {name: figures(_together(asked, rights)) for name, rights in HEADS.items()},
        {right: figures(asked[right]) for right in (*Right, NOT_NAMED) if right in asked},
        figures(_together(asked, asked)),
    )


def as_json(found: YearOfFigures) -> dict[str, Any]:
    """Write the figures of a year as JSON can hold them."""
    return {
        "year": found.year,
        "rule": "11 CCR 7102",
        "counted_by": "the local day of receipt; each right of a request by itself",
        "heads": {name: _one(each) for name, each in found.heads.items()},
        "rights": {right: _one(each) for right, each in found.rights.items()},
        "total": _one(found.total),
    }


def name_of(right: str) -> str:
    """Answer how a right of the figures is called."""
    return "Not named yet" if right == NOT_NAMED else LABELS[Right(right)]


def show_figures(session: Session, business: Business, user: User, at: datetime) -> None:
    """Let anybody see the figures of the last whole year; they are off until somebody does."""
    _set_public(session, business, user, at, Action.METRICS_PUBLISHED)


def hide_figures(session: Session, business: Business, user: User, at: datetime) -> None:
    """Let nobody but colleagues see the figures."""
    _set_public(session, business, user, at, Action.METRICS_HIDDEN)


def find_published(session: Session, code: str) -> Business:
    """Answer the business of the code if it shows its figures, or raise NotFoundError."""
    if not is_service_code(code):
        raise NotFoundError("no such figures")
    found = session.scalar(
        select(ServiceCode)
        .where(ServiceCode.code == code, ServiceCode.withdrawn_at.is_(None))
        .options(joinedload(ServiceCode.business))
    )
    if found is None or not found.business.publishes_metrics:
        raise NotFoundError("no such figures")
    if found.business.status != BusinessStatus.ACTIVE:
        raise NotFoundError("no such figures")
    return found.business


def _set_public(
    session: Session, business: Business, user: User, at: datetime, action: Action
) -> None:
    session.refresh(business, with_for_update=True)
    wanted = action is Action.METRICS_PUBLISHED
    if business.publishes_metrics == wanted:
        return
    business.publishes_metrics = wanted
    session.flush()
    deed = Deed(business.id, action, audit.staff(user), at, audit.about(business))
    audit.write(session, deed)


def _together(
    asked: Mapping[str, list[tuple[Bucket, int]]], rights: Iterable[str]
) -> list[tuple[Bucket, int]]:
    return [tally for right in rights for tally in asked.get(right, ())]


def _one(each: Figures) -> dict[str, Any]:
    return {
        "received": each.received,
        "complied_in_whole_or_in_part": each.complied,
        "complied_in_part": each.counts[Outcome.PARTLY],
        "denied": each.counts[Outcome.DENIED],
        "denied_because": {head.value: count for head, count in each.denied_as.items()},
        "median_days": each.median_days,
        "mean_days": None if each.mean_days is None else round(each.mean_days, 1),
        "open": each.counts[Outcome.OPEN],
        "withdrawn": each.counts[Outcome.WITHDRAWN],
        "redirected": each.counts[Outcome.REDIRECTED],
    }
