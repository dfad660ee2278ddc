"""A PostgreSQL server of a test's own: it may be killed in the middle of a call."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "voiceline"
CLUSTER = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
START_SECONDS = 30


def program(name: str) -> str | None:
    """Answer the path of one of PostgreSQL's programs, which Debian keeps out of the PATH."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or (str(beside[0]) if beside else None)


def _why_not() -> str:
    absent = [name for name in ("initdb", "postgres") if program(name) is None]
    return f"no {absent[0]} here: apt-get install postgresql" if absent else ""


class PostgresServer:
    """One server on a free port, on this machine only."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self._log = folder / "log"
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/postgres"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self._folder),
        }
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(program("postgres")), "-D", str(self.data), *words],
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_as_nobody_special(),
            )
        self._await()

    def crash(self) -> None:
        """End it as `pg_ctl stop -m immediate` does: without a checkpoint, all calls cut off."""
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        """End it in good order, not waiting for anybody."""
        self._end(signal.SIGINT)

    def cut_everybody_off(self) -> None:
        """Terminate every backend but our own."""
        self._ask(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where pid <> pg_backend_pid() and backend_type = 'client backend'"
        )

    def _ask(self, question: str) -> None:
        engine = create_engine(self.url)
        try:
            with engine.connect() as connection:
                connection.execute(text(question))
        finally:
            engine.dispose()

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with suppress(Exception):
                self._ask("select 1")
                return
            time.sleep(0.1)
        raise RuntimeError(self._log.read_text())

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(30)
            self._process = None


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Yield a server whose folder nobody else reads; it and the folder are gone afterwards.

    Raises RuntimeError, which says what to install, where its programs are missing.
    """
    if reason := _why_not():
        raise RuntimeError(reason)
    # Not in pytest's folder: the server's user may not look into that.
    folder = Path(tempfile.mkdtemp(prefix="voiceline-postgresql-"))
    try:
        if owner := _as_nobody_special().get("user"):
            shutil.chown(folder, owner)
        subprocess.run(
            [str(program("initdb")), "-D", str(folder / "data"), "-U", USER, *CLUSTER],
            check=True,
            capture_output=True,
            timeout=60,
            cwd=folder,
            **_as_nobody_special(),
        )
        server = PostgresServer(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_nobody_special() -> dict[str, str]:
    """PostgreSQL refuses to run as root: answer whom to run it as."""
    if os.geteuid():
        return {}
    known = {entry.pw_name for entry in pwd.getpwall()}
    return {"user": "postgres" if "postgres" in known else "nobody"}
