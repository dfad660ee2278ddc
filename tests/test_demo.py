"""The demo's parts, and the whole of it once, as a newcomer runs it."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
from pathlib import Path

import pytest
from demos import start_demo
from loopback_ports import free_ports

from voiceline.demo.addresses import Ports
from voiceline.errors import UserError


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_demo_files_a_request_and_a_second_start_finds_it(tmp_path):
    first = start_demo(tmp_path / "var", "--once", "--speed", "50")
    told = first.communicate(timeout=180)[0]
    second = start_demo(tmp_path / "var", "--once", "--speed", "50")
    second.communicate(timeout=180)

    assert (first.returncode, second.returncode) == (0, 0), told
    for word in (
        "4021#",
        "the tone",
        "stored",
        "kept until",
        "draft",
        "filed",
        "answer by",
        "a call of our own, ok",
    ):
        assert word in told
    with sqlite3.connect(tmp_path / "var" / "voiceline.db") as database:
        requests = database.execute("select count(*) from privacy_request").fetchone()[0]
        businesses = database.execute("select count(*) from business").fetchone()[0]
    proofs = database.execute("select distinct outcome from canary_call").fetchall()
    assert (requests, businesses, proofs) == (2, 4, [("ok",)])
    assert len(list((tmp_path / "var" / "mail").glob("*.eml"))) == 2


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_demo_ends_on_ctrl_c_and_leaves_no_process(tmp_path):
    running = start_demo(tmp_path / "var", "--speed", "50")
    assert running.stdout is not None
    for line in running.stdout:
        if "Ctrl-C" in line:
            break

    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)

    assert running.returncode == 0
    assert not processes_of(tmp_path / "var")


def test_taken_port_is_named_with_the_option_that_moves_it():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"{port}.*dashboard.*--dashboard-port {port + 100}"):
            Ports(*free_ports(1), port, *free_ports(2)).check_free()


def test_second_demo_on_one_folder_is_refused(tmp_path):
    from voiceline.demo.run import _alone  # noqa: PLC0415 - what the whole demo holds first

    with _alone(tmp_path), pytest.raises(UserError, match="running on"), _alone(tmp_path):
        raise AssertionError("two demos on one folder")


def processes_of(folder: Path) -> list[str]:
    """Answer the command lines of processes whose environment or arguments name the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in line and process.name != str(os.getpid()):
            found.append(line[:200].decode(errors="replace"))
    return found
