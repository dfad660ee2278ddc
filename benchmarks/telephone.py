"""Figures 1 and 2: the telephone beside bare Flask, same server, workers and threads, same run."""

from __future__ import annotations

import statistics
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import events, postgres, seeding
from benchmarks.figures import Figure
from benchmarks.load import Load
from benchmarks.machine import cpu_seconds, flush_micros, load
from benchmarks.web import WORKERS, start_bare, start_telephone
from voiceline.commands.processes import THREADS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.web import Server

ROUNDS = 3
CONNECTIONS = 32
WARM_SECONDS, SECONDS = 0.6, 2.0
MOST_CALLBACKS = 9_000
"""Callbacks prepared for one row; a row that uses them up ends earlier."""

GOALS = {"speaking": 0.5, "recording": 0.2}
WHY = {
    True: "reading and proving some 26 parameters costs about as much again as all of bare"
    " Flask, and making the answer two thirds of it",
    False: "the database and the load share the two cores with the telephone, and its commits wait"
    " for the disk; callbacks of one moment already share a transaction and a job",
}


@dataclass(frozen=True)
class Row:
    """One measurement: good answers a second, and processor microseconds of the server for each."""

    rate: float
    micros: float
    answered: int


@dataclass(frozen=True)
class Ratio:
    """A row beside the bare rows before and after it."""

    rate: float
    cpu: float
    """How many times bare Flask's processor time one answer took."""


def measure(folder: Path) -> list[Figure]:
    """Measure both figures, and the callback on SQLite as well."""
    with ExitStack() as stack:
        load_process = Load()
        stack.callback(load_process.close)
        bare = start_bare(stack, folder)
        databases = {"sqlite": f"sqlite:///{folder / 'telephone.db'}"}
        if postgres.programs() is not None:
            databases["postgresql"] = stack.enter_context(postgres.cluster()).url
        telephones = {
            name: start_telephone(stack, folder, name, url, ROUNDS * MOST_CALLBACKS)
            for name, url in databases.items()
        }
        return _figures(load_process, bare, telephones, folder)


def _figures(
    load_process: Load, bare: Server, telephones: dict[str, Server], folder: Path
) -> list[Figure]:
    durable = "postgresql" if "postgresql" in telephones else "sqlite"
    main = telephones[durable]
    _print_heading()
    ratios: dict[str, list[Ratio]] = {}
    before = _measure_speaking(load_process, bare, main)
    for number in range(ROUNDS):
        for what, server in [("speaking", main), *telephones.items()]:
            if what == "speaking":
                row = _measure_speaking(load_process, server, main)
            else:
                row = _measure_recording(load_process, server, number, folder)
            after = _measure_speaking(load_process, bare, main)
            ratios.setdefault(what, []).append(_compare(row, (before, after)))
            before = after
    return [
        figure for what, found in ratios.items() for figure in _as_figures(what, durable, found)
    ]


def _as_figures(what: str, durable: str, found: Sequence[Ratio]) -> list[Figure]:
    """Answer the medians; of the two databases, the better one's callback has the goal."""
    against = f"bare Flask, granian, {WORKERS} workers of {THREADS} threads, {CONNECTIONS} clients"
    name = "speaking webhook" if what == "speaking" else f"durable recording callback, {what}"
    goal = {"speaking": GOALS["speaking"], durable: GOALS["recording"]}.get(what)
    return [
        Figure(
            f"{name}: rate",
            statistics.median(ratio.rate for ratio in found),
            "x bare rate",
            against,
            at_least=goal,
            remark=WHY[what == "speaking"],
        ),
        Figure(
            f"{name}: CPU",
            statistics.median(ratio.cpu for ratio in found),
            "x bare CPU",
            f"{against}; the database's own processes are not counted",
        ),
    ]


def _measure_speaking(load_process: Load, server: Server, main: Server) -> Row:
    load_process.prepare(events.answers, main.sender)
    return _drive(load_process, server, again=True)


def _measure_recording(load_process: Load, server: Server, number: int, folder: Path) -> Row:
    """Send each callback once, and believe the answers only if the rows are there."""
    assert server.engine is not None
    load_process.prepare(events.recordings, server.sender, number * MOST_CALLBACKS, MOST_CALLBACKS)
    before = seeding.count_voicemails(server.engine)
    row = _drive(load_process, server, again=False)
    print(f"{'':26}" + "disk: p50 {:,.0f} us, p95 {:,.0f} us".format(*flush_micros(folder)))
    written = seeding.count_voicemails(server.engine) - before
    if written < row.answered:
        raise RuntimeError(f"{row.answered} callbacks answered, but {written} rows written")
    return row


def _drive(load_process: Load, server: Server, *, again: bool) -> Row:
    spent = cpu_seconds(server.pid)
    answers = load_process.drive(
        server.port, connections=CONNECTIONS, warm=WARM_SECONDS, seconds=SECONDS, again=again
    )
    spent = cpu_seconds(server.pid) - spent
    if answers.bad or not answers.good:
        raise RuntimeError(f"{server.name}: {answers.bad} answers were no success")
    total = answers.good + answers.warm
    row = Row(answers.rate, spent / total * 1e6, total)
    print(
        f"{server.name:<22} {row.rate:>9,.0f} {row.micros:>10,.0f} "
        f"{answers.p50_ms:>8.1f} {answers.p99_ms:>8.1f} {load():>6.1f}"
    )
    return row


def _compare(row: Row, bare: tuple[Row, Row]) -> Ratio:
    rate = statistics.mean(each.rate for each in bare)
    micros = statistics.mean(each.micros for each in bare)
    return Ratio(row.rate / rate, row.micros / micros)


def _print_heading() -> None:
    print(
        f"\n{'':<22} {'answers/s':>9} {'CPU us each':>10} {'p50 ms':>8} {'p99 ms':>8} {'load':>6}"
    )
