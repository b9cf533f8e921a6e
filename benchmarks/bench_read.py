"""Read + recognise + check + tally of 95 thousand zipped protocols, beside plain polars reading, in one run.

Budget: <= 1 s warm and <= 2 times plain polars (unzip and parse, nothing else).
"""

from __future__ import annotations

import zipfile

import polars as pl

import tallyscope
from common import RUSSIA_2012, best_of, peak_memory_mb, report


def plain() -> pl.DataFrame:
    """What anyone would write to look at the file."""
    return pl.read_csv(zipfile.ZipFile(RUSSIA_2012).read("2012.csv"))


def ours() -> pl.DataFrame:
    """The same file, understood, checked and added up."""
    returns = tallyscope.read(RUSSIA_2012)
    returns.check()
    return returns.tally("region")


if __name__ == "__main__":
    slow = best_of(7, plain)
    fast = best_of(7, ours)
    print(f"plain polars {slow:.3f} s, tallyscope {fast:.3f} s, peak memory {peak_memory_mb():,.0f} MB")
    report("read + recognise + check + tally", f"{fast:.2f} s", "1 s", met=fast <= 1)
    report("beside plain polars reading", f"{fast / slow:.2f} x", "2 x", met=fast / slow <= 2)
