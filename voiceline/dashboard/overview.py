"""The state of the work at a glance: what came, how fast it was answered, what is due."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from voiceline.dashboard.charts import Bar, draw
from voiceline.dashboard.context import business, now, transaction
from voiceline.dashboard.wording import local_date
from voiceline.metrics import name_of
from voiceline.overview import BANDS, days_to_answer, due_by_week, received_by_week

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from flask.typing import ResponseReturnValue

    from voiceline.overview import Due, Week

blueprint = Blueprint("overview", __name__, url_prefix="/businesses/<uuid:business_id>/overview")

NAMED = 5
"""Rights drawn by themselves; colours can be told apart up to there."""
OTHER = "Other rights"


@blueprint.get("")
def show_overview(business_id: UUID) -> ResponseReturnValue:
    """Show three charts, each with its numbers in a table."""
    today = local_date(now(), business().time_zone)
    years = (today.year - 1, today.year)
    with transaction() as session:
        weeks = received_by_week(session, business_id, today)
        days = days_to_answer(session, business_id, years)
        due = due_by_week(session, business_id, today)
    names = _names(weeks)
    return render_template(
        "overview.html",
        names=[name_of(right) for right in names] + ([OTHER] if _others(weeks, names) else []),
        received=(bars := _received(weeks, names)),
        received_chart=draw(bars, every=5),
        answered=(taken := _answered(days)),
        answered_chart=draw(taken),
        due=due,
        owed=[Bar(bar.label, bar.title, [("requests", bar.total)]) for bar in _owed(due)],
        owed_chart=draw(_owed(due)),
        years=years,
    )


def _names(weeks: Sequence[Week]) -> list[str]:
    """Answer the rights asked for most, the first first."""
    asked: Counter[str] = Counter()
    for week in weeks:
        asked.update(week.counts)
    return [right for right, _ in asked.most_common(NAMED)]


def _others(weeks: Sequence[Week], names: Sequence[str]) -> bool:
    return any(set(week.counts) - set(names) for week in weeks)


def _received(weeks: Sequence[Week], names: Sequence[str]) -> list[Bar]:
    bars = []
    for week in weeks:
        parts = [(name_of(right), week.counts.get(right, 0)) for right in names]
        if _others(weeks, names):
            parts.append((OTHER, week.total - sum(count for _, count in parts)))
        bars.append(Bar(_short(week.monday), f"Week of {_short(week.monday)}", parts))
    return bars


def _answered(days: Sequence[int]) -> list[Bar]:
    said = [f"{first} to {last}" if last else f"over {first - 1}" for first, last in BANDS]
    return [
        Bar(label, f"{label} days", [("answers", count)])
        for label, count in zip(said, days, strict=True)
    ]


def _owed(due: Due) -> list[Bar]:
    weeks = [(_short(week.monday), week.total) for week in due.weeks]
    places = [(day, f"Week of {day}", count) for day, count in weeks]
    places.append(("later", "Later", due.later))
    return [
        Bar("overdue", "Overdue", [("overdue", due.overdue)]),
        *(Bar(label, title, [("overdue", 0), ("due", count)]) for label, title, count in places),
    ]


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"
