"""An unknown file worked out: 95 thousand rows of 27 columns whose headers say nothing, beside reading them.

Budgets: <= 2 s, everything; <= 50 ms for the search for totals that every reading makes.
"""

from __future__ import annotations

import zipfile

import polars as pl

import tallyscope
from common import RUSSIA_2012, best_of, peak_memory_mb, report
from tallyscope.returns.inference import infer
from tallyscope.returns.inference.totals import total_rows


def bare() -> pl.DataFrame:
    """The file of 2012 with headers c1 ... c27."""
    frame = pl.read_csv(zipfile.ZipFile(RUSSIA_2012).read("2012.csv"))
    return frame.rename({c: f"c{i}" for i, c in enumerate(frame.columns, start=1)})


if __name__ == "__main__":
    frame, returns = bare(), tallyscope.read(RUSSIA_2012)
    text = frame.cast(pl.String)
    numbers = best_of(5, lambda: infer(frame))
    texts = best_of(5, lambda: infer(text))
    totals = best_of(9, lambda: total_rows(returns.table, returns.figures, returns.levels))
    print(f"numbers {numbers:.2f} s, text {texts:.2f} s, totals {totals:.3f} s, peak {peak_memory_mb():,.0f} MB")
    report("an unknown file of numbers", f"{numbers:.2f} s", "2 s", met=numbers <= 2)
    report("an unknown file of text", f"{texts:.2f} s", "2 s", met=texts <= 2)
    report("rows that are totals", f"{1000 * totals:.0f} ms", "50 ms", met=totals <= 0.05)
