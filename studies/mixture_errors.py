"""How often the mixture takes clean simulated countries for changed ones, and changed ones for clean.

The clean designs of `tallyscope calibrate` at a size that the mixture is done with in seconds, each as it was drawn
and with ballots stuffed in 30 % of its stations. The command would give the same answers in twice the time, since
the finding has the published model fitted as well. Run in pieces, each adding lines; nothing is done twice.
`--test` asks the test alone, which is quick, anew of every election there is; the last answer counts:

    python studies/mixture_errors.py --seeds 12
    python studies/mixture_errors.py --test
    python studies/mixture_errors.py --show
    python studies/mixture_errors.py --rates src/tallyscope/forensics/calibration/rates.json
"""

from __future__ import annotations

import argparse
import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

import mixture_test_errors

from tallyscope.election.roles import votes_column
from tallyscope.forensics.calibration.binomial import clopper_pearson
from tallyscope.forensics.calibration.code import code_digest
from tallyscope.forensics.calibration.job import Answer, Row
from tallyscope.forensics.calibration.places import site
from tallyscope.forensics.calibration.plan import Job, Part, Plan
from tallyscope.forensics.calibration.rates import Rates, from_text, to_text
from tallyscope.forensics.calibration.structures import design, draw
from tallyscope.forensics.calibration.summary import Study, merged, study_rates
from tallyscope.forensics.core.mixture.fit import fit
from tallyscope.forensics.core.mixture.spike import spiked_interval, spiked_mean
from tallyscope.forensics.mixture import tested
from tallyscope.forensics.mixture_stations import used_stations
from tallyscope.returns.table import Returns
from tallyscope.simulation.designs import CLEAN_DESIGNS
from tallyscope.simulation.mechanisms import MECHANISMS
from tallyscope.simulation.mechanisms.names import STUFFING
from tallyscope.version import __version__

RESULTS = Path(__file__).parent / "results" / "mixture_errors.jsonl"
STATIONS, SEED = 1_000, 20120304
#: Stuffed at 30 % of the stations, of the leader's votes.
DOSES = (0.05, 0.2)
#: The finding tells no probability and no votes where R-hat of a global parameter is above this.
USELESS, LEVEL = 1.05, 0.90


def plan(seeds: int) -> Plan:
    """Every design, as it was drawn and with each dose."""
    of = (tuple(design(name, STATIONS) for name in CLEAN_DESIGNS), seeds, ("mixture",))
    return Plan(
        "mixture", (Part("clean", *of), Part("stuffed", *of, tuple((STUFFING, d) for d in DOSES), ("scattered",)))
    )


def drawn(job: Job) -> tuple[Returns, Returns, int]:
    """A job's election as it was drawn, as it was changed, and the votes gained."""
    clean = draw(job.structure, job.seed)
    if not job.mechanism:
        return clean, clean, 0
    returns, truth = MECHANISMS[job.mechanism].apply(clean, site(job.place, clean), job.dose, job.seed)
    return clean, returns, truth.votes_gained


def asked(job: Job) -> dict[str, Any]:
    """What `calibrate` would keep of the mixture's finding, and what it says of its chains."""
    clean, returns, gained = drawn(job)
    used, _ = used_stations(returns)
    assert used is not None
    start = process_time()
    p_value = tested(used).p_value
    found = fit(used.station, used.places, SEED)
    votes, p = found.votes.sum(axis=1), found.posterior
    low, high = spiked_interval(votes, p, LEVEL)
    r_hat = max(one.r_hat for one in found.parameters.values())
    row = Row("mixture", True, p_value, at_5=p_value <= 0.05, at_1=p_value <= 0.01)
    if r_hat < USELESS:
        row = replace(
            row,
            posterior=p,
            estimate=spiked_mean(votes, p),
            low=low,
            high=high,
            level=LEVEL,
            unit="votes",
        )
    row = replace(row, seconds=round(process_time() - start, 1))
    leader = clean.leader
    assert leader is not None
    before = int(clean.table[votes_column(leader.id)].sum())
    answer = Answer(job.key, (row,), len(returns), before, gained).as_dict()
    factors = {"of_nothing": found.log_bayes_factor, "mirrored": found.log_bayes_factor_mirrored}
    return {**answer, "seed": job.seed, "r_hat": r_hat, "log_bayes_factor": factors}


def lines() -> list[dict[str, Any]]:
    """What the file has: a line a run with its commit and command, and a line an answer."""
    return [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []


def answers() -> list[Answer]:
    """The answers so far, each with the p-value that was last found."""
    fields = Answer.__dataclass_fields__
    found: dict[str, Answer] = {}
    for line in lines():
        if "rows" in line:
            found[line["key"]] = Answer.from_dict({k: v for k, v in line.items() if k in fields})
        elif "p_value" in line:
            (row,), p = found[line["key"]].rows, line["p_value"]
            row = replace(row, applicable=True, p_value=p, at_5=p <= 0.05, at_1=p <= 0.01)
            found[line["key"]] = replace(found[line["key"]], rows=(row,))
    return list(found.values())


def rates(seeds: int) -> Rates:
    """Counted as `calibrate` counts, with the provenance of the last run."""
    runs = [a for a in lines() if "commit" in a]
    fits = [a for a in runs if not a.get("test")][-1]
    command = f"python studies/mixture_errors.py --seeds {seeds}"
    codes, last = (fits["code"],), runs[-1]
    if last is not fits:
        codes, command = (*codes, last["code"]), f"{command}, and at {last['commit']} --test"
    command += "; the test on 200 clean ones: python studies/mixture_test_errors.py small"
    study = Study(__version__, codes, fits["commit"], last["date"], command)
    return with_more_clean(study_rates(plan(seeds), answers(), study))


def with_more_clean(found: Rates) -> Rates:
    """How often the test cries where nothing was done, of the elections of which only the test was asked."""
    more = {r.structure: r for r in mixture_test_errors.rates("small", Path()).of("mixture")}
    rows = []
    for rate in found.of("mixture"):
        if not rate.mechanism and rate.structure in more:
            counted = ("runs", "applicable", "tested", "at_5", "at_1", "failed")
            rate = replace(rate, **{name: getattr(more[rate.structure], name) for name in counted})
        rows.append(tuple(rate.row()))
    return replace(found, rows=tuple(rows))


def complete() -> int:
    """The number of seeds of which every answer is there."""
    seeds, there = 0, {a.key for a in answers()}
    while there.issuperset(job.key for job in plan(seeds + 1).jobs):
        seeds += 1
    return seeds


def show() -> None:
    """Rates at 5 % and 1 % with 95 % intervals (Clopper & Pearson 1934), and what the posterior says."""
    rows: dict[tuple[str, float], list[Row]] = {}
    by_key = {answer.key: answer for answer in answers()}
    for job in plan(complete()).jobs:
        rows.setdefault((job.structure.key, job.dose), []).extend(by_key[job.key].rows)
    for r in rates(complete()).of("mixture"):
        low, high = clopper_pearson(r.at_5, r.tested)
        fits = len(rows[r.structure, r.dose])
        done = f"{r.dose:.0%} of the leader's votes stuffed" if r.mechanism else "as drawn"
        posterior = [row.posterior for row in rows[r.structure, r.dose] if row.posterior is not None]
        print(
            f"{r.structure:28} {done:36} the test cries in {r.at_5}, {r.at_1} of {r.tested} at 5 %, 1 % "
            f"({100 * low:.0f} to {100 * high:.0f} %); the posterior is told in {len(posterior)} of {fits}, "
            f"at most 5 % in {sum(one <= 0.05 for one in posterior)}"
        )
        if e := r.estimate:
            print(
                f"    mean estimate {100 * e.mean:+.2f} % of the leader's votes (truth {100 * r.gained:.2f} %); "
                f"the 90 % interval holds the truth in {e.covers_truth} of {e.answered}"
            )


def told() -> dict[str, Any]:
    """The provenance of a run."""
    head = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(head, capture_output=True, text=True, check=True).stdout.strip()
    return {"commit": commit, "code": code_digest(), "date": datetime.now(UTC).date().isoformat()}


def test_again() -> None:
    """Adds what the test says now of the elections that there are answers to."""
    done = {a.key for a in answers()}
    with RESULTS.open("a") as out:
        out.write(json.dumps({**told(), "test": True}) + "\n")
        for job in plan(complete()).jobs:
            if job.key in done:
                used, _ = used_stations(drawn(job)[1])
                assert used is not None
                out.write(json.dumps({"key": job.key, "p_value": tested(used).p_value}) + "\n")


def run(seeds: int) -> None:
    """Adds the answers that are not there yet."""
    done = {a.key for a in answers()}
    by_seed = sorted(plan(seeds).jobs, key=lambda job: job.seed)
    with RESULTS.open("a") as out:
        out.write(json.dumps(told()) + "\n")
        for job in (j for j in by_seed if j.key not in done):
            out.write(json.dumps(asked(job)) + "\n")
            out.flush()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=0)
    options.add_argument("--test", action="store_true", help="ask the test alone anew")
    options.add_argument("--show", action="store_true")
    options.add_argument("--rates", type=Path, help="put what was measured into this file")
    given = options.parse_args()
    if given.seeds:
        run(given.seeds)
    if given.test:
        test_again()
    if given.show:
        show()
    if given.rates:
        before = from_text(given.rates.read_text(encoding="utf-8"))
        given.rates.write_text(to_text(merged(before, rates(complete()))), encoding="utf-8")


if __name__ == "__main__":
    main()
