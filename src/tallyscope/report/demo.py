"""Truth beside finding: what was done in a simulation, and what each method said about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from tallyscope.forensics.finding import Finding, Place
from tallyscope.simulation.truth import Simulation, Truth

__all__ = ["CLEAN", "COLUMNS", "COUNTRY", "compare", "false_alarms"]

#: What stands for a region's name in the row of the whole country, and in the row of all regions left clean.
COUNTRY, CLEAN = "whole country", "all clean regions"

#: Columns of the comparison.
COLUMNS = {
    "mechanism": pl.String,
    "region": pl.String,
    "true_stations": pl.Int64,
    "true_votes": pl.Int64,
    "method": pl.String,
    #: Whether the method says that it can see this mechanism.
    "speaks_to_it": pl.Boolean,
    "found": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "unit": pl.String,
    "q_value": pl.Float64,
    #: Regions that the row is about, and how many of them the method named.
    "regions": pl.Int64,
    "named": pl.Int64,
}


def compare(simulation: Simulation, findings: Sequence[Finding], q: float = 0.05) -> pl.DataFrame:
    """Truth beside finding, in the columns of `COLUMNS`; a method names a region where its q-value is below `q`.

    For each method: one row a mechanism and region in which it acted; one for the whole country, with the truth of
    the mechanisms that the method speaks to and its estimate; one for the regions that nothing was done to, where
    `named` counts false alarms. Votes are those that the leader gained; what is `found` is in `unit`.
    """
    truth = _by_region(simulation)
    rows = [*_changed_rows(truth, findings, q)]
    for finding in findings:
        rows += [_country_row(simulation, finding, q), _clean_row(simulation, finding, q)]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def false_alarms(
    simulation: Simulation, findings: Sequence[Finding], q: float = 0.05
) -> dict[str, tuple[str, ...]]:
    """Method -> the regions that it named though nothing was done there, in the order of the table."""
    clean = _clean_regions(simulation)
    return {f.method: tuple(r for r in clean if r in _named(f, q)) for f in findings}


def _regions(simulation: Simulation) -> pl.Series:
    returns = simulation.returns
    return returns.table[returns.levels[0]]


def _by_region(simulation: Simulation) -> list[tuple[Truth, str, int, int]]:
    """Each mechanism and region in which it changed stations, with their number and the votes gained there."""
    regions = _regions(simulation)
    found = []
    for truth in simulation.truths:
        changed = pl.DataFrame({"region": regions.gather(truth.stations), "votes": truth.gained})
        sums = changed.group_by("region", maintain_order=True).agg(pl.len(), pl.col("votes").sum())
        found += [(truth, name, stations, votes) for name, stations, votes in sums.iter_rows()]
    return found


def _places(finding: Finding) -> dict[str, Place]:
    """Region -> what the finding says of it."""
    return {p.unit[0]: p for p in finding.where if p.level == "region"}


def _named(finding: Finding, q: float) -> set[str]:
    return {name for name, p in _places(finding).items() if p.q_value is not None and p.q_value < q}


def _clean_regions(simulation: Simulation) -> list[str]:
    touched = np.zeros(len(simulation.returns), dtype=np.bool_)
    for truth in simulation.truths:
        touched[truth.stations] = True
    regions = _regions(simulation)
    changed = set(regions.filter(pl.Series(touched)))
    return [r for r in regions.unique(maintain_order=True) if r not in changed]


def _changed_rows(
    truth: Sequence[tuple[Truth, str, int, int]], findings: Sequence[Finding], q: float
) -> Iterator[tuple[Any, ...]]:
    for what, region, stations, votes in truth:
        for finding in findings:
            place = _places(finding).get(region)
            speaks = what.mechanism in finding.mechanisms
            head = (what.mechanism, region, stations, votes, finding.method, speaks)
            yield (*head, *_said(place), 1, int(region in _named(finding, q)))


def _said(place: Place | None) -> tuple[Any, ...]:
    """found, low, high, unit and q-value of a region; nothing where the method says nothing of it."""
    if place is None:
        return None, None, None, None, None
    low, high = place.details.get("low"), place.details.get("high")
    return place.value, low, high, place.unit_of_value, place.q_value


def _country_row(simulation: Simulation, finding: Finding, q: float) -> tuple[Any, ...]:
    seen = [t for t in simulation.truths if t.mechanism in finding.mechanisms]
    stations = np.unique(np.concatenate([t.stations for t in seen])).size if seen else 0
    names = ", ".join(dict.fromkeys(t.mechanism for t in seen)) or "none"
    head = (names, COUNTRY, stations, sum(t.votes_gained for t in seen), finding.method, bool(seen))
    e = finding.estimate
    said = (e.value, e.low, e.high, e.unit) if e else (None, None, None, None)
    return (*head, *said, finding.q_value, _regions(simulation).n_unique(), len(_named(finding, q)))


def _clean_row(simulation: Simulation, finding: Finding, q: float) -> tuple[Any, ...]:
    clean = _clean_regions(simulation)
    alarms = len(false_alarms(simulation, [finding], q)[finding.method])
    return ("none", CLEAN, 0, 0, finding.method, None, None, None, None, None, None, len(clean), alarms)
