"""Proofs as others read them: a month as CSV, the newest as figures for Prometheus."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from voiceline.errors import UserError
from voiceline.models import CanaryCall
from voiceline.record_files import csv_line
from voiceline.rules.canary import CanaryOutcome, CanaryStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

HEAD = (
    *("number", "language", "placed_at", "outcome", "failed_step", "reason"),
    *(f"{step.value}_at" for step in CanaryStep if step != CanaryStep.PLACED),
    "erased_at",
)
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])", re.ASCII)


def month_of(text: str) -> date:
    """Read a month such as 2026-11, or raise UserError."""
    if not _MONTH.fullmatch(text):
        raise UserError("A month is written as 2026-11.")
    return date(int(text[:4]), int(text[5:]), 1)


def write_month(session: Session, month: date) -> Iterator[str]:
    """Write every judged call of the month (UTC), oldest first, safe to open as a spreadsheet."""
    begin = datetime(month.year, month.month, 1, tzinfo=UTC)
    end = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
    rows = (
        select(CanaryCall)
        .where(
            CanaryCall.placed_at >= begin,
            CanaryCall.placed_at < end,
            CanaryCall.outcome.is_not(None),
        )
        .order_by(CanaryCall.placed_at, CanaryCall.id)
    )
    yield "\ufeff" + csv_line(HEAD)
    for row in session.scalars(rows):
        yield csv_line(_cells(row))


def write_metrics(session: Session) -> str:
    """Write the figures as Prometheus reads them: the last good call, and failures by step."""
    good = CanaryCall.outcome.in_((CanaryOutcome.OK, CanaryOutcome.LATE))
    newest = select(CanaryCall.number, func.max(CanaryCall.placed_at))
    lines = [
        "# HELP voiceline_canary_last_success_timestamp_seconds Last call that proved the line.",
        "# TYPE voiceline_canary_last_success_timestamp_seconds gauge",
    ]
    for number, at in session.execute(newest.where(good).group_by(CanaryCall.number)).all():
        name = f'voiceline_canary_last_success_timestamp_seconds{{number="{number}"}}'
        lines.append(f"{name} {at.timestamp():.0f}")
    lines += [
        "# HELP voiceline_canary_calls_total Canary calls by outcome and first step that failed.",
        "# TYPE voiceline_canary_calls_total counter",
    ]
    count = select(CanaryCall.outcome, CanaryCall.failed_step, func.count()).where(
        CanaryCall.outcome.is_not(None)
    )
    grouped = count.group_by(CanaryCall.outcome, CanaryCall.failed_step)
    for outcome, step, total in sorted(session.execute(grouped).all(), key=str):
        labels = f'outcome="{outcome}",step="{step or ""}"'
        lines.append(f"voiceline_canary_calls_total{{{labels}}} {total}")
    return "\n".join(lines) + "\n"


def _cells(row: CanaryCall) -> list[str]:
    moments = [row.moment(step) for step in CanaryStep if step != CanaryStep.PLACED]
    return [
        row.number,
        row.language,
        _written(row.placed_at),
        row.outcome.value if row.outcome else "",
        row.failed_step.value if row.failed_step else "",
        row.reason or "",
        *(_written(moment) for moment in (*moments, row.erased_at)),
    ]


def _written(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""
