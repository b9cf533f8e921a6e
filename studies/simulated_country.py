"""What a simulated clean country looks like beside real elections: rates by station, balances, hours, arrival.

    TALLYSCOPE_DATA=../shared/data python studies/simulated_country.py > studies/results/simulated_country.txt

Rates of the default country (design "territories", 90,000 stations, seeds 1 to 3) and of an election drawn like
each real one (seed 1), at 5, 50, 95, 99 and 99.9 % of the stations.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from tallyscope.returns.datasets import stpetersburg
from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns
from tallyscope.simulation import clean_election, like
from tallyscope.simulation.designs import clean_design
from tallyscope.version import __version__

DATA = Path(os.environ.get("TALLYSCOPE_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
FILES = {
    "Russia 2004": "russia-2004-president/2004.csv.zip",
    "Russia 2012": "russia-2012-president/2012.csv.zip",
    "Russia 2018": "russia-2018-president/2018.csv.zip",
    "Georgia 2013": "georgia-2013-president/precincts.csv.gz",
    "Spain 2019": "spain-2019apr-congress/mesas.csv.gz",
    "Turkey 2017": "turkey-2017-referendum/boxes.csv.gz",
}
RATES = (
    *(("issued_outside", "issued"), ("added", "issued"), ("certificates_issued", "issued")),
    *(("certificates_issued_above", "issued"), ("certificates_used", "issued"), ("invalid", "cast")),
    *((f"voted_by_{hour}", "issued") for hour in (10, 12, 14, 15, 17, 18)),
)
QUANTILES = (0.05, 0.5, 0.95, 0.99, 0.999)


def elections() -> Iterator[tuple[str, Returns]]:
    """Simulated ones, and each real one with one that is like it."""
    for seed in (1, 2, 3):
        yield f"simulated, seed {seed}", clean_election(clean_design("territories"), seed)
    for name, path in FILES.items():
        yield from pair(name, read(DATA / path).reporting())
    yield from pair("St Petersburg 2021", stpetersburg.returns(DATA / "russia-2021-stpetersburg").reporting())


def pair(name: str, given: Returns) -> Iterator[tuple[str, Returns]]:
    yield name, given
    yield f"like {name}", like(given, 1)


def rate(returns: Returns, part: str, whole: str) -> str | None:
    """Pooled rate and quantiles over stations; None where the lines are not there."""
    whole = whole if returns.has(whole) else "cast"
    if not returns.has(part):
        return None
    known = returns.table.filter(pl.col(part).is_not_null(), pl.col(whole) > 0)
    values = np.quantile((known[part] / known[whole]).to_numpy(), QUANTILES)
    return f"{known[part].sum() / known[whole].sum():7.4f} |" + "".join(f"{v:8.4f}" for v in values)


def balance(returns: Returns) -> str | None:
    """Certificates used for each one issued: in the country, and at quantiles of its regions."""
    if not returns.has("certificates_used"):
        return None
    level = returns.levels[0]
    out = pl.col("certificates_issued") + pl.col("certificates_issued_above")
    by = returns.table.group_by(level).agg(out=out.sum(), used=pl.col("certificates_used").sum())
    some = by.filter(pl.col("out") > 100)
    spread = np.quantile((some["used"] / some["out"]).to_numpy(), [0.05, 0.25, 0.5, 0.75, 0.95]).round(2)
    return f"{by['used'].sum() / by['out'].sum():7.4f} | regions {spread.tolist()}"


def arrival(returns: Returns) -> str | None:
    """Minutes from the median arrival, and the leader's running share."""
    if "arrived" not in returns.table.columns or returns.leader is None:
        return None
    table = returns.table.filter(pl.col("arrived").is_not_null()).sort("arrived")
    minutes = table["arrived"].dt.epoch("s").to_numpy() / 60
    spread = np.quantile(minutes - np.median(minutes), [0.05, 0.25, 0.75, 0.95, 0.99]).round().astype(int)
    share = (table[f"votes_{returns.leader.id}"].cum_sum() / table["cast"].cum_sum()).to_numpy()
    running = [round(100 * float(share[int(f * share.size) - 1]), 1) for f in (0.05, 0.1, 0.25, 0.5, 0.75, 1)]
    return f"minutes {spread.tolist()}, running share {running}"


def main() -> None:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(
        f"tallyscope {__version__}, commit {commit.stdout.strip()}; pooled | 5, 50, 95, 99, 99.9 % of the stations"
    )
    rows: dict[str, list[tuple[str, str]]] = {}
    for name, returns in elections():
        told = {f"{part} / {whole}": rate(returns, part, whole) for part, whole in RATES}
        told |= {"certificates used / issued": balance(returns), "arrival": arrival(returns)}
        for what, text in told.items():
            if text is not None:
                rows.setdefault(what, []).append((name, text))
    for what, found in rows.items():
        print(f"\n{what}")
        for name, text in found:
            print(f"  {name:26s}{text}")


if __name__ == "__main__":
    main()
