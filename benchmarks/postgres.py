"""A throwaway PostgreSQL with the settings it comes with: fsync and synchronous_commit are on."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.servers import end, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 30
SETTINGS = {"shared_buffers": "256MB", "max_wal_size": "4GB"}
"""Room for a million rows; nothing that touches durability."""


@dataclass(frozen=True)
class Cluster:
    """A running server."""

    pid: int
    url: str
    folder: Path


def programs() -> Path | None:
    """Answer the folder of initdb and postgres, or None where PostgreSQL is not installed."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else None


@contextmanager
def cluster(**settings: str) -> Iterator[Cluster]:
    """Start a server in a temporary folder on loopback; it refuses to run as root."""
    where, user = programs(), _user()
    if where is None:
        raise RuntimeError("PostgreSQL's server programs are not installed")
    folder = Path(tempfile.mkdtemp(prefix="voiceline-bench-pg-"))
    try:
        os.chown(folder, user, -1)
        _run(where, "initdb", "-D", str(folder / "data"), "-U", "bench", "-A", "trust", user=user)
        port = free_port()
        options = {**SETTINGS, **settings} | {
            "port": str(port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
        }
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [where / "postgres", "-D", str(folder / "data"), *words],
                user=user,
                cwd="/",
                stdout=log,
                stderr=log,
            )
        try:
            _await(where, port)
            url = f"postgresql+psycopg://bench@127.0.0.1:{port}/postgres"
            yield Cluster(server.pid, url, folder / "data")
        finally:
            end(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> int:
    return pwd.getpwnam("nobody").pw_uid if os.getuid() == 0 else os.getuid()


def _run(where: Path, program: str, *arguments: str, user: int) -> None:
    subprocess.run(
        [where / program, *arguments], user=user, cwd="/", check=True, capture_output=True
    )


def _await(where: Path, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    ready = [str(where / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ready, check=False).returncode:
        if time.monotonic() > deadline:
            raise RuntimeError("PostgreSQL did not start")
        time.sleep(0.1)
