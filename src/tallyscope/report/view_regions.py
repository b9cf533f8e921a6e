"""The table of regions: the sums of every unit of the top level, and what findings and checks say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import polars as pl

from tallyscope.forensics.finding import Finding
from tallyscope.report.words import title
from tallyscope.returns.checks import CheckResult
from tallyscope.returns.grouping import path_to, unit_names, upper_level
from tallyscope.returns.table import Returns
from tallyscope.tally import tally

__all__ = ["RegionTable", "region_table"]

#: A column of numbers by unit: its heading, the kind of number, and the values by the unit's path.
_Extra: TypeAlias = tuple[str, str, Mapping[tuple[str, ...], float]]
_NAME = "__name"
#: More rows than this help nobody on a page; tally.csv has them all.
MOST = 200


@dataclass(frozen=True)
class RegionTable:
    """`columns`: (heading, kind of number) after the name. `rows`: name, values. `left_out`: units not shown."""

    level: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[Any, ...]], ...]
    left_out: int


def region_table(
    returns: Returns, checks: CheckResult, findings: Sequence[Finding], tallies: Mapping[str, pl.DataFrame]
) -> RegionTable | None:
    """The table for the first level that divides the country, sorted by voters; None if there is no level.

    `tallies`: those that have been made already, by level.
    """
    level = upper_level(returns)
    if level is None:
        return None
    path = path_to(returns, level)
    units = tallies[level] if level in tallies else tally(returns, level)
    units = units.with_columns(unit_names(units, path).alias(_NAME))
    by = "registered" if units["registered"].null_count() < units.height else "stations"
    units = units.sort(by, descending=True, nulls_last=True, maintain_order=True)
    columns = _columns(returns, units)
    broken = ("Broken relations, protocols", "count", _broken(returns, checks, path))
    extra = [*_of_findings(findings, level), broken]
    rows = tuple((row[_NAME], _values(row, columns, extra, path)) for row in units.head(MOST).iter_rows(named=True))
    headings = tuple((name, kind) for name, kind, _ in (*columns, *extra))
    return RegionTable(level, headings, rows, max(units.height - MOST, 0))


def _columns(returns: Returns, units: pl.DataFrame) -> list[tuple[str, str, str]]:
    """(heading, kind, column of the tally): stations, voters, turnout, and the two first choices."""
    shares = {c.name: f"share_{c.id}" for c in returns.choices}
    totals = {c.name: units[f"votes_{c.id}"].sum() or 0 for c in returns.choices}
    first = sorted(shares, key=lambda name: -totals[name])[:2]
    wanted = [
        ("Stations", "count", "stations"),
        ("Registered voters", "count", "registered"),
        ("Turnout", "percent", "turnout"),
        *((name, "percent", shares[name]) for name in first),
    ]
    return [w for w in wanted if units[w[2]].null_count() < units.height]


def _of_findings(findings: Sequence[Finding], level: str) -> list[_Extra]:
    """A column for each finding that says something of units of this level."""
    out: list[_Extra] = []
    for finding in findings:
        places = {p.unit: p.value for p in finding.where if p.level == level}
        units = {p.unit_of_value for p in finding.where if p.level == level}
        if places and len(units) == 1:
            out.append((f"{title(finding.method)}: {units.pop()}", "signed", places))
    return out


def _broken(returns: Returns, checks: CheckResult, path: list[str]) -> dict[tuple[str, ...], float]:
    rows = checks.violations["index"].unique().to_list()
    return dict(Counter(_unit(row) for row in returns.table.select(path)[rows].iter_rows()))


def _unit(path: Iterable[str | None]) -> tuple[str, ...]:
    return tuple("" if part is None else part for part in path)


def _values(
    row: dict[str, Any],
    columns: Sequence[tuple[str, str, str]],
    extra: Sequence[_Extra],
    path: Sequence[str],
) -> tuple[Any, ...]:
    own = [row[c] for _, _, c in columns]
    unit = _unit(row[level] for level in path)
    # Only counts are zero where nothing was said; a finding that names no value has none.
    return (*own, *(values.get(unit, 0 if kind == "count" else None) for _, kind, values in extra))
