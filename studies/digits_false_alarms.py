"""False alarms of last-digits and second-digit on clean countries, and the usual tests beside them.

python studies/digits_false_alarms.py [SEEDS] > studies/results/digits_false_alarms.txt
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.stats import chi2

from tallyscope import __version__
from tallyscope.forensics.core.digits import second_digit
from tallyscope.forensics.methods import method
from tallyscope.forensics.second_digit import BENFORD
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import CLEAN_DESIGNS, clean_design


def cut_at_100(votes: np.ndarray) -> float:
    """The usual last-digit test: counts of 100 or more, all with the same weight."""
    seen = np.bincount(votes[votes >= 100] % 10, minlength=10)
    return float(chi2.sf(((seen - seen.mean()) ** 2 / seen.mean()).sum(), 9))


def benford(votes: np.ndarray) -> float:
    """The usual second-digit test against Benford's law."""
    seen = np.bincount(second_digit(votes[votes >= 10]), minlength=10)
    expected = seen.sum() * BENFORD
    return float(chi2.sf(((seen - expected) ** 2 / expected).sum(), 9))


def main(seeds: int) -> None:
    """Prints a line a design."""
    print(f"tallyscope {__version__}; 90,000 stations; seeds 5000 to {4999 + seeds}; share of p < .05 (p < .01)")
    for design in CLEAN_DESIGNS:
        p: dict[str, list[float]] = {"last-digits": [], "second-digit": [], "cut at 100": [], "Benford": []}
        for seed in range(5000, 5000 + seeds):
            returns = clean_election(clean_design(design), seed)
            for name in ("last-digits", "second-digit"):
                value = method(name).run(returns).p_value
                p[name].append(1.0 if value is None else value)
            leader = returns.leader
            votes = returns.counts(f"votes_{leader.id}") if leader else np.zeros(0, dtype=np.int64)
            p["cut at 100"].append(cut_at_100(votes))
            p["Benford"].append(benford(votes))
        rates = (f"{n} {np.mean(np.array(v) < 0.05):.3f} ({np.mean(np.array(v) < 0.01):.3f})" for n, v in p.items())
        print(f"{design}: {'; '.join(rates)}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
