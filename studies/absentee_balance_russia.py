"""Absentee certificates of Russia 2004 and 2012: balances to the certificate, and the stations that stand out.

    python studies/absentee_balance_russia.py ../shared/data > studies/results/absentee_balance_russia.txt

Every region's balance, and the stations with exact p-values (the first 300 of each year), with what the leader has
there. That a station stands out says that certificates were used there in numbers, not by whom or why.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl

import tallyscope
from tallyscope.election.roles import votes_column
from tallyscope.forensics.absentee_balance import absentee_balance
from tallyscope.forensics.finding import Finding
from tallyscope.forensics.movements_measure import STANDS_OUT
from tallyscope.returns.table import Returns
from tallyscope.version import __version__

FIRST = 300
LINES = ("received", "issued", "issued_above", "used", "unused", "lost")


def main(data: Path) -> None:
    """Prints both years."""
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(
        git, capture_output=True, text=True, cwd=Path(__file__).parent, check=True
    ).stdout.strip()
    print(f"tallyscope {__version__}, commit {commit}, `python studies/absentee_balance_russia.py ../shared/data`")
    for year in (2012, 2004):
        returns = tallyscope.read(data / f"russia-{year}-president" / f"{year}.csv.zip")
        found = absentee_balance(returns)
        print(f"\n{'=' * 20} {returns.election.title}\n\n{found.summary}\n")
        balances(found)
        places(found)
        stations(returns, found)


def balances(found: Finding) -> None:
    """The nation and every region, those that import certificates first."""
    nation = found.details["balance"]["nation"]
    there = [line for line in LINES if f"certificates_{line}" in nation]
    print(f"{'unit':52}" + "".join(f"{line:>14}" for line in there) + f"{'used - issued':>15}")
    for row in ({"unit": ["The whole country"], **nation}, *found.details["balance"]["regions"]):
        numbers = "".join(f"{row[f'certificates_{line}']:14,}" for line in there)
        print(f"{' / '.join(row['unit'])[:51]:52}{numbers}{row['net']:+15,}")


def places(found: Finding) -> None:
    """Territories where the leader's share is steeper in certificates than elsewhere."""
    print("\nTerritories whose slope stands out (q <= .05), and the ten steepest regions:")
    regions = [p for p in found.where if p.level == "region"][:10]
    for place in (*[p for p in found.where if p.level == "territory"], *regions):
        slope, q, p = place.details["slope"], place.q_value, place.p_value
        if slope is None or p is None or q is None:
            continue
        used = place.details["count"]
        print(f"  {' / '.join(place.unit)[:70]:72} slope {slope:+.2f}  p {p:.1e}  q {q:.2g}  certificates {used:,}")


def stations(returns: Returns, found: Finding) -> None:
    """The least likely stations first."""
    frame, leader = found.stations, returns.leader
    if frame is None or leader is None:
        return
    share = (pl.col(votes_column(leader.id)) / pl.col("cast")).alias("share")
    table = returns.table.select("registered", share).with_columns(returns.station_names())
    out = pl.concat([frame, table], how="horizontal").filter(pl.col("q_value") <= STANDS_OUT)
    out = out.sort("concentration", descending=True)
    print(f"\n{out.height:,} stations stand out (q <= {STANDS_OUT}); the first {min(FIRST, out.height)}:")
    print(f"{'certificates':>12} {'voters':>7} {'usual':>7} {'log10 p':>8} {'leader':>7}  station")
    for row in out.head(FIRST).iter_rows(named=True):
        print(_line(row))


def _line(row: dict[str, Any]) -> str:
    numbers = (
        f"{row['count']:12,} {row['of']:7,} {row['usual']:7.1f} {-row['concentration']:8.1f} {row['share']:7.1%}"
    )
    return f"{numbers}  {row['name']}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
