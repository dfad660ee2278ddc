"""The Ceph gateway of s3_server.sh as a context manager."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voiceline.adapters.s3_client import make_s3_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

SCRIPT = Path(__file__).with_name("s3_server.sh")
PROGRAMS = ("radosgw", "radosgw-admin", "ceph", "ceph-mon", "ceph-osd", "ceph-mgr", "monmaptool")
START_TIMEOUT = 240
"""Seconds; the script itself gives each of three daemons a minute."""


@dataclass(frozen=True)
class S3Server:
    endpoint: str
    access_key: str
    secret_key: str

    def client(self, **facts: object) -> S3Client:
        """Answer a client of this server's only user."""
        known = {
            "endpoint_url": self.endpoint,
            "access_key": self.access_key,
            "secret_key": self.secret_key,
            "addressing_style": "path",
        }
        return make_s3_client(**(known | facts))


def _why_not() -> str:
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if not absent:
        return ""
    packages = subprocess.run([SCRIPT, "packages"], capture_output=True, text=True, check=True)
    return f"no {absent[0]} here: apt-get install --no-install-recommends {packages.stdout.strip()}"


@contextmanager
def s3_server(folder: Path, *, day: int | None = None) -> Iterator[S3Server]:
    """Yield a gateway that keeps its objects in memory; `day`: seconds of a lifecycle day.

    Raises RuntimeError, which says what to install, where its programs are missing: who asks for
    the tests that need it is not told that all is well.
    """
    days = [] if day is None else [str(day)]
    if reason := _why_not():
        raise RuntimeError(reason)
    # To a file, not a pipe: the daemons must not keep our end of one open.
    said = folder.with_name(f"{folder.name}.out")
    with said.open("wb") as file:
        started = subprocess.run(
            [SCRIPT, "start", folder, *days],
            stdout=file,
            stderr=subprocess.STDOUT,
            timeout=START_TIMEOUT,
            check=False,
        )
    if started.returncode:
        raise RuntimeError(said.read_text())
    facts = dict(line.split("=", 1) for line in said.read_text().splitlines() if "=" in line)
    try:
        yield S3Server(facts["endpoint"], facts["access_key"], facts["secret_key"])
    finally:
        subprocess.run([SCRIPT, "stop", folder], timeout=60, check=True)
