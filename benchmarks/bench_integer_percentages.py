"""The exact integer-percentage test against 1,000 simulated elections, in the same run, with peak memory.

Budgets: >= 200 times faster than the simulation; <= 0.5 s for 95 thousand stations. Both sides answer the same
question on the same stations: expected number, sd and p-value of the union, of share and of turnout. The simulation
is the published one, drawn with NumPy's fastest generator; every draw costs the same, so `DRAWS` of the 1,000 are
timed (all of them with `--all`). Both sides take turns and both are given their fastest time, since what else runs
on the machine can only lengthen a time.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

import tallyscope
from common import RUSSIA_2012, peak_memory_mb, report
from tallyscope.forensics.core.integer_test import STATISTICS, Excess, excess, percentages, usable_stations

Counts = tuple[npt.NDArray[np.int64], ...]
DRAWS, ROUNDS, NATION = 200, 20, 1000


def exact(counts: Counts) -> dict[str, Excess]:
    """The test as the method runs it, from raw figures to three p-values."""
    used = usable_stations(*counts)
    of = percentages(*(c[used] for c in counts))
    return {name: excess(of.integer[name], of.chance[name]) for name in STATISTICS}


def simulation(counts: Counts) -> Callable[[], tuple[int, ...]]:
    """A function that draws the published null once: numbers of integer stations of the union, share, turnout."""
    used = usable_stations(*counts)
    n, g, r, leader = (c[used] for c in counts)
    turnout, share = g / n, leader / r
    rng = np.random.default_rng(1)

    def integer(drawn: npt.NDArray[np.int64], size: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        v = 100 * drawn / size
        near: npt.NDArray[np.bool_] = np.abs(v - np.round(v)) <= 0.05
        return near

    def draw() -> tuple[int, ...]:
        of_turnout, of_share = integer(rng.binomial(n, turnout), n), integer(rng.binomial(r, share), r)
        return int((of_turnout | of_share).sum()), int(of_share.sum()), int(of_turnout.sum())

    return draw


def timed(job: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    result = job()
    return time.perf_counter() - start, result


if __name__ == "__main__":
    returns = tallyscope.read(RUSSIA_2012)
    counts = tuple(returns.counts(c) for c in ("registered", "issued", "cast", "votes_putin"))
    draw, results = simulation(counts), exact(counts)
    before = peak_memory_mb()
    fast = [timed(lambda: exact(counts))[0]]
    grown = peak_memory_mb() - before
    slow, drawn = [], []
    for _ in range(ROUNDS):
        fast.append(timed(lambda: exact(counts))[0])
        for _ in range((NATION if "--all" in sys.argv else DRAWS) // ROUNDS):
            seconds, numbers = timed(draw)
            slow.append(seconds)
            drawn.append(numbers)
    table = np.asarray(drawn, dtype=np.float64)
    for name, column in zip(STATISTICS, table.T, strict=True):
        one = results[name]
        print(f"{name:8} exact: mean {one.expected:,.1f} sd {one.sd:.1f} p {one.p_value:.2e}", end="")
        print(f"   {column.size} draws: mean {column.mean():,.1f} sd {column.std(ddof=1):.1f}")
    seconds, nation = min(fast), NATION * min(slow)
    print(f"median of both sides: {statistics.median(fast):.3f} s, {NATION * statistics.median(slow):.1f} s")
    print(f"1,000 draws: {nation:.1f} s; the exact test added {grown:.0f} MB to the peak")
    report(
        f"exact integer-percentage test, {len(returns):,} stations", f"{seconds:.3f} s", "0.5 s", met=seconds <= 0.5
    )
    report(
        "faster than 1,000 draws in the same run",
        f"{nation / seconds:,.0f} x",
        "200 x",
        met=nation / seconds >= 200,
    )
    report("peak memory of the process", f"{peak_memory_mb():,.0f} MB", "1,536 MB", met=peak_memory_mb() <= 1536)
