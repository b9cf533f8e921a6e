"""What the page says of the protocols: each relation, how many break it, and the ones that do so the most."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tallyscope.election.relation import Relation
from tallyscope.returns.checks import CheckResult
from tallyscope.returns.table import Returns

__all__ = ["CheckView", "Violation", "checks_view"]

#: Protocols shown for a relation; all of them are in stations.parquet.
SHOWN = 8


@dataclass(frozen=True)
class Violation:
    """A protocol that breaks a relation. `residual`: left side less right side."""

    station: str
    residual: int | None
    suggestion: str | None


@dataclass(frozen=True)
class CheckView:
    """A relation with its counts and the protocols that break it the most."""

    relation: Relation
    checked: int
    violations: int
    incomplete: int
    worst: tuple[Violation, ...]

    @property
    def percent(self) -> float:
        """Protocols that break it, per cent of those checked."""
        return 100 * self.violations / self.checked if self.checked else 0.0


def checks_view(returns: Returns, checks: CheckResult) -> tuple[CheckView, ...]:
    """One view a relation, in the form's order."""
    return tuple(
        CheckView(r.relation, r.checked, r.violations, r.incomplete, _worst(returns, checks, r.relation.code))
        for r in checks.relations
    )


def _worst(returns: Returns, checks: CheckResult, code: str) -> tuple[Violation, ...]:
    found = (
        checks.violations.filter(pl.col("code") == code)
        .sort(pl.col("residual").abs(), descending=True, nulls_last=True, maintain_order=True)
        .head(SHOWN)
    )
    if found.is_empty():
        return ()
    columns = [*returns.levels, "station"]
    names = returns.table.select(columns)[found["index"].to_list()].rows()
    return tuple(
        Violation(" / ".join(str(part) for part in name if part is not None), residual, suggestion)
        for name, residual, suggestion in zip(names, found["residual"], found["suggestion"], strict=True)
    )
