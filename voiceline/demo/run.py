"""The demo: everything started, a real call placed, its request shown, then served on."""

from __future__ import annotations

import fcntl
import signal
import sys
import textwrap
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from jobs.queue import QUEUES
from voiceline import schema
from voiceline.bootstrap import build_language_model
from voiceline.canary import last_proofs
from voiceline.database import make_engine, make_sessions
from voiceline.demo.filed import await_filed
from voiceline.demo.processes import Family, await_answer
from voiceline.demo.redis_server import start_redis
from voiceline.demo.seed import ACME_CODE, AUDIO, BLUEBIRD_CODE, EMAIL, OPERATOR_EMAIL, seed
from voiceline.demo.story import tell
from voiceline.errors import UserError
from voiceline.rules.canary import STEP_WORDS, CanaryOutcome
from voiceline.settings import Settings, load_settings
from voiceline.settings_checks import PREFIX
from voiceline.simulator import Caller, Carrier, CarrierConfig, Number, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session, sessionmaker

    from voiceline.demo.addresses import Ports
    from voiceline.simulator import CallRecord

MIND_SECONDS = 1.0
WIDTH, INDENT = 80, 15
CANARY_FROM = "+14155550160"
CANARY_SECONDS = 150
KEYS = (f"{ACME_CODE}#", ",-", "3", "1")
"""The code; nothing, so that the greeting is heard; delete; send."""


@dataclass
class Demo:
    """What the demo holds while it runs."""

    settings: Settings
    environment: dict[str, str]
    ports: Ports
    sessions: sessionmaker[Session]
    family: Family
    password: str


@contextmanager
def open_demo(data_dir: Path, ports: Ports) -> Iterator[Demo]:
    """Prepare the data, start every process, and stop them all at the end."""
    environment = _environment(data_dir, ports)
    settings = load_settings(environment)
    with ExitStack() as stack:
        stack.enter_context(_alone(settings.data_dir))
        ports.check_free()
        engine = make_engine(settings.database)
        stack.callback(engine.dispose)
        sessions = make_sessions(engine)
        schema.upgrade(engine)
        with sessions.begin() as session:
            password = seed(session, settings.data_dir / "dashboard_password")
        _say(
            "database", f"{settings.data_dir / 'voiceline.db'} (SQLite), operator and 2 businesses"
        )
        _build_model(settings)
        logs = settings.data_dir / "logs"
        logs.mkdir(exist_ok=True)
        family = Family(logs, environment)
        stack.callback(family.stop)
        _start(family, settings, ports)
        yield Demo(settings, environment, ports, sessions, family, password)


def place_call(demo: Demo, carrier: Carrier, speed: float) -> bool:
    """Place the call a newcomer watches; tell whether its request was filed."""
    click.echo(f"\nA consumer calls, {speed:g} times faster than real:\n")
    caller = Caller(keys=KEYS, say=AUDIO / "demo_delete_en.wav", end="#")
    record = carrier.place_call(
        caller, demo.settings.twilio_numbers[0], on_event=lambda event: tell(event, click.echo)
    )
    carrier.drain()
    return _show_filed(demo, record)


@contextmanager
def open_carrier(demo: Demo, speed: float) -> Iterator[Carrier]:
    """Start the simulated carrier and its softphone."""
    telephone = demo.ports.url("telephone")
    carrier = Carrier(
        CarrierConfig(
            account_sid=demo.settings.twilio_account_sid,
            auth_token=demo.settings.twilio_auth_token.get_secret_value(),
            data_dir=demo.settings.data_dir / "carrier",
            numbers=tuple(
                Number(
                    phone_number=number,
                    voice_url=f"{telephone}/voice/answer",
                    voice_fallback_url=f"{demo.settings.fallback}/voice/fallback",
                    status_callback=f"{telephone}/voice/call-status",
                    friendly_name="Privacy request line",
                )
                for number in demo.settings.twilio_numbers
            ),
            speed=speed,
            verified=(demo.settings.canary_from,),
        )
    )
    with running(carrier, port=demo.ports.softphone):
        # Not sooner: what it offers first asks the carrier.
        demo.family.start("scheduler", "scheduler")
        yield carrier


def serve_on(demo: Demo) -> None:
    """Say where everything is, and mind the processes until Ctrl-C."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopped.set())
    click.echo(
        f"""
{click.style("Dashboard", bold=True)}   {demo.ports.url("dashboard")}
            sign in as {EMAIL} with the password {demo.password}
{click.style("Console", bold=True)}     {demo.ports.url("dashboard")}/operator/businesses
            sign in as {OPERATOR_EMAIL} with the same password
{click.style("Softphone", bold=True)}   {demo.ports.url("softphone")}
            call {demo.settings.twilio_numbers[0]} and key {ACME_CODE}# or {BLUEBIRD_CODE}#
{click.style("Web form", bold=True)}    {demo.ports.url("consumer")}/{ACME_CODE}
            or /{BLUEBIRD_CODE}; /status tells how a request stands
{click.style("Shell", bold=True)}       .venv/bin/voiceline call {BLUEBIRD_CODE} --language es
{click.style("Data, logs", bold=True)}  {demo.settings.data_dir}

Ctrl-C ends it; the data stays for the next start."""
    )
    while not stopped.wait(MIND_SECONDS):
        for words in demo.family.mind():
            click.secho(words, fg="yellow")
    click.echo("\nStopping.")


def _show_filed(demo: Demo, record: CallRecord) -> bool:
    click.echo("\nWhat became of it:\n")
    filed = await_filed(demo.sessions, record.call_id, lambda: True)
    if filed is None:
        click.secho("The request was NOT filed.", fg="red")
        click.echo(f"The call's outcome: {record.outcome}. Logs: {demo.family.logs}")
        return False
    for word, words in filed.lines(str(demo.settings.data_dir / "store")):
        _say(word, words)
    base, request = demo.ports.url("dashboard"), filed.request
    click.echo(f"\n  {base}/businesses/{request.business_id}/requests/{request.id}")
    return True


def await_canary(demo: Demo) -> bool:
    """Wait until the line has called itself and nothing of it is left; say what that proved."""
    until = time.monotonic() + CANARY_SECONDS
    while time.monotonic() < until:
        with demo.sessions() as session:
            row = next(iter(last_proofs(session, 1)), None)
        if row is not None and (row.erased_at or row.outcome == CanaryOutcome.FAILED):
            proven = [words for step, words in STEP_WORDS.items() if row.moment(step)]
            said = "; ".join([*proven, row.reason or "its traces are taken away"])
            _say("canary", f"a call of our own, {row.outcome}: {said}")
            return row.outcome != CanaryOutcome.FAILED
        time.sleep(MIND_SECONDS / 4)
    _say("canary", "no call of our own was judged; see the log of worker-upkeep")
    return False


def _environment(data_dir: Path, ports: Ports) -> dict[str, str]:
    """Answer the settings of every process: the embedded defaults, whatever the shell has set."""
    return {
        f"{PREFIX}DATA_DIR": str(data_dir.absolute()),
        f"{PREFIX}TELEPHONE_URL": ports.url("telephone"),
        f"{PREFIX}DASHBOARD_URL": ports.url("dashboard"),
        f"{PREFIX}CONSUMER_URL": ports.url("consumer"),
        f"{PREFIX}SOFTPHONE_URL": ports.url("softphone"),
        f"{PREFIX}TWILIO_API_BASE": ports.url("softphone"),
        f"{PREFIX}CANARY_FROM": CANARY_FROM,
        f"{PREFIX}CANARY_MINUTES": "10",
    }


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold the data folder: two demos on one folder would work off each other's rows."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                f"A demo is running on {data_dir} already. Stop it, or choose another folder "
                "with --data-dir."
            ) from None
        yield


def _build_model(settings: Settings) -> None:
    """Build the language model, with a bar where somebody watches."""
    seen: dict[str, float] = {}

    def show(stage: str, fraction: float) -> None:
        seen[stage] = fraction
        if sys.stdout.isatty():
            bar = "#" * round(20 * fraction)
            click.echo(
                f"\r  {'speech':<12} building the language model: {stage:<24} [{bar:<20}]", nl=False
            )

    started = time.monotonic()
    build_language_model(settings, show)
    built = f"language model built in {time.monotonic() - started:.0f} s" if seen else "ready"
    if seen and sys.stdout.isatty():
        click.echo("\r\x1b[K", nl=False)
    _say("speech", f"pocketsphinx, {built}")


def _start(family: Family, settings: Settings, ports: Ports) -> None:
    family.others.append(start_redis(settings, family.logs / "redis.log"))
    _say("queue", f"{settings.data_dir / 'redis'} (Redis, append-only file)")
    children = [
        family.start(name, "serve", name, "--port", str(getattr(ports, name)), "--workers", "1")
        for name in ("telephone", "dashboard", "consumer")
    ]
    for queue in QUEUES:
        family.start(f"worker-{queue}", "worker", queue)
    for child in children:
        url = f"{ports.url(child.name)}/healthz"
        await_answer(child.name, url, lambda child=child: child.process.poll() is None)  # type: ignore[misc]
    _say("processes", ", ".join(child.name for child in family.children))


def _say(word: str, words: str) -> None:
    lines = textwrap.wrap(words, WIDTH, break_long_words=False, break_on_hyphens=False)
    told = f"\n{' ' * INDENT}".join(lines)
    click.echo(f"  {click.style(f'{word:<12}', bold=True)} {told}")
