"""What three pages ask of a database with a million requests: PostgreSQL's own time, and its plans.

Each statement of a page is caught as it is sent and explained with its values; the times of
planning and running are PostgreSQL's, so neither Python nor the network is in them.
"""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, text

from benchmarks.figures import Figure
from voiceline.database import make_sessions
from voiceline.inbox import count_requests, inbox_page
from voiceline.lists import Order, Scope
from voiceline.metrics import figures_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from uuid import UUID

    from sqlalchemy import Connection, Engine
    from sqlalchemy.orm import Session

PLANS = Path("build/plans")
ROUNDS = 7
MOST_MILLISECONDS = 10
ROWS = 50

TALLY = """
insert into request_tally (business_id, year, "right", outcome, counted_as, days, count)
select business_id, extract(year from received_on)::int, coalesce("right", 'not_named'),
    case status when 'open' then 'open' when 'denied' then 'denied' else 'complied' end,
    case when status = 'denied'
        then (array['unverified', 'exempt', 'other'])[1 + n / 2880 % 3] else '' end,
    case when status = 'open' then 0 else n / 32 % 90 end, count(*)
from (
    select r.business_id, p.received_on, r."right", r.status, p.reference::bigint as n
    from requested_right r join privacy_request p on p.id = r.request_id
) as every
group by 1, 2, 3, 4, 5, 6
"""
"""The rollup of the rights there are, as it would be with an answer on each of 90 days."""


def measure(engine: Engine, business: UUID) -> list[Figure]:
    """Explain what the pages ask; the plans are written to build/plans."""
    with engine.begin() as connection:
        count, today = connection.execute(
            text("select count(*), current_date from privacy_request")
        ).one()
        connection.execute(text(TALLY))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze request_tally"))
    against = f"planning and running as PostgreSQL says, {count:,} requests of one business"
    return [
        Figure(
            f"{name}, in the database",
            _milliseconds(engine, name, work),
            "ms",
            against,
            at_most=MOST_MILLISECONDS,
        )
        for name, work in _pages(business, today).items()
    ]


def _pages(business: UUID, today: date) -> dict[str, Callable[[Session], object]]:
    return {
        "overdue list": lambda session: (
            inbox_page(
                session,
                business,
                order=Order.DEADLINE,
                scope=Scope.OPEN,
                after=None,
                limit=ROWS,
            ),
            count_requests(session, business, today),
        ),
        "inbox, newest": lambda session: (
            inbox_page(session, business, order=Order.NEWEST, after=None, limit=ROWS),
            count_requests(session, business, today),
        ),
        "metrics page": lambda session: figures_of(session, business, today.year),
    }


def _milliseconds(engine: Engine, name: str, work: Callable[[Session], object]) -> float:
    asked = _asked(engine, work)
    with engine.connect() as connection:
        rounds = [[_explain(connection, *each) for each in asked] for _ in range(ROUNDS)]
    PLANS.mkdir(parents=True, exist_ok=True)
    explained = zip(asked, rounds[-1], strict=True)
    written = "\n\n".join(f"{sql}\n\n{plan}" for (sql, _), (plan, _) in explained)
    (PLANS / f"{name.replace(', ', '-').replace(' ', '-')}.txt").write_text(written + "\n")
    return statistics.median(sum(taken for _, taken in each) for each in rounds)


def _asked(engine: Engine, work: Callable[[Session], object]) -> list[tuple[str, Any]]:
    asked: list[tuple[str, Any]] = []

    def note(*execution: Any) -> None:
        asked.append((execution[2], execution[3]))

    event.listen(engine, "before_cursor_execute", note)
    with make_sessions(engine)() as session:
        work(session)
    event.remove(engine, "before_cursor_execute", note)
    return asked


def _explain(connection: Connection, statement: str, values: Any) -> tuple[str, float]:
    """Answer the plan, and the milliseconds of planning and running."""
    rows = connection.exec_driver_sql(f"explain (analyze, buffers) {statement}", values)
    lines = [row[0] for row in rows]
    taken = [float(line.split()[2]) for line in lines if line.endswith(" ms")]
    return "\n".join(lines), sum(taken)
