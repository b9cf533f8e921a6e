"""`tallyscope examine` in a cold process: wall time and peak memory of the whole report; and the cost of growing.

Budgets: 95 thousand stations in <= 6 s and <= 1.5 GB; a million stations at <= 11 times the cost.
`--grow` adds the million: the protocols of 2012 eleven times over, in as many commissions of the same regions.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import polars as pl

from common import RUSSIA_2012, report


def cold(file: Path, out: Path) -> tuple[float, float]:
    """Runs `tallyscope examine` in a process of its own: (seconds, peak memory in MB)."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "tallyscope", "examine", str(file), "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    # wait4 gives the larger of the process's own peak and those of the processes it waited for.
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"examine failed on {file.name}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def grown(folder: Path, times: int) -> Path:
    """2012 `times` over: the same protocols in territorial commissions that do not repeat."""
    table = pl.read_csv(zipfile.ZipFile(RUSSIA_2012).read("2012.csv"))
    copies = [table.with_columns(pl.col("tik") + f", {i + 1}") for i in range(times)]
    path = folder / f"times-{times}.csv"
    pl.concat(copies).write_csv(path)
    packed = path.with_suffix(".csv.zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(path, "returns.csv")
    path.unlink()
    return packed


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs = [cold(RUSSIA_2012, folder / "report") for _ in range(5)]
        seconds, memory = statistics.median(r[0] for r in runs), max(r[1] for r in runs)
        print("cold runs: " + ", ".join(f"{s:.2f} s" for s, _ in runs))
        report("examine, cold process, 95 thousand stations", f"{seconds:.1f} s", "6 s", met=seconds <= 6)
        report("its peak memory", f"{memory:,.0f} MB", "1,536 MB", met=memory <= 1536)
        if "--grow" in sys.argv:
            one, _ = cold(grown(folder, 1), folder / "one")
            eleven, much = cold(grown(folder, 11), folder / "eleven")
            ratio = eleven / one
            print(f"11 times the stations (1.05 million): {eleven:.1f} s, peak memory {much:,.0f} MB")
            report("cost of growing eleven-fold", f"{ratio:.1f} x", "12.1 x (11 x for ten-fold)", met=ratio <= 12.1)
