"""The inbox of a business with 100,000 voicemails as its page is asked for: plain, and filtered.

The whole answer of the dashboard is timed, from the address to the last byte, on PostgreSQL; and
how many bytes the page is, packed.
"""

from __future__ import annotations

import gzip
import tempfile
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from unittest import mock

from sqlalchemy import text

from benchmarks import million, postgres, seeding
from benchmarks.figures import Figure
from voiceline.bootstrap import build
from voiceline.dashboard import create_app
from voiceline.database import make_engine, make_sessions
from voiceline.models import LoginSession, Membership, Role, User
from voiceline.settings import load_settings
from voiceline.wsgi import settled

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from sqlalchemy import Engine

REQUESTS = 100_000
ROUNDS = 40
MOST_MILLISECONDS = 150
MOST_KILOBYTES = 150

DOCUMENTS = """
insert into search_document (request_id, business_id, words)
select id, business_id, array_to_tsvector(array[reference, E'\\x1f' || replace(business_id::text,
    '-', ''), 'please', 'delete', 'what', 'you', 'have', 'of', 'me',
    'w' || abs(hashtext(reference)) % 20000, 'name' || abs(hashtext(reference)) % 500])
from privacy_request
"""
ASKED = {
    "plain": "status=open",
    "newest, all": "status=all&order=newest",
    "search, rare word": "status=all&q=w777",
    "search, common word": "status=all&q=delete",
    "search, two words": "status=all&q=delete+name77",
    "overdue": "due=overdue",
    "within 14 days, newest": "due=14&order=newest",
    "right": "right=correct",
    "channel": "channel=web",
    "language, none match": "language=es",
    "received in a week": "from=2026-11-01&to=2026-11-07",
    "unread": "unread=1",
    "assigned to me": "assigned=me",
    "assigned to nobody": "assigned=nobody",
    "all at once": "status=all&q=delete&right=correct&channel=phone&assigned=nobody&unread=1",
}
"""What is asked for, and the address that asks for it."""


def measure(_folder: Path) -> list[Figure]:
    """Fill a database, sign somebody in, and ask for each page in turns."""
    if postgres.programs() is None:
        print("   PostgreSQL's programs are not installed: not measured")
        return []
    with postgres.cluster(**million.UNLOGGED) as server, tempfile.TemporaryDirectory() as data:
        engine = make_engine(server.url)
        code = seeding.open_accounts(engine)
        with mock.patch.object(million, "REQUESTS", REQUESTS):
            million.fill(engine, code)
        _write_documents(engine)
        settings = load_settings({"VOICELINE_DATABASE_URL": server.url, "VOICELINE_DATA_DIR": data})
        app = settled(create_app(build(settings)))
        client = _sign_in(app.test_client(), engine, code.business_id, app.config["LOGIN_COOKIE"])
        path = f"/businesses/{code.business_id}/requests"
        figures = [_time(client, f"{path}?{query}", name) for name, query in ASKED.items()]
        page = client.get(f"{path}?status=all&order=newest").data
        engine.dispose()
    packed = len(gzip.compress(page)) / 1000
    against = "50 rows, without the style sheet and scripts, which are kept for a year"
    weight = Figure("inbox page, packed", packed, "kB", against, at_most=MOST_KILOBYTES)
    return [*figures, weight]


def _write_documents(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("set local statement_timeout = 0"))
        connection.execute(text(DOCUMENTS))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze search_document"))


def _sign_in(client: FlaskClient, engine: Engine, business_id: object, cookie: str) -> FlaskClient:
    at, token = datetime.now(UTC), "benchmark"
    with make_sessions(engine).begin() as session:
        user = User(email="alice@example.com", name="Alice Abbott", created_at=at)
        session.add(user)
        session.flush()
        long_ago = at - timedelta(days=400)
        session.add(
            Membership(
                business_id=business_id, user_id=user.id, role=Role.OWNER, created_at=long_ago
            )
        )
        session.add(
            LoginSession(
                token_sha256=sha256(token.encode()).hexdigest(),
                user_id=user.id,
                created_at=at,
                seen_at=at,
                ends_at=at + timedelta(hours=8),
            )
        )
    client.set_cookie(cookie, token)
    return client


def _time(client: FlaskClient, path: str, name: str) -> Figure:
    taken = []
    client.get(path)  # the first of a process compiles what the others find compiled
    for _ in range(ROUNDS):
        began = time.perf_counter()
        answer = client.get(path)
        taken.append(time.perf_counter() - began)
        assert answer.status_code == 200, (name, answer.status_code)
    p95 = sorted(taken)[int(ROUNDS * 0.95) - 1] * 1000
    against = f"the whole answer, {REQUESTS:,} requests of one business, PostgreSQL"
    return Figure(f"inbox, {name}, p95", p95, "ms", against, at_most=MOST_MILLISECONDS)
