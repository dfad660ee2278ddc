"""A million requests of one business, as the pages find them: with calls, drafts, rights, history.

Nine of ten came by telephone and have a call, its voicemail and a draft of 60 words; one of five
asks for a second right. Half of the requests are answered, and of each three one was listened to.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from voiceline.models import Base

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Row

    from voiceline.models import ServiceCode

REQUESTS = 1_000_000
BULK = (
    "statement_timeout = 0",
    "maintenance_work_mem = '256MB'",
    "session_replication_role = replica",  # the business and the code are there: we made them
)
AT_ONCE = 2
UNLOGGED = {"wal_level": "minimal", "max_wal_senders": "0"}
"""Settings of a server that need not log what is written into a table just emptied."""

# Of the number n of a request follows all that it is, and the ids of what belongs to it.
MANY = """
from (
    select n, now() - n * interval '20 seconds' as at,
        (now() - n * interval '20 seconds')::date as day,
        case when n % 5 = 0 then 21 else 45 end as days,
        n % 4 < 2 as is_open, n % 10 > 0 as by_phone,
        md5('request' || n)::uuid as request_id, md5('call' || n)::uuid as call_id,
        md5('voicemail' || n)::uuid as voicemail_id
    from generate_series(1, :count) as n
) as every
"""
RIGHTS = """(array['delete', 'know_categories', 'know_specific', 'correct', 'opt_out', 'limit',
    'portability', null])[1 + (n + second) % 8]"""
FILL = {
    "privacy_request": f"""
    insert into privacy_request (id, business_id, service_code_id, call_id, reference, channel,
        status, language, received_at, received_on, filed_at, news_at, respond_by, watch_by,
        finished_at, jurisdiction, version)
    select request_id, :business, :code, case when by_phone then call_id end,
        lpad(n::text, 9, '0'), case when by_phone then 'phone' else 'web' end,
        (array['received', 'acknowledged', 'completed', 'denied'])[1 + n % 4], 'en', at, day,
        at, at,
        day + days, case when is_open then day + days end,
        case when not is_open then at + interval '9 days' end, 'UNKNOWN-US', 1
    {MANY}
    """,
    "requested_right": f"""
    insert into requested_right (id, business_id, request_id, "right", source, status, respond_by,
        due_by, rule, finished_at, told_on)
    select gen_random_uuid(), :business, request_id, {RIGHTS}, 'keyed',
        (array['open', 'open', 'completed', 'denied'])[1 + n % 4], day + days, day + days,
        'US-CA/45@1', case when not is_open then at + interval '9 days' end,
        case when not is_open then day + 9 end
    {MANY} cross join generate_series(0, 1) as second
    where second = 0 or n % 5 = 1
    """,
    "call": f"""
    insert into call (id, carrier_id, business_id, service_code_id, unassigned, caller_id, language,
        started_at, ended_at)
    select call_id, 'CA' || md5('call' || n), :business, :code, false,
        '+1415' || lpad((n % 9000000)::text, 7, '0'), 'en', at, at + interval '1 minute'
    {MANY} where by_phone
    """,
    "voicemail": f"""
    insert into voicemail (id, business_id, call_id, carrier_id, take, status, claimed_seconds,
        recorded_at, received_at, attempts)
    select voicemail_id, :business, call_id, 'RE' || md5('call' || n), 1, 'stored', 30, at, at, 1
    {MANY} where by_phone
    """,
    "transcript": f"""
    insert into transcript (id, business_id, voicemail_id, version, status, text, created_at,
        attempts)
    select gen_random_uuid(), :business, voicemail_id, 1, 'completed',
        repeat('please delete what you have of me ', 9), at, 1
    {MANY} where by_phone
    """,
    "request_event": f"""
    insert into request_event (id, business_id, request_id, kind, at)
    select gen_random_uuid(), :business, request_id, 'listened_to', at
    {MANY} where n % 3 = 0
    """,
}


KEYS = """
select conrelid::regclass::text as "table", conname as name, contype = 'f' as refers,
    pg_get_constraintdef(oid) as definition
from pg_constraint
where contype in ('p', 'u', 'f')
    and cast(:tables as regclass[]) && array[conrelid::regclass, confrelid::regclass]
order by refers, "table", name
"""


def fill(engine: Engine, code: ServiceCode) -> None:
    """Write the rows first, and build their keys and indexes after, as a restored dump would."""
    facts = {"business": code.business_id, "code": code.id, "count": REQUESTS}
    with engine.begin() as connection:
        keys = connection.execute(text(KEYS), {"tables": list(FILL)}).all()
        for key in reversed(keys):
            connection.execute(text(f"alter table {key.table} drop constraint {key.name}"))
    own = {table: [each for each in keys if each.table == table] for table in FILL}
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        list(crowd.map(lambda table: _write(engine, table, own[table], facts), FILL))
    with engine.begin() as connection:
        for key in keys:
            if key.refers:  # not looked up a million times: it was written so
                _add(connection, key, "not valid")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("set statement_timeout = 0"))
        connection.execute(text(f"vacuum analyze {', '.join(FILL)}"))


def _write(engine: Engine, name: str, keys: list[Row[Any]], facts: dict[str, object]) -> None:
    """Write a table with those of the values that its statement names, then what finds its rows."""
    indexes, statement = Base.metadata.tables[name].indexes, FILL[name]
    named = {fact: value for fact, value in facts.items() if f":{fact}" in statement}
    with engine.begin() as connection:
        for setting in BULK:
            connection.execute(text(f"set local {setting}"))
        for index in indexes:
            index.drop(connection)
        connection.execute(text(f"truncate {name}"))
        connection.execute(text(statement), named)
        for key in keys:
            if not key.refers:
                _add(connection, key)
        for index in indexes:
            index.create(connection)


def _add(connection: Connection, key: Row[Any], how: str = "") -> None:
    connection.execute(
        text(f"alter table {key.table} add constraint {key.name} {key.definition} {how}")
    )
