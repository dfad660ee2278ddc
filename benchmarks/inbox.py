"""Figure 5: the inbox of a business with a million requests, page 200 against page 1; and plans."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from sqlalchemy import event, text

from benchmarks import million, plans, postgres, seeding
from benchmarks.figures import Figure
from benchmarks.million import REQUESTS
from voiceline.database import make_engine, make_sessions
from voiceline.inbox import inbox_page
from voiceline.lists import Order

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from voiceline.places import Place

PAGE, ROWS = 200, 50
ROUNDS = 40


def measure(_folder: Path) -> list[Figure]:
    """Fill a database of PostgreSQL, then read both pages in turns."""
    if postgres.programs() is None:
        print("   PostgreSQL's programs are not installed: not measured")
        return []
    with postgres.cluster(**million.UNLOGGED) as server:
        engine = make_engine(server.url)
        code = seeding.open_accounts(engine)
        million.fill(engine, code)
        try:
            pages = [figure for order in Order for figure in _compare(engine, order)]
            return pages + plans.measure(engine, code.business_id)
        finally:
            engine.dispose()


def _compare(engine: Engine, order: Order) -> list[Figure]:
    with make_sessions(engine)() as session:
        business = session.execute(
            text("select business_id from service_code where code = :code"), {"code": seeding.CODE}
        ).scalar_one()
        deep = _walk(session, business, order)
        first, last = [], []
        for _ in range(ROUNDS):
            first.append(_time(session, business, order, None))
            last.append(_time(session, business, order, deep))
        asked = _count_statements(engine, session, business, order)
    against = f"page 1 in turns, {REQUESTS:,} requests of one business, PostgreSQL, order {order}"
    ratio = statistics.median(last) / statistics.median(first)
    return [
        Figure(f"inbox, page {PAGE} / page 1, {order}", ratio, "x", against, at_most=1.2),
        Figure(f"inbox, page 1, {order}", statistics.median(first) * 1000, "ms", "itself"),
        Figure(f"inbox, statements a page, {order}", asked, "statements", "itself"),
    ]


def _walk(session: Session, business: object, order: Order) -> Place | None:
    place = None
    for _ in range(PAGE - 1):
        place = inbox_page(session, business, order=order, after=place, limit=ROWS).next  # type: ignore[arg-type]
        session.expunge_all()
    return place


def _time(session: Session, business: object, order: Order, after: Place | None) -> float:
    session.expunge_all()
    began = time.perf_counter()
    page = inbox_page(session, business, order=order, after=after, limit=ROWS)  # type: ignore[arg-type]
    taken = time.perf_counter() - began
    assert len(page.rows) == ROWS
    assert all(row.request.rights and (row.voicemail or not row.request.call) for row in page.rows)
    return taken


def _count_statements(engine: Engine, session: Session, business: object, order: Order) -> int:
    asked: list[str] = []
    session.expunge_all()

    def note(*execution: object) -> None:
        asked.append(str(execution[2]))

    event.listen(engine, "before_cursor_execute", note)
    inbox_page(session, business, order=order, after=None, limit=ROWS)  # type: ignore[arg-type]
    event.remove(engine, "before_cursor_execute", note)
    return len(asked)
