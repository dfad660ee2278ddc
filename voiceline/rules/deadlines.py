"""The dates the law sets for a request; docs/deadlines.md says how one is found, and why so.

A day of receipt is a local date of the business. It is not counted, nothing rolls forward, and
no clock rests. A date, once found, is stored with its rule and the table's version: it never
moves when the table does.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from voiceline.errors import DateError, ExtensionError, JurisdictionError
from voiceline.rules.due_dates import Clock, Deadlines, Rule, count_due
from voiceline.rules.jurisdictions import (
    TABLE_VERSION,
    Confidence,
    Figure,
    Period,
    Unit,
    find_jurisdiction,
)
from voiceline.rules.rights import RIGHTS, ClockClass, Right

if TYPE_CHECKING:
    from datetime import date, datetime

    from voiceline.rules.due_dates import Due
    from voiceline.rules.jurisdictions import Figures, Jurisdiction

DEFAULT_TIME_ZONE = "America/Los_Angeles"

APPEAL_WINDOW = Period(60, Unit.DAYS)
"""How long a consumer may appeal; the statutes say "a reasonable period", the number is ours."""

_DOUBT = (Confidence.READ, Confidence.SECOND_HAND, Confidence.UNCONFIRMED)


def received_on(received_at: datetime, time_zone: str) -> date:
    """Answer the local date on which the consumer finished speaking or sending."""
    if received_at.tzinfo is None:
        raise ValueError("a naive datetime has no date of the business")
    return received_at.astimezone(ZoneInfo(time_zone)).date()


def check_received_on(received: date, today: date) -> None:
    """Raise DateError for a day that is still to come where the business is."""
    if received > today:
        raise DateError(f"{received} is still to come: a request is received today or earlier.")


def deadlines_for(
    right: Right | None, received: date, jurisdiction: str | None = None
) -> Deadlines:
    """Answer the dates for a right; None is a right nobody has named yet.

    Without a jurisdiction, California's figures. Raises JurisdictionError for one that is not in
    the table or without figures, DateError for a day before its law or past the calendar.
    """
    place = find_jurisdiction(jurisdiction)
    if place.in_force_on is not None and received < place.in_force_on:
        raise DateError(
            f"{received} is before the law: the {place.law} applies to requests received from "
            f"{place.in_force_on} on. Correct the date, or leave the jurisdiction out: "
            f"California's figures apply from {find_jurisdiction(None).in_force_on} on."
        )
    acknowledge, respond, extend = _rules(right, place.key)
    granted = right is None or place.grants(right, received)
    return Deadlines(
        acknowledge=count_due(acknowledge, received, is_granted=granted) if acknowledge else None,
        respond=count_due(respond, received, is_granted=granted),
        extend=count_due(extend, received, is_granted=granted) if extend else None,
    )


def extension(deadlines: Deadlines, *, told_on: date, extended: bool = False) -> Due:
    """Answer the date after an extension that the consumer is told of on that day.

    Raises ExtensionError where the law allows none, where it was used, and after the first date:
    the notice with its reason must come inside the first period (Cal. Civ. Code 1798.145(h)(1)).
    """
    first, later = deadlines.respond, deadlines.extend
    if later is None:
        raise ExtensionError(
            f"The answer is due by {first.by}, and no extension is allowed ({first.rule.citation})."
        )
    if extended:
        raise ExtensionError(f"It is extended until {later.by} already: that is allowed once.")
    if told_on > first.by:
        raise ExtensionError(
            f"The consumer had to be told of an extension, and why, by {first.by}. Answer now."
        )
    return later


def appeal_by(refused: date, jurisdiction: str | None = None) -> Due | None:
    """Answer until when a consumer who was refused that day may appeal; None: the law gives none.

    The appeal itself is a request for Right.APPEAL, received when it comes.
    """
    place = find_jurisdiction(jurisdiction)
    if (figure := place.figures.appeal) is None:
        return None
    ours = Figure(APPEAL_WINDOW, figure.citation, figure.confidence)
    return count_due(_rule(Clock.APPEAL, Right.APPEAL, place, ours, is_house=True), refused)


@cache
def _rules(right: Right | None, key: str) -> tuple[Rule | None, Rule, Rule | None]:
    """Answer the rules to acknowledge, respond and extend that a law has for a right."""
    place = find_jurisdiction(key)
    figures = place.figures
    if figures.respond is None:
        raise JurisdictionError(
            f"The figures of {place.law} ({place.english}) are not established: leave the "
            "jurisdiction out, and California's are used."
        )
    own, own_extend = _own_figures(right, figures)
    is_house = own is None and _clock(right) in {ClockClass.APPEAL, ClockClass.HOUSE}
    if right and is_house:
        respond = Figure(figures.respond.period, RIGHTS[right].citation, place.confidence)
        extend = None
    else:
        respond, extend = (own, own_extend) if own else (figures.respond, figures.extend)
    acknowledge = next((one for one in figures.acknowledge if _is_for(one, right)), None)
    return (
        _rule(Clock.ACKNOWLEDGE, right, place, acknowledge) if acknowledge else None,
        _rule(Clock.RESPOND, right, place, respond, is_house=is_house),
        _rule(Clock.EXTEND, right, place, _sum(respond, extend)) if extend else None,
    )


def _own_figures(right: Right | None, figures: Figures) -> tuple[Figure | None, Figure | None]:
    """Answer what a law says of this kind of right, to respond and to extend, if it does."""
    return {
        ClockClass.ANSWER: (figures.respond, figures.extend),
        ClockClass.STOP: (figures.stop, None),
        ClockClass.CONSENT: (figures.consent, None),
        ClockClass.APPEAL: (figures.appeal, figures.appeal_extend),
        ClockClass.HOUSE: (None, None),
    }[_clock(right)]


def _clock(right: Right | None) -> ClockClass:
    return RIGHTS[right].clock if right else ClockClass.ANSWER


def _is_for(figure: Figure, right: Right | None) -> bool:
    return right is None or figure.rights is None or right in figure.rights


def _sum(first: Figure, more: Figure) -> Figure:
    """Answer both periods as one, counted from receipt."""
    total = Period(first.period.count + more.period.count, first.period.unit)
    return Figure(total, more.citation, max(first.confidence, more.confidence, key=_DOUBT.index))


def _rule(
    clock: Clock,
    right: Right | None,
    place: Jurisdiction,
    figure: Figure,
    *,
    is_house: bool = False,
) -> Rule:
    whose = "house" if is_house else place.figures_of.lower()
    return Rule(
        id=f"{whose}/{right or 'unstated'}/{figure.period}",
        table_version=TABLE_VERSION,
        clock=clock,
        right=right,
        jurisdiction=place.key,
        period=figure.period,
        citation=figure.citation,
        confidence=figure.confidence,
        is_house=is_house,
    )
