"""The demo as a process, on ports nobody uses and in a folder of the test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from loopback_ports import free_ports
from speech_fixtures import model_cache

ROOT = Path(__file__).parents[1]
SERVERS = ("telephone", "dashboard", "softphone", "consumer")


def start_demo(folder: Path, *words: str, ports: list[int] | None = None) -> subprocess.Popen[str]:
    """Start `voiceline demo`; what it prints can be read from its standard output.

    It finds the language model the suite has built, if it has: building takes half a minute.
    """
    folder.mkdir(exist_ok=True)
    if not (folder / "models").exists():
        (folder / "models").symlink_to(model_cache().absolute(), target_is_directory=True)
    chosen = zip(SERVERS, ports or free_ports(4), strict=True)
    options = [word for name, port in chosen for word in (f"--{name}-port", str(port))]
    return subprocess.Popen(
        [sys.executable, "-m", "voiceline", "demo", "--data-dir", str(folder), *options, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )
