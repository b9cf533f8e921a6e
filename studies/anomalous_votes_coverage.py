"""False alarms and coverage of anomalous-votes on simulated countries of 90,000 stations with known doses.

    python studies/anomalous_votes_coverage.py --seeds 1 200 --jobs 2          # resumes where it stopped
    python studies/anomalous_votes_coverage.py --table                         # only prints what there is

Every design of CLEAN_DESIGNS, clean and with 2, 5, 10 and 20 % of the winner's votes stuffed: in all stations
("all"), in 30 % of them ("some"), in all stations of a fifth of the territories ("territories"). A line of the
results file is one examination, votes in per cent of the winner's votes.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tallyscope.forensics.anomalous_votes import anomalous_votes
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import CLEAN_DESIGNS, clean_design
from tallyscope.simulation.mechanisms import stuffing
from tallyscope.simulation.site import Site
from tallyscope.version import __version__

DOSES = (0.02, 0.05, 0.10, 0.20)
SITES = {
    "all": Site(),
    "some": Site(share_of_stations=0.3),
    "territories": Site(level="territory", share_of_units=0.2),
}
#: Not in the repository: 5 MB for 200 seeds. Its table is studies/results/anomalous_votes_coverage.txt.
RESULTS = Path(__file__).parents[1] / "out"


def examined(returns: Returns, truth: int) -> dict[str, Any]:
    """The finding beside the truth, in per cent of the winner's votes."""
    finding = anomalous_votes(returns)
    leader = finding.details["leader_votes"] / 100
    answer: dict[str, Any] = {"applicable": finding.applicable, "truth": truth / leader}
    if finding.estimate is not None:
        e = finding.estimate
        answer |= {"value": e.value / leader, "low": e.low / leader, "high": e.high / leader, "p": finding.p_value}
        for name in ("regions_apart", "country_as_one", "constant_ratio"):
            answer[name] = [finding.details[name][k] / leader for k in ("votes", "low", "high")]
    return answer


def cells(design: str, seed: int, sites: list[str], doses: list[float]) -> list[dict[str, Any]]:
    """All examinations of one clean country."""
    clean = clean_election(clean_design(design), seed)
    of = {"design": design, "seed": seed}
    rows = [{**of, "site": "clean", "dose": 0.0, **examined(clean, 0)}]
    for site in sites:
        for dose in doses:
            changed, truth = stuffing.apply(clean, SITES[site], dose, seed)
            rows.append({**of, "site": site, "dose": dose, **examined(changed, truth.votes_gained)})
    return rows


def table(rows: list[dict[str, Any]]) -> Iterator[str]:
    """One line a cell."""
    groups: dict[tuple[str, float, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["site"], row["dose"], row["design"]].append(row)
    yield (
        "site         dose  design                   n  truth  mean    sd  cover  low>  high<   low   high "
        "p<.05 p<.01  regions cover  country mean cover  ratio mean"
    )
    order = ("clean", *SITES)
    for key in sorted(groups, key=lambda k: (order.index(k[0]), k[1], CLEAN_DESIGNS.index(k[2]))):
        yield line(key, [r for r in groups[key] if r["applicable"]])


def line(key: tuple[str, float, str], of: list[dict[str, Any]]) -> str:
    truth, value, low, high, p = (np.array([r[k] for r in of]) for k in ("truth", "value", "low", "high", "p"))
    own, country, ratio = (
        np.array([r[k] for r in of]) for k in ("regions_apart", "country_as_one", "constant_ratio")
    )
    inside = (own[:, 1] <= truth) & (truth <= own[:, 2])
    as_one = (country[:, 1] <= truth) & (truth <= country[:, 2])
    parts = (
        f"{key[0]:12s} {key[1]:4.2f}  {key[2]:22s} {len(of):3d} {truth.mean():6.2f} {value.mean():5.2f}",
        f"{value.std():5.2f}  {np.mean((low <= truth) & (truth <= high)):5.3f} {np.mean(low > truth):5.3f}",
        f"{np.mean(high < truth):5.3f} {low.mean():6.2f} {high.mean():6.2f} {np.mean(p < 0.05):5.3f}",
        f"{np.mean(p < 0.01):5.3f}  {inside.mean():13.3f}  {country[:, 0].mean():12.2f} {as_one.mean():5.3f}",
        f" {ratio[:, 0].mean():10.2f}",
    )
    return " ".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs=2, default=(1, 200), metavar=("FIRST", "LAST"))
    parser.add_argument("--designs", nargs="*", default=list(CLEAN_DESIGNS))
    parser.add_argument("--sites", nargs="*", default=list(SITES))
    parser.add_argument("--doses", type=float, nargs="*", default=list(DOSES))
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RESULTS / "anomalous_votes_coverage.jsonl")
    parser.add_argument("--table", action="store_true", help="print the table of what is there already")
    asked = parser.parse_args()
    done = [json.loads(text) for text in asked.out.read_text().splitlines()] if asked.out.exists() else []
    if not asked.table:
        from joblib import Parallel, delayed

        known = {(r["design"], r["seed"]) for r in done}
        first, last = asked.seeds
        wanted = [(d, s) for s in range(first, last + 1) for d in asked.designs if (d, s) not in known]
        run = Parallel(n_jobs=asked.jobs, return_as="generator_unordered")
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        with asked.out.open("a") as file:
            for rows in run(delayed(cells)(d, s, asked.sites, asked.doses) for d, s in wanted):
                file.writelines(json.dumps(r) + "\n" for r in rows)
                file.flush()
                done += rows
    print(f"tallyscope {__version__}; 90,000 stations; per cent of the winner's votes; 90 % intervals")
    print("\n".join(table(done)))


if __name__ == "__main__":
    main()
