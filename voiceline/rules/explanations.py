"""Why a date is what it is, in words: for the page, the letters and the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voiceline.rules.business_days import Reading, skipped_holidays
from voiceline.rules.due_dates import Clock
from voiceline.rules.jurisdictions import UNKNOWN, Confidence, Unit, find_jurisdiction
from voiceline.rules.rights import RIGHTS, ClockClass
from voiceline.rules.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from voiceline.rules.due_dates import Due
    from voiceline.rules.jurisdictions import Period

LANGUAGES = ("en", "es")


def why(due: Due, language: str = "en") -> str:
    """Answer "Why this date?" as one paragraph in `en` or `es`, with the citation at its end."""
    return " ".join(reasons(due, language))


def reasons(due: Due, language: str = "en") -> list[str]:
    """Answer the sentences of `why`: what is due, by whose figure, how it was counted, caveats."""
    facts = _facts(due, language)
    sentences = _words(language)["sentences"]
    names = [_what(due), _by_whom(due), *_how(due), *_caveats(due), _source(due)]
    return [sentences[name].format(**facts) for name in names]


def date_in_words(day: date, language: str = "en") -> str:
    """Write a date with its weekday: `Saturday, November 21, 2026`."""
    words = _words(language)
    text: str = words["date"]
    return text.format(
        weekday=words["weekdays"][day.weekday()],
        day=day.day,
        month=words["months"][day.month - 1],
        year=day.year,
    )


def period_in_words(period: Period, language: str = "en") -> str:
    """Write a length of time: `45 calendar days`."""
    one, many = _words(language)["periods"][period.unit]
    text: str = one if period.count == 1 else many
    return text.format(count=period.count)


def _what(due: Due) -> str:
    right = due.rule.right
    is_stop = right is not None and RIGHTS[right].clock == ClockClass.STOP
    return "stop" if is_stop and due.rule.clock == Clock.RESPOND else due.rule.clock


def _by_whom(due: Due) -> str:
    if due.rule.clock == Clock.APPEAL:
        return "window"
    if due.rule.is_house:
        return "by_house"
    return "residence_unknown" if due.rule.jurisdiction == UNKNOWN else "by_law"


def _how(due: Due) -> Iterator[str]:
    """Yield the sentences that tell how it was counted."""
    if due.rule.clock == Clock.EXTEND:
        yield "in_all"
    yield "from_refusal" if due.rule.clock == Clock.APPEAL else "from_receipt"
    if due.rule.period.unit != Unit.BUSINESS_DAYS:
        yield due.rule.period.unit
        return
    yield "readings_agree" if due.literal_by == due.customary_by else "business_days"
    if _holidays(due):
        yield "holidays"


def _caveats(due: Due) -> Iterator[str]:
    """Yield the sentences that say what to keep in mind."""
    rule = due.rule
    if rule.right is None:
        yield "unnamed"
    if not due.is_granted and not rule.is_house:
        yield "not_granted"
    if find_jurisdiction(rule.jurisdiction).duties.silence_refuses and not rule.is_house:
        yield "silence_refuses"
    if rule.confidence != Confidence.READ and not rule.is_house:
        yield rule.confidence


def _source(due: Due) -> str:
    return "source" if due.rule.citation else "source_of_house"


def _facts(due: Due, language: str) -> dict[str, str]:
    place = find_jurisdiction(find_jurisdiction(due.rule.jurisdiction).figures_of)
    return {
        "place": place.spanish if language == "es" else place.english,
        "law": place.law,
        "period": period_in_words(due.rule.period, language),
        "start": date_in_words(due.counted_from, language),
        "by": date_in_words(due.by, language),
        "literal": date_in_words(due.literal_by, language),
        "customary": date_in_words(due.customary_by, language),
        "days": "; ".join(date_in_words(day, language) for day in _holidays(due)),
        "citation": due.rule.citation,
        "version": due.rule.table_version,
    }


def _holidays(due: Due) -> list[date]:
    """Answer the holidays that the reading which was used passed over."""
    reading = Reading.LITERAL if due.by == due.literal_by else Reading.CUSTOMARY
    return skipped_holidays(due.counted_from, due.by, reading)


def _words(language: str) -> dict[str, Any]:
    words: dict[str, Any] = read_table("explanations")[language]
    return words
