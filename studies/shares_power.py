"""What repeated-shares and coarse-fractions see of shares written in advance, against where and how many.

python studies/shares_power.py [SEEDS] > studies/results/shares_power.txt
"""

from __future__ import annotations

import sys

import numpy as np

from tallyscope import __version__
from tallyscope.forensics.methods import run
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import clean_design
from tallyscope.simulation.mechanisms import shared_percentage, written
from tallyscope.simulation.site import Site

SPEC = clean_design("territories-correlated", stations=30_000, regions=28)
TERRITORIES = 857
#: Points by which shares are lifted.
LIFT = 3.0
CASES = (
    *(
        (f"one percentage in {n} of {TERRITORIES} territories, {s:.0%} of their stations", shared_percentage, n, s)
        for n, s in ((1, 1.0), (3, 1.0), (10, 1.0), (10, 0.4))
    ),
    *((f"turnout and share at multiples of 5 % in {s:.0%} of all stations", written, 0, s) for s in (0.01, 0.03)),
)


def main(seeds: int) -> None:
    """Prints a line a case: how often each method cries at 5 %, and the territories found and wrongly found."""
    print(f"tallyscope {__version__}; 30,000 stations, territories-correlated; seeds 0 to {seeds - 1}")
    for name, mechanism, units, share in CASES:
        site = Site(level="territory", share_of_units=units / TERRITORIES) if units else Site()
        site = Site(site.level, None, site.share_of_units, share)
        cries, right, wrong, there = np.zeros(2), 0, 0, 0
        for seed in range(seeds):
            returns, truth = mechanism.apply(clean_election(SPEC, seed), site, LIFT, seed)
            found = run(returns, ("repeated-shares", "coarse-fractions"))
            cries += [f.cries() is True for f in found]
            places = {
                p.unit
                for p in found[0].where
                if p.level == "territory" and p.q_value is not None and p.q_value <= 0.05
            }
            true = set(truth.units) if units else set()
            right, wrong, there = right + len(places & true), wrong + len(places - true), there + len(true)
        rates = ", ".join(
            f"{n} {c:.2f}" for n, c in zip(("repeated-shares", "coarse-fractions"), cries / seeds, strict=True)
        )
        print(f"{name}: cries at 5 %: {rates}; territories found {right} of {there}, wrongly {wrong}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
