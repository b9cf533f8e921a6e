"""An examination of the made country, with made findings."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from tallyscope.forensics.finding import Condition, Estimate, Finding, Place
from tallyscope.report.examination import Examination
from tallyscope.returns.checks import check
from tallyscope.returns.table import Returns
from tallyscope.tally import tally


def examination_of(returns: Returns) -> Examination:
    """An examination with made findings: one with everything, one that does not apply."""
    everything = Finding(
        method="integer-percentages",
        mechanisms=("rounded-results",),
        question="Do more stations report a whole percentage than chance explains?",
        applicable=True,
        conditions=(
            Condition("Stations are large enough", True, "median 1,234"),
            Condition("The form prints ballots issued", None, "cannot be judged"),
            Condition("Nobody rounds", False, "somebody does"),
        ),
        summary="12 more stations than expected",
        estimate=Estimate(12.0, -3.5, 27.5, 0.95, "stations"),
        p_value=3.4e-23,
        q_value=6.8e-23,
        details={"stations_used": 250, "union": {"observed": 40, "expected": 28.0, "p_value": float("nan")}},
        where=(Place("region", ("South",), 9.0, "excess stations", 1e-5, 3e-5, {"sd": float("inf")}),),
        alternatives=("Small stations",),
        source="Kobak, Shpilkin & Pshenichnikov 2016",
        stations=pl.DataFrame({"is_integer": [i % 2 == 0 for i in range(len(returns))]}),
    )
    silent = Finding(
        method="last-digits",
        mechanisms=(),
        question="Are the last digits evenly spread?",
        applicable=False,
        conditions=(Condition("Counts are large enough", False, "median 14"),),
        summary="The method does not apply",
    )
    tallies = {"nation": tally(returns), "region": tally(returns, "region")}
    created = datetime(2020, 3, 2, 12, 0, tzinfo=UTC)
    return Examination(returns, check(returns), tallies, (everything, silent), created=created)
