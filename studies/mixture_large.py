"""The mixture's probability and votes on clean countries of 90,000 stations and on stuffed ones.

Of each election it keeps the posterior of nothing, the votes if anything was changed, and how chains agree. A fit
takes ten minutes of two cores, or two of a graphics card that several share. What is kept was fitted before levels
whose units do not differ were left out (see the commit of each line), which is why chains on designs without places
agree less there than they would now.

    python studies/mixture_large.py --design territories --seed 10001 --dose 0.05
    python studies/mixture_large.py --show
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np

from tallyscope.election.roles import votes_column
from tallyscope.forensics.calibration.places import site
from tallyscope.forensics.calibration.structures import design, draw
from tallyscope.forensics.core.mixture import fit as fitting
from tallyscope.forensics.mixture_stations import used_stations
from tallyscope.simulation.designs import CLEAN_DESIGNS
from tallyscope.simulation.mechanisms import MECHANISMS
from tallyscope.simulation.mechanisms.names import STUFFING

RESULTS = Path(__file__).parent / "results" / "mixture_large.jsonl"
SEED = 20120304


def asked(name: str, seed: int, dose: float) -> dict[str, Any]:
    """What the chains say of one election."""
    clean = draw(design(name), seed)
    leader, returns, gained = clean.leader, clean, 0
    assert leader is not None
    if dose:
        returns, truth = MECHANISMS[STUFFING].apply(clean, site("scattered", clean), dose, seed)
        gained = truth.votes_gained
    used, _ = used_stations(returns)
    assert used is not None
    start = time.perf_counter()
    found = fitting.fit(used.station, used.places, SEED)
    votes = found.votes.sum(axis=1)
    head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    return {
        "design": name,
        "seed": seed,
        "dose": dose,
        "stations": len(returns),
        "leader": int(clean.table[votes_column(leader.id)].sum()),
        "gained": gained,
        "posterior": found.posterior,
        "log_bayes_factor": found.log_bayes_factor,
        "mirrored": found.log_bayes_factor_mirrored,
        "if_any": [round(x) for x in (votes.mean(), *np.quantile(votes, [0.05, 0.95]))],
        "r_hat": max(p.r_hat for p in found.parameters.values()),
        "effective": round(min(p.effective for p in found.parameters.values())),
        "warmup_draws": list(fitting._MANY_STATIONS),
        "seconds": round(time.perf_counter() - start),
        "device": "processor",
        "commit": head.stdout.strip(),
    }


def show() -> None:
    """A line an election, and what all clean ones say together."""
    lines = [json.loads(line) for line in RESULTS.read_text().splitlines()]
    for r in lines:
        value, low, high = (100 * x / r["leader"] for x in r["if_any"])
        truth = 100 * r["gained"] / r["leader"]
        votes = f"{value:5.2f} [{low:5.2f}, {high:5.2f}] % of the leader's votes (truth {truth:.2f})"
        nothing = f"posterior of nothing {r['posterior']:9.6g}"
        print(
            f"{r['design']:23} {r['seed']} dose {r['dose']:3.0%}  {nothing}  if any {votes}  R-hat {r['r_hat']:.3f}"
        )
    # The same election fitted twice counts once.
    clean = {(r["design"], r["seed"]): r["posterior"] for r in lines if not r["dose"]}
    cries, least = sum(p <= 0.05 for p in clean.values()), min(clean.values())
    print(f"{len(clean)} clean countries: the posterior of nothing is at most 5 % in {cries}, least {least:.6f}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--design", choices=CLEAN_DESIGNS)
    options.add_argument("--seed", type=int, default=10_001)
    options.add_argument("--dose", type=float, default=0.0)
    options.add_argument("--show", action="store_true")
    given = options.parse_args()
    if given.design:
        with RESULTS.open("a") as out:
            out.write(json.dumps(asked(given.design, given.seed, given.dose)) + "\n")
    if given.show:
        show()


if __name__ == "__main__":
    main()
