"""The table of regions: the sums of every unit of the top level, and what findings and checks say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from tallyscope.forensics.finding import Finding
from tallyscope.report.words import title
from tallyscope.returns.checks import CheckResult
from tallyscope.returns.table import Returns
from tallyscope.tally import tally

__all__ = ["RegionTable", "region_table"]

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
    returns: Returns, checks: CheckResult, findings: Sequence[Finding], sums: pl.DataFrame | None
) -> RegionTable | None:
    """The table for the top level, sorted by voters; None if there is no level above the station."""
    if not returns.levels:
        return None
    level = returns.levels[0]
    units = tally(returns, level) if sums is None else sums
    by = "registered" if units["registered"].null_count() < units.height else "stations"
    units = units.sort(by, descending=True, nulls_last=True, maintain_order=True)
    columns = _columns(returns, units)
    extra = [*_of_findings(findings, level), ("Broken relations, protocols", "count", _broken(returns, checks))]
    rows = tuple(
        (str(row[level] if row[level] is not None else "(not stated)"), _values(row, columns, extra, level))
        for row in units.head(MOST).iter_rows(named=True)
    )
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


def _of_findings(findings: Sequence[Finding], level: str) -> list[tuple[str, str, dict[str, float]]]:
    """A column for each finding that says something of units of this level."""
    out = []
    for finding in findings:
        places = {p.unit[0]: p.value for p in finding.where if p.level == level and len(p.unit) == 1}
        units = {p.unit_of_value for p in finding.where if p.level == level}
        if places and len(units) == 1:
            out.append((f"{title(finding.method)}: {units.pop()}", "signed", places))
    return out


def _broken(returns: Returns, checks: CheckResult) -> dict[str, float]:
    rows = checks.violations["index"].unique().to_list()
    return dict(Counter(str(name) for name in returns.table[returns.levels[0]][rows]))


def _values(
    row: dict[str, Any],
    columns: Sequence[tuple[str, str, str]],
    extra: Sequence[tuple[str, str, dict[str, float]]],
    level: str,
) -> tuple[Any, ...]:
    own = [row[c] for _, _, c in columns]
    unit = str(row[level])
    # Only counts are zero where nothing was said; a finding that names no value has none.
    return (*own, *(values.get(unit, 0 if kind == "count" else None) for _, kind, values in extra))
