"""False alarms of repeated-shares and coarse-fractions on clean countries, part by part.

python studies/shares_false_alarms.py [SEEDS] [DESIGN ...] > studies/results/shares_false_alarms.txt
"""

from __future__ import annotations

import sys

import numpy as np

from tallyscope import __version__
from tallyscope.forensics.finding import Finding
from tallyscope.forensics.methods import run
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import CLEAN_DESIGNS, clean_design

METHODS = ("repeated-shares", "coarse-fractions")
FIRST = 6000


def main(seeds: int, designs: tuple[str, ...]) -> None:
    """Prints a line a design and a part."""
    print(f"tallyscope {__version__}; 90,000 stations; seeds {FIRST} to {FIRST + seeds - 1}")
    for design in designs:
        drawn = [p_values(design, seed) for seed in range(FIRST, FIRST + seeds)]
        for name in drawn[0]:
            p = np.asarray([one[name] for one in drawn])
            print(f"{design}: {name}: p <= .05 {np.mean(p <= 0.05):.3f}, p <= .01 {np.mean(p <= 0.01):.3f}")
        sys.stdout.flush()


def p_values(design: str, seed: int) -> dict[str, float]:
    """The p-values of one clean country, by part; the smallest q-value where many places are tested."""
    repeated, coarse = run(clean_election(clean_design(design), seed), METHODS)
    values = {
        "repeated-shares": repeated.p_value,
        "  share alone": repeated.details["pairs"]["share"]["p_value"],
        "  turnout alone": repeated.details["pairs"]["turnout"]["p_value"],
        "  identical protocols": repeated.details["identical_protocols"]["p_value"],
        "  any place (q)": least(repeated),
        "  any low counts (q)": 0.0 if repeated.details["low_counts"] else 1.0,
        "coarse-fractions": coarse.p_value,
        "  thirds, sixths, sevenths": coarse.details["control"]["p_value"],
        "  turnout": coarse.details["turnout"]["p_value"],
        "  any place (q)  ": least(coarse),
    }
    return {name: 1.0 if p is None else float(p) for name, p in values.items()}


def least(found: Finding) -> float:
    """The smallest q-value of a place."""
    return min((w.q_value for w in found.where if w.q_value is not None), default=1.0)


if __name__ == "__main__":
    chosen = tuple(sys.argv[2:]) or CLEAN_DESIGNS
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100, chosen)
