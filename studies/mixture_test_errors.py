"""How often the test of `mixture` cries, on clean countries and changed ones: the parts that `calibrate` has.

The test needs no chains (`forensics.mixture.tested`): a second a country, where a fit takes minutes. Its p-value
is that of the finding. What the fit adds, a probability and votes, has a study of its own (`mixture_errors.py`).
Run in pieces, each adding lines; nothing is done twice:

    python studies/mixture_test_errors.py PART --data ../shared/data
    python studies/mixture_test_errors.py PART --data ../shared/data --show
    python studies/mixture_test_errors.py PART --data ../shared/data --rates FILE

PART: "clean" (200 seeds of each clean design), "small" (of 1,000 stations; `mixture_errors.py --rates` takes them
into the packaged rates), "power" (8 seeds of every mechanism, dose and place), "like" (12 clean countries like each
real election, and undisputed elections as they were counted).
"""

from __future__ import annotations

import argparse
import json
import subprocess
from datetime import UTC, datetime
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from time import process_time
from typing import Any

from tallyscope.election.roles import votes_column
from tallyscope.forensics.calibration.binomial import clopper_pearson
from tallyscope.forensics.calibration.code import code_digest
from tallyscope.forensics.calibration.job import Answer, Row
from tallyscope.forensics.calibration.places import site
from tallyscope.forensics.calibration.plan import Job, Plan
from tallyscope.forensics.calibration.rates import Rates, from_text, to_text
from tallyscope.forensics.calibration.structures import draw
from tallyscope.forensics.calibration.study import Request, planned
from tallyscope.forensics.calibration.summary import Study, merged, study_rates
from tallyscope.forensics.mixture import tested
from tallyscope.forensics.mixture_stations import used_stations
from tallyscope.simulation.mechanisms import MECHANISMS
from tallyscope.version import __version__

RESULTS = Path(__file__).parent / "results" / "mixture_test_errors.jsonl"
MIXTURE = ("mixture",)


def plan(part: str, data: Path) -> Plan:
    """The jobs of a part."""
    requests = {
        "clean": Request("acceptance", MIXTURE, mechanisms=()),
        "small": Request("acceptance", MIXTURE, mechanisms=(), stations=1_000),
        "power": Request("power", MIXTURE, seeds=8),
        "like": Request("small", MIXTURE, designs=(), mechanisms=(), data=data, seeds=12),
    }
    return planned(requests[part])


@cache
def _clean(structure: Any, seed: int) -> Any:
    return draw(structure, seed)


def asked(job: Job) -> dict[str, Any]:
    """What the test says of one election."""
    clean = _clean(job.structure, job.seed)
    leader = clean.leader
    assert leader is not None
    returns, gained = clean, 0
    if job.mechanism:
        try:
            returns, truth = MECHANISMS[job.mechanism].apply(clean, site(job.place, clean), job.dose, job.seed)
        except ValueError as error:
            return Answer(job.key, (), impossible=str(error)).as_dict()
        gained = truth.votes_gained
    start = process_time()
    used, conditions = used_stations(returns)
    row = Row("mixture")
    if used is not None and all(c.met for c in conditions):
        p = tested(used).p_value
        row = Row("mixture", True, p, at_5=p <= 0.05, at_1=p <= 0.01, seconds=round(process_time() - start, 2))
    before = int(clean.table[votes_column(leader.id)].sum())
    return Answer(job.key, (row,), len(returns), before, gained).as_dict()


def together(jobs: tuple[Job, ...]) -> list[dict[str, Any]]:
    """The jobs of one election, which is drawn once."""
    _clean.cache_clear()
    return [asked(job) for job in jobs]


def lines() -> list[dict[str, Any]]:
    """What the file has: a line a run with its commit and command, and a line an answer."""
    return [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []


def answers() -> dict[str, Answer]:
    """The answers so far, by key."""
    return {a["key"]: Answer.from_dict(a) for a in lines() if "key" in a}


def run(part: str, data: Path, workers: int) -> None:
    """Adds the answers that are not there yet."""
    head = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(head, capture_output=True, text=True, check=True).stdout.strip()
    done = answers()
    groups: dict[tuple[str, int], list[Job]] = {}
    for job in plan(part, data).jobs:
        if job.key not in done:
            groups.setdefault((job.structure.key, job.seed), []).append(job)
    # Not forked: the elections were read with threads, which a forked process waits for in vain.
    with RESULTS.open("a") as out, get_context("spawn").Pool(workers) as pool:
        told = {"part": part, "commit": commit, "code": code_digest(), "date": datetime.now(UTC).date().isoformat()}
        out.write(json.dumps(told) + "\n")
        for number, found in enumerate(pool.imap_unordered(together, map(tuple, groups.values())), 1):
            out.writelines(json.dumps(one) + "\n" for one in found)
            out.flush()
            if number % 20 == 0:
                print(f"{number} of {len(groups)} elections", flush=True)


def rates(part: str, data: Path) -> Rates:
    """Counted as `calibrate` counts, with the code of each of the part's runs and the commit of the last."""
    runs = [a for a in lines() if a.get("part") == part]
    last, codes = runs[-1], tuple(dict.fromkeys(a["code"] for a in runs))
    command = f"python studies/mixture_test_errors.py {part} --data DATA"
    study = Study(__version__, codes, last["commit"], last["date"], command)
    return study_rates(plan(part, data), answers().values(), study)


def show(found: Rates) -> None:
    """Rates at 5 % and 1 % with 95 % intervals (Clopper & Pearson 1934)."""
    for r in found.of("mixture"):
        low, high = clopper_pearson(r.at_5, r.tested) if r.tested else (0.0, 1.0)
        done = f"{r.mechanism}, {r.place}, {r.dose:g}" if r.mechanism else "as drawn"
        print(
            f"{r.structure:28} {done:60} {r.at_5:3}, {r.at_1:3} of {r.tested:3} of {r.runs:3} cry at 5 %, 1 % "
            f"({100 * low:.1f} to {100 * high:.1f} %)"
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("part", choices=("clean", "small", "power", "like"))
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--show", action="store_true")
    options.add_argument("--rates", type=Path, help="put what was measured into this file")
    given = options.parse_args()
    if not given.show and not given.rates:
        run(given.part, given.data, given.workers)
    if given.show:
        show(rates(given.part, given.data))
    if given.rates:
        before = from_text(given.rates.read_text(encoding="utf-8"))
        new = rates(given.part, given.data)
        given.rates.write_text(to_text(merged(before, new)), encoding="utf-8")


if __name__ == "__main__":
    main()
