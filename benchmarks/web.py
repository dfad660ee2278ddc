"""The two web servers compared: bare Flask, and the telephone as `voiceline serve` runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import events, seeding
from benchmarks.servers import clean_environment, embedded_redis, free_port, serving, settings_of
from voiceline.commands.processes import THREADS
from voiceline.database import make_engine

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    from sqlalchemy import Engine

WORKERS = 2


@dataclass(frozen=True)
class Server:
    """One web server under measurement."""

    name: str
    pid: int
    port: int
    sender: events.Sender | None = None
    engine: Engine | None = None


def start_bare(stack: ExitStack, folder: Path) -> Server:
    port = free_port()
    arguments = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    arguments += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS)]
    arguments += ["--no-ws", "--log-level", "warning", "benchmarks.bare:app"]
    url = f"http://127.0.0.1:{port}/healthz"
    process = stack.enter_context(
        serving("bare Flask", arguments, clean_environment(), url, folder)
    )
    return Server("bare Flask", process.pid, port)


def start_telephone(stack: ExitStack, folder: Path, name: str, url: str, calls: int) -> Server:
    """Start the telephone as `voiceline serve` does, with its database filled and its queue up."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    data = folder / name
    environment = clean_environment(
        data_dir=data, database_url=url, telephone_url=base, transcriber="none"
    )
    settings = settings_of(environment)
    engine = make_engine(url)
    stack.callback(engine.dispose)
    code = seeding.open_accounts(engine)
    seeding.begin_calls(engine, code, calls)
    stack.enter_context(embedded_redis(settings, data))
    arguments = ["voiceline", "serve", "telephone", "--port", str(port)]
    arguments += ["--workers", str(WORKERS), "--threads", str(THREADS)]
    process = stack.enter_context(
        serving(f"telephone, {name}", arguments, environment, f"{base}/healthz", data)
    )
    sender = events.sender_of(settings, base)
    return Server(f"telephone, {name}", process.pid, port, sender, engine)
