"""Coarse fractions of the country, and the resampled kernel density against drawing it, in the same run.

Budgets: the country in <= 15 s (a peer takes 398 s for 1,000 stations); the method as `examine` runs it in
<= 0.3 s. All are CPU seconds, the fastest run of several, since what else the machine does only adds to them.
Both sides of the comparison give, on the same 1,000 stations, the mean and the highest of 1,000 kernel densities at
1,001 points and the mean shares of stations in their bins; the drawn one is NumPy without loops over stations.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

import tallyscope
from common import RUSSIA_2012, report
from tallyscope.forensics.coarse_fractions import coarse_fractions
from tallyscope.forensics.core.fractions_density import BANDWIDTH, POINTS, resampled_density

Ints = npt.NDArray[np.int64]
STATIONS, DRAWS = 1000, 1000


def drawn(count: Ints, size: Ints) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean shares by bin, (POINTS,), and the highest density at each point, by drawing stations anew."""
    rng = np.random.default_rng(1)
    share, highest = np.zeros(POINTS), np.zeros(POINTS)
    for _ in range(DRAWS):
        y = rng.binomial(size, rng.beta(count + 1, size - count + 1)) / size
        point = np.floor(1000 * y + 0.5).astype(np.int64)
        kernel = np.exp(-0.5 * ((y - point / 1000) / BANDWIDTH) ** 2)
        share += np.bincount(point, minlength=POINTS)
        np.maximum(highest, np.bincount(point, kernel, POINTS), out=highest)
    return share / DRAWS / count.size, highest / (count.size * BANDWIDTH * np.sqrt(2 * np.pi))


def fastest(runs: int, job: Callable[[], object]) -> float:
    """CPU seconds of the fastest of several runs, after one that warms up."""
    job()
    times = []
    for _ in range(runs):
        start = time.process_time()
        job()
        times.append(time.process_time() - start)
    return min(times)


if __name__ == "__main__":
    returns = tallyscope.read(RUSSIA_2012)
    finding = coarse_fractions(returns)
    print(finding.summary)
    seconds = fastest(5, lambda: coarse_fractions(returns))
    report(f"the method on {len(returns):,} stations", f"{seconds:.2f} s", "0.3 s", met=seconds <= 0.3)

    kept = returns.reporting().known("cast", "votes_putin")
    count, size = (kept.counts(c) for c in ("votes_putin", "cast"))
    count, size = count[size > 0], size[size > 0]
    whole = resampled_density(count, size)
    print(f"resampled density of {size.size:,} stations: {whole.coarse_percent:.2f} % coarse, as published reckons")
    seconds = fastest(3, lambda: resampled_density(count, size))
    report("the resampled density of the country", f"{seconds:.2f} s", "15 s", met=seconds <= 15)

    some = np.random.default_rng(2).choice(size.size, STATIONS, replace=False)
    exact = fastest(5, lambda: resampled_density(count[some], size[some]))
    start = time.process_time()
    share, highest = drawn(count[some], size[some])
    slow = time.process_time() - start
    fast = resampled_density(count[some], size[some])
    print(f"greatest difference of the mean shares: {np.abs(share - fast.mean_share).max():.1e} of the stations")
    busy = highest > 1
    print(
        f"highest density, drawn / exact, median over points: {np.median(highest[busy] / fast.highest[busy]):.3f}"
    )
    print(f"{STATIONS:,} stations: {exact:.3f} s, {DRAWS:,} draws {slow:.2f} s, the published program 398 s")
    report("faster than drawing, in the same run", f"{slow / exact:,.1f} x", "1 x", met=slow > exact)
    report("the country in the peer's time for 1,000", f"{398 / seconds:,.0f} x", "27 x", met=398 / seconds >= 27)
