"""How often the mixture takes clean simulated countries for changed ones, and changed ones for clean.

The clean designs of `tallyscope calibrate` at a size that the mixture is done with in seconds, each as it was drawn
and with ballots stuffed in a fifth of its stations. Run in pieces, each adding lines; nothing is done twice:

    python studies/mixture_false_alarms.py --seeds 25
    python studies/mixture_false_alarms.py --show
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from tallyscope.forensics.calibration.binomial import clopper_pearson
from tallyscope.forensics.calibration.structures import design, draw
from tallyscope.forensics.core.mixture.fit import fit
from tallyscope.forensics.core.mixture.spike import spiked_mean, spiked_quantile
from tallyscope.forensics.mixture_stations import used_stations
from tallyscope.simulation.designs import CLEAN_DESIGNS
from tallyscope.simulation.mechanisms import stuffing
from tallyscope.simulation.site import Site

RESULTS = Path(__file__).parent / "results" / "mixture_false_alarms.jsonl"
STATIONS, FIRST_SEED = 1_000, 20_001
#: Stuffed, of the leader's votes.
DOSES = (0.0, 0.05, 0.15)
#: The finding does not apply where R-hat of a global parameter is above this.
USELESS = 1.05


def one(name: str, dose: float, seed: int) -> dict[str, Any]:
    """What the mixture says of one country: posterior of nothing, votes gained, and the truth."""
    returns, gained = draw(design(name, STATIONS), seed), 0
    if dose:
        returns, truth = stuffing.apply(returns, Site(share_of_stations=0.2), dose, seed)
        gained = truth.votes_gained
    used, _ = used_stations(returns)
    assert used is not None
    found = fit(used.station, used.places, seed)
    votes, p = found.votes.sum(axis=1), found.posterior
    return {
        "design": name, "dose": dose, "seed": seed, "posterior": p,
        "log_bayes_factor": found.log_bayes_factor, "mirrored": found.log_bayes_factor_mirrored,
        "largest_r_hat": max(one.r_hat for one in found.parameters.values()), "gained": gained,
        "leader": int(used.station.leader.sum()), "mean": spiked_mean(votes, p),
        "low": spiked_quantile(votes, p, 0.05), "high": spiked_quantile(votes, p, 0.95),
    }  # fmt: skip


def kept() -> list[dict[str, Any]]:
    """The answers so far, without the lines that say what commit and command gave them."""
    lines = [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
    return [line for line in lines if "seed" in line]


def show() -> None:
    """Rates at 5 % and 1 % of what has an answer, with 95 % intervals (Clopper & Pearson 1934)."""
    for dose in DOSES:
        print("as drawn" if dose == 0 else f"{dose:.0%} of the leader's votes stuffed in a fifth of the stations")
        for name in CLEAN_DESIGNS:
            of = [a for a in kept() if a["design"] == name and a["dose"] == dose]
            answered = [a for a in of if a["largest_r_hat"] < USELESS]
            cries = [sum(a["posterior"] <= level for a in answered) for level in (0.05, 0.01)]
            low, high = clopper_pearson(cries[0], len(answered))
            held = sum(a["low"] <= a["gained"] <= a["high"] for a in answered)
            off = float(np.mean([(a["mean"] - a["gained"]) / a["leader"] for a in answered] or [np.nan]))
            print(
                f"  {name:23} {len(answered)} of {len(of)} have an answer; {cries[0]}, {cries[1]} cry at 5 %, 1 % "
                f"({100 * low:.0f} to {100 * high:.0f} %); the 90 % interval holds {held}, "
                f"off by {100 * off:+.1f} % of the leader's votes"
            )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=0)
    options.add_argument("--show", action="store_true")
    asked = options.parse_args()
    if asked.seeds:
        head = ["git", "rev-parse", "--short", "HEAD"]
        commit = subprocess.run(head, capture_output=True, text=True, check=True).stdout.strip()
        done = {(a["design"], a["dose"], a["seed"]) for a in kept()}
        with RESULTS.open("a") as out:
            out.write(json.dumps({"commit": commit, "command": f"--seeds {asked.seeds}"}) + "\n")
            for seed in range(FIRST_SEED, FIRST_SEED + asked.seeds):
                for name in CLEAN_DESIGNS:
                    for dose in DOSES:
                        if (name, dose, seed) not in done:
                            out.write(json.dumps(one(name, dose, seed)) + "\n")
                            out.flush()
    if asked.show:
        show()


if __name__ == "__main__":
    main()
