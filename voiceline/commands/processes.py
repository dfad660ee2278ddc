"""`voiceline serve`, `worker`, `scheduler`: the processes of the service."""

from __future__ import annotations

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from jobs import schedule
from jobs import worker as worker_process
from jobs.queue import QUEUES
from voiceline.bootstrap import make_store
from voiceline.commands.context import read_settings
from voiceline.errors import PermanentFailure, SettingsError, TemporaryFailure
from voiceline.settings_checks import SEALING, missing_keys

APPS = ("telephone", "fallback", "dashboard", "consumer")
PORTS = {"telephone": 5080, "dashboard": 5081, "fallback": 5083, "consumer": 5084}
THREADS = 12
"""Blocking threads a worker: commits of several callers share one flush of the disk."""


@click.command()
@click.argument("app", type=click.Choice(APPS))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on [5080, 5081, 5083, 5084 by app].")
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--threads", default=THREADS, show_default=True, help="Threads of each process.")
def serve(app: str, host: str, port: int | None, workers: int, threads: int) -> None:
    """Serve one of the web apps: the telephone, its fallback, the dashboard, the public form.

    They are separate processes so that a long download never makes a caller wait, and a hole in
    one is no way into another.

    A proxy that reads whole requests before it passes them on belongs in front, such as the
    nginx of docs/production: half a body would hold a thread here until its timeout.
    """
    _check_keys(f"serve {app}")
    Granian(
        f"voiceline.wsgi:{app}",
        factory=True,
        address=host,
        port=port or PORTS[app],
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
    ).serve()


@click.command()
@click.argument("queue", type=click.Choice(QUEUES))
def worker(queue: str) -> None:
    """Work off one queue. Run as many as you want, each with exactly one queue."""
    _check_keys(f"worker {queue}")
    worker_process.run(queue)


@click.command()
def scheduler() -> None:
    """Offer periodic work. Two may run: the database says whose turn it is."""
    schedule.run()


def _check_keys(process: str) -> None:
    """Stop a process that could not sign what it has to, before anybody waits for it."""
    if missing := missing_keys(read_settings(), process):
        raise SettingsError("\n".join(missing))
    if process in SEALING:
        _prove_master_keys()


def _prove_master_keys() -> None:
    """Stop a process whose master keys open nothing of what is there; a store away is no reason."""
    try:
        make_store(read_settings()).keys.prove()
    except TemporaryFailure as failure:
        click.echo(f"The master keys were not tried: {failure}", err=True)
    except PermanentFailure as failure:
        raise SettingsError(
            f"VOICELINE_MASTER_KEYS do not open what is sealed here: {failure}"
        ) from None
