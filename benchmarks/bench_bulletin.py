"""Bulletins: published, proved and verified, on a whole country.

    python benchmarks/bench_bulletin.py                      # Russia 2012, SQLite
    python benchmarks/bench_bulletin.py --stations 1000000   # Russia 2012 again and again, so many stations
    python benchmarks/bench_bulletin.py --database FILE      # keep the database, or use it again

Budgets: a bulletin of 1 million stations <= 5 s; an inclusion proof in 95,415 versions <= 5 ms.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from common import RUSSIA_2012, best_of, peak_memory_mb, report
from tallyscope.ledger.bulletins import newest, publish
from tallyscope.ledger.night import BATCH
from tallyscope.ledger.note import Signer, new_signer, read_signer
from tallyscope.ledger.protocols import stations_of, versions_of, with_protocol
from tallyscope.ledger.proving import prove_station
from tallyscope.ledger.store import Ledger
from tallyscope.ledger.verify import verify
from tallyscope.returns.reading.read import read
from tiled import tiled

ORIGIN = "tallyscope.example/benchmark"


def opened(file: Path, stations: int | None) -> Ledger:
    """The count in a file, or a new one with every protocol but the last batch accepted."""
    if file.exists():
        return Ledger.open(f"sqlite:///{file}")
    returns = read(RUSSIA_2012)
    if stations is not None:
        returns = tiled(returns, stations)
    ledger = Ledger.create(f"sqlite:///{file}", returns.election, stations_of(returns), origin=ORIGIN)
    rows = with_protocol(returns)
    start = time.perf_counter()
    for first in range(0, rows.size, BATCH):
        ledger.accept(versions_of(returns, rows[first : first + BATCH], entered_by="benchmark"))
    print(f"{rows.size:,} protocols accepted in {time.perf_counter() - start:.0f} s")
    return ledger


def key_beside(file: Path) -> Signer:
    """The key of this benchmark's database."""
    where = file.with_suffix(".key")
    if not where.exists():
        where.write_text(new_signer(ORIGIN).secret())
    return read_signer(where.read_text())


def timed(what: str, job: Callable[[], object]) -> float:
    """Runs once, says how long it took, and returns the seconds."""
    start = time.perf_counter()
    job()
    took = time.perf_counter() - start
    print(f"{what}: {took:.2f} s")
    return took


def main() -> None:
    """One line a budget."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stations", type=int)
    parser.add_argument("--database", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = asked.database or Path(folder) / "count.db"
        key = key_beside(file)
        with opened(file, asked.stations) as ledger:
            measured(ledger, key, file)


def measured(ledger: Ledger, key: Signer, file: Path) -> None:
    """The first bulletin reads everything for the first time; those that follow are the rule."""
    size, first = ledger.size, 0.0
    if newest(ledger) is None:
        first = timed("the first bulletin", lambda: publish(ledger, key, by="benchmark"))
    later = timed("a bulletin", lambda: publish(ledger, key, by="benchmark"))
    station = ledger.version(size // 2).station
    proof = 1000 * best_of(21, lambda: prove_station(ledger, station))
    whole = timed("verification", lambda: print(*verify(f"sqlite:///{file}", [key.verifier]).faults, end=""))
    print(f"{size:,} versions: {1e6 * whole / size:.0f} microseconds a version; peak {peak_memory_mb():,.0f} MB")
    slower = max(first, later)
    report(f"a bulletin of {size:,} protocols", f"{slower:.1f} s", "5 s at a million", met=slower <= 5)
    report(f"an inclusion proof in {size:,}", f"{proof:.2f} ms", "5 ms", met=proof <= 5)


if __name__ == "__main__":
    main()
