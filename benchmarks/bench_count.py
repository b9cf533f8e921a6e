"""The live count: durable protocols a second, one typed protocol, the state of the count, its size on disk.

    python benchmarks/bench_count.py                      # Russia 2012, SQLite
    python benchmarks/bench_count.py --stations 1000000   # a made country of so many stations
    python benchmarks/bench_count.py --database postgresql+psycopg://postgres@127.0.0.1/NAME   # an empty database

Budgets: >= 5,000 durable protocols a second in batches with one writer; one typed protocol <= 20 ms at p99.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from common import RUSSIA_2012, peak_memory_mb, report
from tallyscope.ledger import store
from tallyscope.ledger.night import play
from tallyscope.ledger.protocols import stations_of, versions_of, with_protocol
from tallyscope.ledger.rehearsal import rehearse
from tallyscope.ledger.replay import due
from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns
from tallyscope.tally import tally

#: Protocols typed one by one, each its own transaction.
TYPED = 500


def country(stations: int | None) -> Returns:
    """Russia 2012, or a made country of so many stations."""
    if stations is None:
        return read(RUSSIA_2012)
    from dataclasses import replace

    from tallyscope.simulation.clean import clean_election
    from tallyscope.simulation.spec import CleanSpec

    return clean_election(replace(CleanSpec(), stations=stations, regions=max(1, stations // 1_000)), 1)


def typed(ledger: store.Ledger, returns: Returns, rows: npt.NDArray[np.int64]) -> float:
    """Milliseconds within which 99 of 100 protocols are accepted, each on its own."""
    versions = versions_of(returns, rows, entered_by="clerk", accepted_by="second clerk")
    times = []
    for version in versions:
        start = time.perf_counter()
        ledger.accept([version])
        times.append(time.perf_counter() - start)
    return 1000 * float(np.quantile(times, 0.99))


def main() -> None:
    """One line a budget."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stations", type=int)
    parser.add_argument("--database")
    asked = parser.parse_args()
    returns = country(asked.stations)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "count.db"
        night(returns, asked.database or f"sqlite:///{file}", file)


def night(returns: Returns, url: str, file: Path) -> None:
    """The last protocols are typed one by one, all others come in batches."""
    rows = with_protocol(returns)
    batched, last = rows[:-TYPED], rows[-TYPED:]
    start = time.perf_counter()
    ledger = store.Ledger.create(url, returns.election, stations_of(returns))
    print(f"opening a count of {len(returns):,} stations: {time.perf_counter() - start:.1f} s")
    with ledger:
        rehearsal = rehearse(returns.filter(~pl.int_range(pl.len()).is_in(last.tolist())), "random")
        start = time.perf_counter()
        for _ in play(ledger, rehearsal, due(rehearsal.protocols)):
            pass
        rate = batched.size / (time.perf_counter() - start)
        slowest = typed(ledger, returns, last)
        start = time.perf_counter()
        tally(ledger.returns())
        print(f"returns of the record, and their tally: {time.perf_counter() - start:.2f} s")
        size = sum(f.stat().st_size for f in file.parent.glob(f"{file.name}*"))
        print(f"database: {size / 1e6:,.0f} MB, peak memory {peak_memory_mb():,.0f} MB")
    report("durable protocols in batches", f"{rate:,.0f} a second", "5,000 a second", met=rate >= 5_000)
    report("one typed protocol, p99", f"{slowest:.1f} ms", "20 ms", met=slowest <= 20)


if __name__ == "__main__":
    main()
