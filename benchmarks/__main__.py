"""`python -m benchmarks [NAME ...]`: measure, print the table, write build/bench.json."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import (
    archive,
    calls,
    copies,
    deadlines,
    expiry,
    inbox,
    machine,
    pipeline,
    telephone,
    trail,
    triage,
)
from benchmarks.figures import print_figures, write_figures

MEASURES = {
    "telephone": telephone.measure,
    "calls": calls.measure,
    "pipeline": pipeline.measure,
    "inbox": inbox.measure,
    "triage": triage.measure,
    "deadlines": deadlines.measure,
    "trail": trail.measure,
    "archive": archive.measure,
    "expiry": expiry.measure,
    "copies": copies.measure,
}
OUTPUT = Path("build/bench.json")


def main() -> None:
    """Measure what is named, or everything."""
    chosen = sys.argv[1:] or list(MEASURES)
    if unknown := set(chosen) - set(MEASURES):
        sys.exit(f"No such measure: {', '.join(unknown)}. There are: {', '.join(MEASURES)}.")
    # Told to stop, stop the servers, too: a dead parent leaves them running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))
    print(machine.describe(), flush=True)
    figures = []
    for name in chosen:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="voiceline-bench-") as folder:
            probe = "p50 {:,.0f} us, p95 {:,.0f} us".format(*machine.flush_micros(Path(folder)))
            print(f"\n== {name}: load {machine.load():.1f}, fdatasync {probe}")
            figures += MEASURES[name](Path(folder))
        print(f"   {name} took {time.monotonic() - began:.0f} s")
    print_figures(figures)
    write_figures(OUTPUT, figures)
    print(f"\nWritten: {OUTPUT}")


if __name__ == "__main__":
    main()
