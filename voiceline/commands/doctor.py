"""`voiceline doctor`: is everything there that a call needs, and if not, what to do."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import click
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from jobs.queue import connect
from voiceline import clock, schema, spool, strays
from voiceline.bootstrap import bucket_faults, build, number_changes
from voiceline.canary import last_proofs
from voiceline.canary_alarm import streak_of
from voiceline.canary_traces import left_behind
from voiceline.commands.context import now, read_settings
from voiceline.deliveries import count_late, count_lost
from voiceline.errors import VoicelineError
from voiceline.rules.canary import is_silent
from voiceline.rules.clocks import DOUBT_WORDS
from voiceline.sealing import count_by_master
from voiceline.voicemails import count_by_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voiceline.bootstrap import Services
    from voiceline.settings import Settings

FAILED = 1
CLOCK_SECONDS = 2.0
POWERS = "select rolname, rolsuper or rolbypassrls from pg_roles where rolname = current_user"
AGAIN = "mend it and run `voiceline mail again`"
UNWATCHED = "off: nothing calls the line to prove that it works (VOICELINE_CANARY_FROM)"
MOST_LEFT = 3
UNTRIED = "none was tried: start a worker of the queue notify"


@dataclass(frozen=True)
class Finding:
    """One thing the doctor looked at; `advice` is set when it is not right."""

    what: str
    found: str
    advice: str | None = None


@click.command()
@click.pass_context
def doctor(context: click.Context) -> None:
    """Check database, queue, store, carrier, clock, secrets, mail, canary; say what to do."""
    services = build(read_settings())
    findings = [finding for look in LOOKS for finding in _look(look, services)]
    services.engine.dispose()
    for finding in findings:
        mark = (
            click.style("ok  ", fg="green") if not finding.advice else click.style("BAD ", fg="red")
        )
        click.echo(f"{mark} {finding.what:<12} {finding.found}")
        if finding.advice:
            click.echo(f"                  -> {finding.advice}")
    ill = sum(1 for finding in findings if finding.advice)
    click.echo(f"{ill} of {len(findings)} need attention." if ill else "All is well.")
    if ill:
        context.exit(FAILED)


def _look(look: Callable[[Services], Iterator[Finding]], services: Services) -> list[Finding]:
    name = look.__name__.strip("_")
    try:
        return list(look(services))
    except (VoicelineError, SQLAlchemyError, RedisError, OSError) as error:
        return [Finding(name, f"does not answer ({type(error).__name__})", ADVICE[name])]


ADVICE = {
    "database": "check VOICELINE_DATABASE_URL and that the server runs",
    "queue": "check VOICELINE_REDIS_URL; embedded, it runs inside `voiceline demo`",
    "keys": "check VOICELINE_MASTER_KEYS; see docs/encryption.md",
    "store": "check VOICELINE_STORE and the VOICELINE_S3_* settings",
    "carrier": "check VOICELINE_TWILIO_API_BASE, the account, and its token or API key",
    "clock": "check VOICELINE_DATABASE_URL first",
    "secrets": "see docs/configuration.md",
    "work": "check VOICELINE_DATABASE_URL first",
    "orphans": "check VOICELINE_DATABASE_URL first",
    "mail": "check VOICELINE_DATABASE_URL first",
    "canary": "check VOICELINE_DATABASE_URL first",
}


def _database(services: Services) -> Iterator[Finding]:
    present, newest = schema.current(services.engine), schema.newest()
    kind = services.engine.dialect.name
    stale = "run `voiceline db upgrade`" if present != newest else None
    yield Finding("database", f"{kind} at revision {present or 'none'}", stale)
    if kind == "sqlite" and services.settings.environment == "production":
        yield Finding("database", "SQLite in production", "use PostgreSQL")


def _queue(services: Services) -> Iterator[Finding]:
    redis = connect(services.settings)
    policy = _config_of(redis, "maxmemory-policy")
    wrong = policy not in {"noeviction", "unknown"}
    evict = "set maxmemory-policy to noeviction: others throw queued work away" if wrong else None
    yield Finding("queue", f"eviction policy {policy}", evict)
    appends = _config_of(redis, "appendonly")
    lose = "set appendonly yes: a restart would forget what is queued" if appends == "no" else None
    yield Finding("queue", f"append-only file {appends}", lose)


def _store(services: Services) -> Iterator[Finding]:
    key = f"probe/{time.time_ns()}.txt"
    stored = services.store.put(
        key, b"voiceline", content_type="text/plain", tags={"tier": "probe"}
    )
    services.store.delete(key)
    yield Finding(
        "store", f"{services.settings.store}: wrote, read and deleted {stored.size} bytes"
    )
    if services.settings.store == "s3":
        faults = bucket_faults(services.settings)
        advice = "run `voiceline storage setup`" if faults else None
        yield Finding("lifecycle", "; ".join(faults) or "expires each tier in time", advice)


def _keys(services: Services) -> Iterator[Finding]:
    """Look whether a master key is missing, and whether anything is under a former one."""
    keys, settings = services.store.keys, services.settings
    keys.prove()
    with services.sessions() as session:
        counts = count_by_master(session)
    lost = [each for each in counts if each and not keys.knows(each)]
    former = sum(n for each, n in counts.items() if each and each != keys.master_id)
    advice = "run `voiceline keys rotate`" if former else None
    yield Finding("keys", f"{keys.master_id} wraps; {former} under others", advice)
    for master_id in lost:
        yield Finding("keys", f"master key {master_id} is missing", "put it back")
    if settings.environment == "production" and not _apart(settings):
        found = "data keys lie with what they seal"
        yield Finding("keys", found, "set VOICELINE_KEYS_S3_BUCKET or VOICELINE_KEYS_DIR")


def _apart(settings: Settings) -> bool:
    if settings.store == "folder":
        return settings.keys_dir is not None
    return settings.keys_s3_bucket not in {"", settings.s3_bucket}


def _carrier(services: Services) -> Iterator[Finding]:
    for number in services.settings.twilio_numbers:
        changes = number_changes(services.settings, number)
        simulated = services.settings.twilio_api_base.startswith("http://127.0.0.1")
        right = not changes or simulated
        found = (
            "answers" if simulated else f"{number} comes to us" if right else f"{number} does not"
        )
        yield Finding("carrier", found, None if right else "run `voiceline twilio setup`")


def _clock(services: Services) -> Iterator[Finding]:
    with services.sessions() as session:
        seen, here = clock.look(session, process=now()), now()
    if services.engine.dialect.name == "sqlite":
        yield Finding("clock", "the database is on this machine")
    else:
        apart = abs((here - seen.at).total_seconds())
        far = apart > CLOCK_SECONDS
        advice = "set both machines' clocks by NTP: deadlines hang on them" if far else None
        yield Finding("clock", f"{apart:.1f} s apart from the database", advice)
    if seen.doubt is not None:
        advice = "compare it with the time of day, then run `voiceline clock confirm`"
        yield Finding("clock", f"nothing expires: {DOUBT_WORDS[seen.doubt]}", advice)


def _reach(services: Services) -> Iterator[Finding]:
    """Look whether row-level security binds the role at hand."""
    if services.engine.dialect.name != "postgresql":
        return
    with services.engine.connect() as connection:
        role, unbound = connection.execute(text(POWERS)).one()
    advice = "connect as a plain role: see postgresql-roles.sql" if unbound else None
    found = "reads past row-level security" if unbound else "is kept to one business at a time"
    yield Finding("role", f"{role} {found}", advice)


def _secrets(services: Services) -> Iterator[Finding]:
    settings = services.settings
    yield Finding("secrets", f"{settings.environment}: all settings are well-formed")
    until = settings.twilio_previous_auth_token_until
    if until is not None and until < now():
        yield Finding("secrets", "a previous auth token has ended", "remove it from the settings")


def _work(services: Services) -> Iterator[Finding]:
    with services.sessions() as session:
        counts = count_by_status(session)
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "none yet"
    failed = sum(count for status, count in counts.items() if status == "failed")
    advice = "see the workers' logs; they are tried again every hour" if failed else None
    yield Finding("voicemails", told, advice)
    damaged: list[str] = []
    events = spool.events(services.settings.spool_dir, lambda path, _: damaged.append(path.name))
    waiting = sum(1 for _ in events)
    yield Finding("spool", f"{waiting} events wait", "is a worker running?" if waiting else None)
    for name in damaged:
        yield Finding("spool", f"{name} cannot be read", "see what is left of it, then delete it")


def _orphans(services: Services) -> Iterator[Finding]:
    """Look at what the last comparison of rows and objects found."""
    with services.sessions() as session:
        lost, kept, ended_at = strays.counts(session)
        began_at = strays.began(session)
    see = "see `voiceline storage orphans` and docs/operations.md, After a restore"
    found = f"{lost} voicemails without their object, {kept} objects without a row"
    yield Finding("orphans", found, see if lost or kept else None)
    late = began_at is not None and now() - (ended_at or began_at) > strays.LATE
    if late:
        yield Finding("orphans", "not compared for two nights", "see worker upkeep's log")


def _mail(services: Services) -> Iterator[Finding]:
    with services.sessions() as session:
        late, why = count_late(session, at=now())
        lost, reason = count_lost(session, at=now())
    waits = f"{why or UNTRIED}; they go out by themselves once that is mended"
    yield Finding("mail", f"{late} messages owed for over an hour", waits if late else None)
    ended = f"{reason}: check the address; where the reason was ours, {AGAIN}"
    yield Finding("mail", f"{lost} messages given up this week", ended if lost else None)


def _canary(services: Services) -> Iterator[Finding]:
    """Look whether the line was proven lately, and whether anything still tries to."""
    settings = services.settings
    if not settings.canary_from:
        yield Finding("canary", UNWATCHED)
        return
    with services.sessions() as session:
        newest = next(iter(last_proofs(session, 1)), None)
        troubled = [number for number in settings.twilio_numbers if streak_of(session, number)]
        left = len(left_behind(session))
    if is_silent(newest.placed_at if newest else None, _period(settings), now()):
        since = f"{newest.placed_at:%Y-%m-%d %H:%M} UTC" if newest else "ever"
        yield Finding("canary", f"no call since {since}", "start the scheduler and worker upkeep")
    for number in troubled:
        yield Finding("canary", f"{number} was not proven", "see `voiceline canary list`")
    if newest is not None and not troubled:
        yield Finding("canary", f"the line was called {newest.placed_at:%Y-%m-%d %H:%M} UTC")
    if left > MOST_LEFT:
        yield Finding("canary", f"{left} calls left traces", "see worker upkeep's log; the store?")


def _period(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.canary_minutes)


LOOKS = (
    *(_database, _reach, _queue, _store, _keys, _carrier),
    *(_clock, _secrets, _work, _orphans, _mail, _canary),
)


def _config_of(redis, name: str) -> str:  # type: ignore[no-untyped-def]  # noqa: ANN001 - redis-py's own generics
    """Answer a setting of Redis; managed ones forbid the question."""
    try:
        found = redis.config_get(name)
    except RedisError:
        redis.ping()
        return "unknown"
    return str(found.get(name, "unknown"))
