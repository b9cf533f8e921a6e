"""Order of arrival and the machine gap on real elections: Bolivia, Türkiye, Mexico, St Petersburg.

    python studies/order_of_arrival_real.py ../shared/data > studies/results/order_of_arrival_real.txt

For Bolivia also the regressions of Escobari & Hoover as repeated by Rosnick (CEPR, 23 November 2022, table 1), and
what is left when the same is asked of the runner-up, and of the margin.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import polars as pl

from tallyscope import __version__
from tallyscope.forensics.core.arrival_within import slope, sweep
from tallyscope.forensics.finding import Finding
from tallyscope.forensics.machine_gap import machine_gap
from tallyscope.forensics.order_of_arrival import order_of_arrival
from tallyscope.returns.arrivals import arrived_from_snapshots
from tallyscope.returns.datasets import stpetersburg
from tallyscope.returns.mapping import ColumnMapping
from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns

LOCAL = timezone(timedelta(hours=-4))
PUBLISHED = {0: "16.26 (0.65)", 4: "7.24 (0.44)", 5: "6.76 (0.46)", 6: "0.38 (0.19)"}


def main() -> None:
    """Prints one block an election."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(f"# tallyscope {__version__}, commit {commit.stdout.strip()}; python studies/order_of_arrival_real.py")
    bolivia = bolivia_2019(data / "bolivia-2019-president")
    block("Bolivia 2019, president", order_of_arrival(bolivia))
    published(bolivia)
    runner_up(bolivia)
    turkey = read(data / "turkey-2017-referendum" / "boxes.csv.gz")
    block("Türkiye 2017, referendum (last updates)", order_of_arrival(turkey))
    day = pl.col("arrived") < datetime(2017, 4, 17, 12)
    block(
        "Türkiye 2017, without boxes updated after noon UTC of the next day", order_of_arrival(turkey.filter(day))
    )
    block("Mexico 2018, quick count", order_of_arrival(mexico_2018(data / "mexico-2018-quickcount")))
    petersburg = stpetersburg.returns(data / "russia-2021-stpetersburg")
    block("St Petersburg 2021, State Duma", order_of_arrival(petersburg))
    block("St Petersburg 2021, machine gap", machine_gap(petersburg))


def bolivia_2019(folder: Path) -> Returns:
    """The final count with the arrival of each table, by the two saved states of the quick count."""
    first, second = (
        datetime(2019, 10, 20, 19, 40, 57, tzinfo=LOCAL),
        datetime(2019, 10, 21, 18, 29, 53, tzinfo=LOCAL),
    )
    return arrived_from_snapshots(
        read(folder / "final_2019-10-25.csv.gz"),
        [
            (first, read(folder / "trep_2019-10-20T19-40-57.csv.gz")),
            (second, read(folder / "trep_2019-10-21T18-29-53.csv.gz")),
        ],
        datetime(2019, 10, 25, 21, 9, 30, tzinfo=LOCAL),
    )


def mexico_2018(folder: Path) -> Returns:
    """The sample of the quick count; its strata are the places."""
    columns = {
        **{"iD_ESTADO": "level:state", "ID_ESTRATO_F": "level:stratum"},
        **{"SECCION": "station", "TIPO_CASILLA": "station", "ID_CASILLA": "station", "EXT_CONTIGUA": "station"},
        **{"LISTA_NOMINAL": "registered", "TOTAL": "cast", "NULOS": "invalid"},
        **{c: f"choice:{c.lower()}" for c in ("RAC", "JAMK", "AMLO", "JHRC")},
        **dict.fromkeys(("ANIO", "MES", "DIA", "HORA", "MINUTOS", "SEGUNDOS"), "arrived:America/Mexico_City"),
    }
    mapping = ColumnMapping(columns, ("state", "stratum"), "Mexico, quick count 2018", "cast")
    return read(folder / "remesas.txt.gz", mapping=mapping)


def block(title: str, found: Finding) -> None:
    """One election: the sentence, the conditions, the drift level by level."""
    print(f"\n== {title}\n{found.summary}")
    for one in found.conditions:
        print(f"   [{'?' if one.met is None else 'x' if one.met else ' '}] {one.text}: {one.measured}")
    for row in found.details.get("by_level", ()):
        interval = f"({row['low']:+.2f} to {row['high']:+.2f})"
        print(f"   held fixed: {row['level']:<14} {row['units']:>7,} units: {row['points']:+7.2f} {interval}")
    if "jump" in found.details:
        jump = found.details["jump"]
        print(
            f"   largest jump: after {jump['after_percent_of_ballots']:.1f} % of the ballots ({jump['before']} / "
            f"{jump['after']}): {jump['points']:+.2f} ({jump['low']:+.2f} to {jump['high']:+.2f}) points, "
            f"{jump['votes']:+,.0f} votes; largest of all: z = {found.details['largest']['z']:.2f} "
            f"({found.details['largest']['of']})"
        )
    standing = [p for p in found.where if p.q_value is not None and p.q_value <= 0.05]
    told = ", ".join(f"{' / '.join(p.unit)} {p.value:+.1f} (q {p.q_value:.2g})" for p in standing[:8])
    print(f"   places tested: {found.details.get('places_tested')}; q <= .05: {len(standing)} {told}")


def published(bolivia: Returns) -> None:
    """Margin, tables alike, late = not in the announcement of 20 October; errors by table."""
    table = bolivia.table.filter(pl.col("valid") > 0)
    margin = (100 * (table["votes_mas_ipsp"] - table["votes_cc"]) / table["valid"]).to_numpy()
    late = (table["arrived"] > table["arrived"].min()).cast(pl.Float64).to_numpy()[:, None]
    own = np.arange(table.height)
    print("\n== Bolivia 2019, the published regressions: margin of late tables (published)")
    for depth, said in PUBLISHED.items():
        path = pl.struct(bolivia.levels[:depth]) if depth else pl.repeat(0, pl.len())
        places = table.select(path.rank("dense").cast(pl.Int64) - 1).to_series().to_numpy()
        one, _ = slope(sweep(margin, late, np.empty((table.height, 0)), places, np.ones(table.height)), own)
        name = bolivia.levels[depth - 1] if depth else "nothing"
        print(f"   held fixed: {name:<14} {one.value:6.2f} ({one.se:.2f})   published {said}")


def runner_up(bolivia: Returns) -> None:
    """The same question asked of the second choice: the leader's votes and its own change places."""
    table = bolivia.table
    swapped = table.with_columns(votes_mas_ipsp=pl.col("votes_cc"), votes_cc=pl.lit(0, dtype=pl.Int64))
    swapped = swapped.with_columns(pl.col(c).alias(c) for c in bolivia.votes_columns)
    found = order_of_arrival(replace(bolivia, table=swapped))
    print(
        f"\n== Bolivia 2019, the runner-up (Comunidad Ciudadana)\n{found.summary}".replace(
            "Movement for Socialism", "the runner-up"
        )
    )


if __name__ == "__main__":
    main()
