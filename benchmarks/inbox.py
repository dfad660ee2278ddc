"""Figure 5: the inbox of a business with a million requests, page 200 against page 1; and plans."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from sqlalchemy import event, text

from benchmarks import plans, postgres, seeding
from benchmarks.figures import Figure
from voiceline.database import make_engine, make_sessions
from voiceline.inbox import Order, inbox_page
from voiceline.models import PrivacyRequest

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from voiceline.inbox import Place
    from voiceline.models import ServiceCode

REQUESTS = 1_000_000
PAGE, ROWS = 200, 50
ROUNDS = 40
BULK = (
    "statement_timeout = 0",
    "maintenance_work_mem = '256MB'",
    "session_replication_role = replica",  # the business and the code are there: we made them
)
FILL = """
insert into privacy_request (id, business_id, service_code_id, reference, channel, status,
    language, received_at, received_on, filed_at, acknowledge_by, respond_by, jurisdiction,
    version)
select gen_random_uuid(), :business, :code, lpad(n::text, 9, '0'), 'phone',
    (array['received', 'acknowledged', 'completed', 'denied'])[1 + n % 4], 'en',
    now() - n * interval '20 seconds', (now() - n * interval '20 seconds')::date,
    now() - n * interval '20 seconds', null,
    (now() - n * interval '20 seconds')::date + case when n % 5 = 0 then 21 else 45 end,
    'UNKNOWN-US', 1
from generate_series(1, :count) as n
"""


def measure(_folder: Path) -> list[Figure]:
    """Fill a database of PostgreSQL in one statement, then read both pages in turns."""
    if postgres.programs() is None:
        print("   PostgreSQL's programs are not installed: not measured")
        return []
    with postgres.cluster() as server:
        engine = make_engine(server.url)
        code = seeding.open_accounts(engine)
        _fill(engine, code)
        try:
            pages = [figure for order in Order for figure in _compare(engine, order)]
            return pages + plans.measure(engine, code.business_id)
        finally:
            engine.dispose()


def _fill(engine: Engine, code: ServiceCode) -> None:
    """Write the rows first and build their indexes after, as a restored dump would."""
    indexes = PrivacyRequest.metadata.tables["privacy_request"].indexes
    facts = {"business": code.business_id, "code": code.id, "count": REQUESTS}
    with engine.begin() as connection:
        for setting in BULK:
            connection.execute(text(f"set local {setting}"))
        for index in indexes:
            index.drop(connection)
        connection.execute(text(FILL), facts)
        for index in indexes:
            index.create(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze privacy_request"))


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
