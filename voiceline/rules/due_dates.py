"""One due date: what it is for, both readings of it, and the rule it follows."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from voiceline.errors import DateError
from voiceline.rules.business_days import LAST_DAY, Reading, add_business_days
from voiceline.rules.jurisdictions import Confidence, Period, Unit
from voiceline.rules.rights import Right

if TYPE_CHECKING:
    from collections.abc import Mapping

LAST_START = LAST_DAY - timedelta(days=366)
"""No clock of the table runs past the calendar when it starts on this day or before."""

_DAYS = ("counted_from", "by", "literal_by", "customary_by")


class Clock(StrEnum):
    """What has to be done by a date."""

    ACKNOWLEDGE = "acknowledge"
    RESPOND = "respond"
    EXTEND = "extend"
    """Respond, once the extension was told in time."""
    APPEAL = "appeal"
    """The consumer may appeal until then."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Why a date is what it is."""

    id: str
    """Whose figure, for which right, how long: `us-ca/delete/45-days`."""
    table_version: str
    clock: Clock
    right: Right | None
    """None: nobody has named it yet."""
    jurisdiction: str
    """The key of the request's own law, `UNKNOWN-US` where the residence was not told."""
    period: Period
    """From the day it is counted from to the date, an extension included."""
    citation: str
    confidence: Confidence
    is_house: bool = False
    """No law sets this date; ours is shown so that nothing is forgotten."""


@dataclass(frozen=True, slots=True)
class Due:
    """One date, with both readings of it and the rule it follows."""

    rule: Rule
    counted_from: date
    """The day of receipt; of the refusal, for a consumer's appeal."""
    by: date
    """The earlier reading: the whole day, until midnight where the business is."""
    literal_by: date
    """With Saturdays as business days, as the Civil Code says; the same where none are counted."""
    customary_by: date
    """With business days from Monday to Friday."""
    is_granted: bool = True
    """Whether the law knows the right; if not, the answer that says so is due all the same."""

    @property
    def rule_id(self) -> str:
        """The rule with the version of the table, as it is stored."""
        return f"{self.rule.id}@{self.rule.table_version}"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The dates of one right."""

    acknowledge: Due | None
    """None where the law asks for no acknowledgement (opt-out, limit; most states)."""
    respond: Due
    extend: Due | None
    """The date after the one extension; None where the law allows none."""

    @property
    def acknowledge_by(self) -> date | None:
        """The day by which receipt must be confirmed."""
        return self.acknowledge.by if self.acknowledge else None

    @property
    def respond_by(self) -> date:
        """The day by which the request must be answered."""
        return self.respond.by

    @property
    def extended_by(self) -> date | None:
        """The day by which it must be answered once the consumer was told of the extension."""
        return self.extend.by if self.extend else None

    @property
    def rule(self) -> str:
        """The rule of the answer, as it is stored."""
        return self.respond.rule_id


def count_due(rule: Rule, start: date, *, is_granted: bool = True) -> Due:
    """Count a rule's period from a day, in both readings; DateError past the calendar."""
    if start > LAST_START:
        raise DateError(f"{start} is past our calendar, which ends on {LAST_DAY}: check the year.")
    count, unit = rule.period.count, rule.period.unit
    if unit is Unit.BUSINESS_DAYS:
        literal = add_business_days(start, count, Reading.LITERAL)
        customary = add_business_days(start, count, Reading.CUSTOMARY)
        return Due(rule, start, min(literal, customary), literal, customary, is_granted)
    by = add_months(start, count) if unit is Unit.MONTHS else start + timedelta(days=count)
    return Due(rule, start, by, by, by, is_granted)


def add_months(start: date, count: int) -> date:
    """Answer the same day `count` months on, or the last of a month that has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def to_record(due: Due) -> dict[str, Any]:
    """Write a date down as JSON can hold it, with all that `from_record` and `why` need."""
    return {
        **asdict(due.rule),
        "period": {"count": due.rule.period.count, "unit": due.rule.period.unit},
        "counted_from": due.counted_from.isoformat(),
        "by": due.by.isoformat(),
        "literal_by": due.literal_by.isoformat(),
        "customary_by": due.customary_by.isoformat(),
        "is_granted": due.is_granted,
    }


def write_dates(dates: Deadlines) -> dict[str, dict[str, Any]]:
    """Write a right's dates down, each under its clock."""
    found = (dates.acknowledge, dates.respond, dates.extend)
    return {due.rule.clock.value: to_record(due) for due in found if due}


def read_dates(records: Mapping[str, Mapping[str, Any]]) -> Deadlines:
    """Read back what `write_dates` wrote."""
    found = {clock: from_record(record) for clock, record in records.items()}
    return Deadlines(found.get(Clock.ACKNOWLEDGE), found[Clock.RESPOND], found.get(Clock.EXTEND))


def from_record(record: Mapping[str, Any]) -> Due:
    """Read back what `to_record` wrote: nothing is counted again, whatever the table says now."""
    facts = dict(record)
    is_granted: bool = facts.pop("is_granted")
    days = {name: date.fromisoformat(facts.pop(name)) for name in _DAYS}
    right, period = facts.pop("right"), facts.pop("period")
    rule = Rule(
        clock=Clock(facts.pop("clock")),
        right=Right(right) if right else None,
        period=Period(period["count"], Unit(period["unit"])),
        confidence=Confidence(facts.pop("confidence")),
        **facts,
    )
    return Due(rule, is_granted=is_granted, **days)
