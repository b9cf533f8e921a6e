"""What every benchmark shares: where the data are, timing, and one line a budget."""

from __future__ import annotations

import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["DATA", "best_of", "peak_memory_mb", "report"]

DATA = Path(os.environ.get("TALLYSCOPE_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
RUSSIA_2012 = DATA / "russia-2012-president" / "2012.csv.zip"


def best_of(runs: int, job: Callable[[], object]) -> float:
    """Seconds of the middle one of several runs, after one that warms up."""
    job()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        job()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def peak_memory_mb() -> float:
    """The most memory this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(what: str, measured: str, budget: str, *, met: bool) -> None:
    """One line: what was measured, the budget, and whether it is met; the process fails if it is not."""
    print(f"{'ok  ' if met else 'OVER'} {what}: {measured} (budget {budget})")
    if not met:
        sys.exit(1)
