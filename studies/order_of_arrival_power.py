"""What order-of-arrival and machine-gap see, where the truth is known: votes rewritten late, or where people count.

    python studies/order_of_arrival_power.py --seeds 20 > studies/results/order_of_arrival_power.txt

Country: design territories-correlated, 30,000 stations. "late": in the last fifth of the protocols of a share of
territories part of the others' votes is counted for the leader. "by hand": the same at stations counted by hand.
Dose: votes moved / the leader's votes. Printed: the share of seeds with p <= .05, and how often the 95 % interval
of the votes covers the truth (late: of the jump; by hand: of the gap, in the stations compared).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope import __version__
from tallyscope.forensics.finding import Finding
from tallyscope.forensics.machine_gap import machine_gap
from tallyscope.forensics.order_of_arrival import order_of_arrival
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import clean_design

Ints = npt.NDArray[np.int64]

LIFTS = (0.005, 0.01, 0.02, 0.05)


def main() -> None:
    """Prints one line a kind, share of territories and lift."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    asked = parser.parse_args()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(f"# tallyscope {__version__}, commit {commit.stdout.strip()}; python {' '.join(sys.argv)}")
    print(f"{'kind':<8} territories  lift   dose    p<=.05  covers")
    for kind in ("late", "by hand"):
        for territories in (1.0, 0.2):
            for lift in LIFTS:
                _line(kind, territories, lift, asked.seeds)


def _line(kind: str, territories: float, lift: float, seeds: int) -> None:
    found, covered, doses = [], [], []
    for seed in range(1, seeds + 1):
        clean = clean_election(clean_design("territories-correlated", stations=30_000, regions=50), seed)
        changed, moved = moved_votes(clean, kind, territories, lift, seed)
        answer = order_of_arrival(changed) if kind == "late" else machine_gap(changed)
        if answer.p_value is not None:
            found.append(answer.p_value <= 0.05)
            covered.append(_covers(answer, moved, kind))
        doses.append(moved.sum() / clean.table[_leader(clean)].sum())
    print(
        f"{kind:<8} {territories:11.1f}  {lift:5.3f}  {np.mean(doses):6.4f}  {np.mean(found):6.2f}  "
        f"{np.mean(covered):6.2f}",
        flush=True,
    )


def _leader(returns: Returns) -> str:
    assert returns.leader is not None
    return f"votes_{returns.leader.id}"


def moved_votes(returns: Returns, kind: str, territories: float, lift: float, seed: int) -> tuple[Returns, Ints]:
    """The returns with votes moved, and how many at each station, (stations,)."""
    leader, rng = _leader(returns), np.random.default_rng(seed)
    others = [c for c in returns.votes_columns if c != leader]
    codes, names = returns.codes(returns.levels)
    chosen = rng.random(names.height) < territories
    if kind == "late":
        late = returns.table["arrived"] > returns.table["arrived"].quantile(0.8)
        where = pl.Series(chosen[codes]) & late
    else:
        where = pl.Series(chosen[codes]) & ~returns.table["scanner"]
    taken = returns.table.select(
        pl.when(where).then((pl.col(c) * lift).round()).otherwise(0).cast(pl.Int64).alias(c) for c in others
    )
    moved = taken.select(pl.sum_horizontal(others)).to_series()
    table = returns.table.with_columns(
        (pl.col(leader) + moved).alias(leader), *(pl.col(c) - taken[c] for c in others)
    )
    return replace(returns, table=table), moved.to_numpy()


def _covers(answer: Finding, moved: Ints, kind: str) -> bool:
    """Whether the interval of votes has what was moved at the stations that it speaks of."""
    if kind == "late":
        told = answer.details["jump"]
        return bool(told["votes_low"] <= moved.sum() <= told["votes_high"])
    assert answer.stations is not None
    by_hand = answer.stations.select((~pl.col("by_machine")).fill_null(False)).to_series().to_numpy()
    told = answer.details["votes"]
    return bool(told["low"] <= moved[by_hand].sum() <= told["high"])


if __name__ == "__main__":
    main()
