"""How often the four methods of voters who move cry on clean countries, and how often where something was done.

    python studies/movement_methods_errors.py clean 100 territories
    python studies/movement_methods_errors.py power 8 home

Countries of 90,000 stations, as in `simulation.designs`; seeds from 1; one process. The last word names one design,
or one mechanism. The printed results are kept in studies/results/movement_methods_errors.txt.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from tallyscope.forensics.methods import method
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import CLEAN_DESIGNS, clean_design
from tallyscope.simulation.mechanisms import absentee, carousel, home
from tallyscope.simulation.site import Site
from tallyscope.version import __version__

METHODS = ("absentee-balance", "home-voting", "late-additions", "turnout-pace")
#: Mechanism, the methods that speak of it, and the doses: votes added / the leader's votes in the whole country.
TRIALS = (
    (absentee, ("absentee-balance",)),
    (home, ("home-voting",)),
    (carousel, ("late-additions", "absentee-balance", "turnout-pace")),
)
DOSES = (0.005, 0.01, 0.02, 0.05)
SITES = {
    "a fifth of territories": Site(level="territory", share_of_units=0.2),
    "a fifth of stations": Site(share_of_stations=0.2),
    "everywhere": Site(),
}


def provenance(command: str) -> str:
    """Version, commit and command."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
        check=True,
    ).stdout.strip()
    ran = f"`python studies/movement_methods_errors.py {command}`"
    return f"tallyscope {__version__}, commit {commit}, seeds from 1, {ran}"


def p_value(returns: Returns, id: str) -> float:
    """The method's p-value; NaN where it does not apply."""
    found = method(id).run(returns)
    return np.nan if found.p_value is None else found.p_value


def clean(seeds: int, only: str) -> None:
    """False alarms at 5 % and 1 % and their number of runs."""
    print(f"{'design':24} {'method':18} {'runs':>5} {'apply':>5} {'at 5 %':>7} {'at 1 %':>7}")
    for name in [d for d in CLEAN_DESIGNS if only in ("", d)]:
        p: dict[str, list[float]] = {id: [] for id in METHODS}
        for seed in range(1, seeds + 1):
            returns = clean_election(clean_design(name), seed)
            for id in METHODS:
                p[id].append(p_value(returns, id))
        for id, all_ in p.items():
            told = np.array([x for x in all_ if not np.isnan(x)])
            at_5, at_1 = np.mean(told <= 0.05), np.mean(told <= 0.01)
            print(f"{name:24} {id:18} {len(all_):5} {told.size:5} {at_5:7.1%} {at_1:7.1%}", flush=True)


def power(seeds: int, only: str) -> None:
    """How often each method cries at 5 % on the design with territories and a correlation."""
    print(f"{'mechanism':30} {'place':24} {'dose':>6} {'method':18} {'runs':>5} {'at 5 %':>7} {'at 1 %':>7}")
    countries = [clean_election(clean_design("territories-correlated"), seed) for seed in range(1, seeds + 1)]
    for mechanism, ids in [t for t in TRIALS if only in ("", t[0].__name__.rpartition(".")[2])]:
        for place, site in SITES.items():
            for dose in DOSES:
                changed = []
                for seed, returns in enumerate(countries, start=1):
                    try:
                        changed.append(mechanism.apply(returns, site, dose, seed)[0])
                    except ValueError:
                        break  # the place has no room for so many
                for id in ids if changed else ():
                    p = np.array([p_value(returns, id) for returns in changed])
                    row = f"{mechanism.MECHANISM:30} {place:24} {dose:6.1%} {id:18} {p.size:5}"
                    print(f"{row} {np.mean(p <= 0.05):7.0%} {np.mean(p <= 0.01):7.0%}", flush=True)


if __name__ == "__main__":
    what, number, only = sys.argv[1], int(sys.argv[2]), "".join(sys.argv[3:])
    print(provenance(" ".join(sys.argv[1:])))
    {"clean": clean, "power": power}[what](number, only)
