"""How often order-of-arrival and machine-gap cry on clean countries, and how well their intervals cover.

    python studies/order_of_arrival_false_alarms.py --seeds 100 > studies/results/arrival_false_alarms.txt

One line a design and method: seeds, how many were applicable, the share with p <= .05 and p <= .01, the mean of the
estimate, and how often its 95 % interval covers zero, the truth.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from tallyscope import __version__
from tallyscope.forensics.finding import Finding
from tallyscope.forensics.methods import method
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import CLEAN_DESIGNS, clean_design

METHODS = ("order-of-arrival", "machine-gap")


def main() -> None:
    """Prints one line a design and method."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--stations", type=int, default=90_000)
    parser.add_argument("--methods", default=",".join(METHODS))
    asked = parser.parse_args()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(f"# tallyscope {__version__}, commit {commit.stdout.strip()}; python {' '.join(sys.argv)}")
    print(f"# clean designs, {asked.stations:,} stations, seeds {asked.first} to {asked.first + asked.seeds - 1}")
    print(f"{'design':<22} {'method':<17} applied  p<=.05  p<=.01  mean est.  covers 0  CPU s")
    for design in CLEAN_DESIGNS:
        answers: dict[str, list[tuple[Finding, float]]] = {m: [] for m in asked.methods.split(",")}
        for seed in range(asked.first, asked.first + asked.seeds):
            country = clean_election(clean_design(design, stations=asked.stations), seed)
            for id, found in answers.items():
                found.append(_timed(method(id).run, country))
        for id, found in answers.items():
            _line(design, id, found)


def _timed(run: Callable[[Returns], Finding], country: Returns) -> tuple[Finding, float]:
    before = time.process_time()
    return run(country), time.process_time() - before


def _line(design: str, id: str, answers: list[tuple[Finding, float]]) -> None:
    applied = [f for f, _ in answers if f.applicable and f.p_value is not None and f.estimate is not None]
    p = np.array([f.p_value for f in applied], dtype=np.float64)
    estimates = [f.estimate for f in applied if f.estimate is not None]
    covered = np.mean([e.low <= 0 <= e.high for e in estimates]) if estimates else float("nan")
    mean = np.mean([e.value for e in estimates]) if estimates else float("nan")
    seconds = np.median([s for _, s in answers])
    print(
        f"{design:<22} {id:<17} {len(applied):3d}/{len(answers):3d}  {np.mean(p <= 0.05):6.3f}  "
        f"{np.mean(p <= 0.01):6.3f}  {mean:+9.4f}  {covered:8.3f}  {seconds:5.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
