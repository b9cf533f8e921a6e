"""Entry of one protocol by two people beside Russia 2012, in process: what each step takes, to the disk.

    python benchmarks/bench_entry.py

Budget: handing in the entry that makes a protocol stand, all rules looked at and all neighbours, <= 250 ms at p99;
a pause that saves the draft and looks at the rules <= 100 ms. One typed protocol into the record alone is measured
by bench_count.py.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from common import RUSSIA_2012, report
from tallyscope.ledger.entry import events as e
from tallyscope.ledger.entry.desk import Desk
from tallyscope.ledger.entry.drafts import save_draft
from tallyscope.ledger.entry.typed import written
from tallyscope.ledger.protocols import stations_of, versions_of, with_protocol
from tallyscope.ledger.store import Ledger
from tallyscope.returns.reading.read import read

#: Protocols entered by hand, twice each; all others are in the record already.
TYPED = 150
BATCH = 5_000


def main() -> None:
    """One line a budget, and the other steps."""
    returns = read(RUSSIA_2012)
    rows = with_protocol(returns)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'count.db'}"
        with Ledger.create(url, returns.election, stations_of(returns)) as ledger:
            for start in range(0, rows.size - TYPED, BATCH):
                some = rows[start : min(start + BATCH, rows.size - TYPED)]
                ledger.accept(versions_of(returns, some, entered_by="import"))
            entered(Desk(ledger), returns, rows[-TYPED:])


def entered(desk: Desk, returns, rows) -> None:  # type: ignore[no-untyped-def]
    """Types each protocol twice, as two clerks do."""
    taken: dict[str, list[float]] = {}
    stood = 0

    def timed(what: str, act: Callable[[], object]) -> None:
        start = time.perf_counter()
        act()
        taken.setdefault(what, []).append(1000 * (time.perf_counter() - start))

    for row, version in zip(rows, versions_of(returns, rows, entered_by="x"), strict=True):
        station, texts = int(row) + 1, written(version.figures, version.gaps)
        assert desk.look(station).sheet.station == version.station

        def happen(who: str, event: e.Event, at: int = station) -> None:
            desk.happen(at, event, who=who, seen=desk.look(at).number)

        for who in ("anna", "boris"):
            timed("a paper is taken", lambda who=who: happen(who, e.Begin()))
            timed("a draft is saved", lambda who=who, at=station, t=texts: save_draft(desk, at, who, t, 0))
            timed("the rules look at what is typed", lambda at=station, t=texts: desk.glance(at, t))
            last = "the second entry is handed in" if who == "boris" else "the first entry is handed in"
            timed(last, lambda who=who, t=texts: happen(who, e.Finish(t)))
        stood += desk.look(station).sheet.phase == "standing"
    print(f"{stood} of {len(rows)} stand at once; the others have warnings for the coordinator")
    for what, times in taken.items():
        middle, most = np.quantile(times, [0.5, 0.99])
        print(f"{what}: {middle:.1f} ms, p99 {most:.1f} ms")
    slowest = float(np.quantile(taken["the second entry is handed in"], 0.99))
    pause = float(np.quantile(np.add(taken["a draft is saved"], taken["the rules look at what is typed"]), 0.99))
    report("a pause, p99", f"{pause:.0f} ms", "100 ms", met=pause <= 100)
    report("the entry that makes it stand, p99", f"{slowest:.0f} ms", "250 ms", met=slowest <= 250)


if __name__ == "__main__":
    main()
