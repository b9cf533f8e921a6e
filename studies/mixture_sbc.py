"""Simulation-based calibration of the mixture (Talts, Betancourt, Simpson, Vehtari & Gelman 2018).

Parameters are drawn from the prior, an election is drawn from them (`core.mixture.generate`: exact multinomial
counts, nothing of the likelihood's approximations), the model is fitted to it, and the rank of each true parameter
among evenly spaced posterior draws is noted. Were the posterior right, ranks would be uniform. The votes gained are
ranked too. Run in pieces, each adding lines to the results; what was broken off goes on:

    python studies/mixture_sbc.py --first 1 --runs 100
    python studies/mixture_sbc.py --show
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2, kstest

from tallyscope.forensics.core.mixture import fit as fitting
from tallyscope.forensics.core.mixture.fit import Places
from tallyscope.forensics.core.mixture.generate import generate

RESULTS = Path(__file__).parent / "results" / "mixture_sbc.jsonl"
STATIONS, REGIONS, RANKS, BINS = 240, 12, 99, 10
WARMUP, DRAWS = 200, 300
#: The R-hat above which a finding gives no answer.
AGREED = 1.05


def sizes() -> npt.NDArray[np.int64]:
    """Voters of each station: the same in every run."""
    return np.random.default_rng(0).integers(150, 2500, STATIONS)


def one(seed: int) -> dict[str, Any]:
    """One draw from the prior: ranks of every parameter and of the votes gained, the truth, how chains agree."""
    from numpyro.diagnostics import split_gelman_rubin

    from tallyscope.forensics.core.mixture.evidence import evidence
    from tallyscope.forensics.core.mixture.parameters import constrained, draw_prior, names
    from tallyscope.forensics.core.mixture.sample import Effort, draw
    from tallyscope.forensics.core.mixture.weighing import located

    rng = np.random.default_rng(seed)
    order = names(("region",))
    raw = draw_prior(order, rng)
    unit = np.arange(STATIONS) % REGIONS
    with fitting.precisely():
        values = {k: float(v) for k, v in constrained(raw, order).items()}
        drawn = generate(values, sizes(), (("region", unit),), rng)
        places = Places(("region",), (unit,), np.zeros(STATIONS, dtype=np.int64))
        shape, data, found = located(fitting.prepare(drawn.station, places), places.levels)
        draws = draw(shape, data, found.coordinates, Effort(4, WARMUP, DRAWS), seed, found.modes)
        said = evidence(shape, data, drawn.station, draws, places.counted, seed)
    kept = draws.raw.reshape(-1, raw.size)[np.linspace(0, 4 * DRAWS - 1, RANKS).astype(int)]
    ranks = {name: int((kept[:, i] < raw[i]).sum()) for i, name in enumerate(order)}
    votes = said.votes.sum(axis=1)[np.linspace(0, len(said.votes) - 1, RANKS).astype(int)]
    ranks["votes_gained"] = int((votes < drawn.gained.sum()).sum())
    truth = {**values, "votes_gained": int(drawn.gained.sum())}
    r_hat = {name: float(x) for name, x in zip(order, np.atleast_1d(split_gelman_rubin(draws.raw)), strict=True)}
    return {"seed": seed, "ranks": ranks, "truth": truth, "r_hat": r_hat, "divergent": draws.divergent}


def kept() -> list[dict[str, Any]]:
    """The runs in the results, without the lines that say what commit and command gave them."""
    lines = [json.loads(line) for line in RESULTS.read_text().splitlines()]
    return [line for line in lines if "seed" in line]


def show() -> None:
    """Chi-squared (ten bins), Kolmogorov-Smirnov of every parameter, of all runs and of those with an answer."""
    runs = kept()
    table(runs)
    # A finding gives no answer where chains disagree. That is seen in the data: ranks are as uniform without.
    print()
    table([r for r in runs if max(r["r_hat"].values()) < AGREED])


def table(runs: list[dict[str, Any]]) -> None:
    """One line a parameter."""
    worst = np.array([max(r["r_hat"].values()) for r in runs])
    print(f"{len(runs)} draws from the prior, {STATIONS} stations in {REGIONS} regions; ranks among {RANKS} draws")
    print(f"largest R-hat of a run: median {np.median(worst):.3f}, 9 in 10 below {np.quantile(worst, 0.9):.3f}")
    print(f"runs with an R-hat of {AGREED} or more: {int((worst >= AGREED).sum())}")
    for name in runs[0]["ranks"]:
        rank = np.array([r["ranks"][name] for r in runs])
        counts = np.histogram(rank, bins=BINS, range=(-0.5, RANKS + 0.5))[0]
        expected = len(runs) / BINS
        p = float(chi2.sf(((counts - expected) ** 2 / expected).sum(), BINS - 1))
        uniform = kstest((rank + 0.5) / (RANKS + 1), "uniform").pvalue
        print(f"{name:22} {' '.join(f'{c:3d}' for c in counts)}  chi2 p {p:.3f}  KS p {uniform:.3f}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--first", type=int, default=1)
    options.add_argument("--runs", type=int, default=0)
    options.add_argument("--show", action="store_true")
    asked = options.parse_args()
    if asked.runs:
        head = ["git", "rev-parse", "--short", "HEAD"]
        commit = subprocess.run(head, capture_output=True, text=True, check=True).stdout.strip()
        command = f"--first {asked.first} --runs {asked.runs}"
        with RESULTS.open("a") as out:
            out.write(json.dumps({"commit": commit, "command": command}) + "\n")
            out.flush()
            # What is there already is not done again.
            done = {run["seed"] for run in kept()}
            for seed in sorted(set(range(asked.first, asked.first + asked.runs)) - done):
                out.write(json.dumps(one(seed)) + "\n")
                out.flush()
    if asked.show:
        show()


if __name__ == "__main__":
    main()
