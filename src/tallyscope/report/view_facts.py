"""What the page says first: how much was counted, the result, and how it compares with what was declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tallyscope.election.form import DENOMINATORS
from tallyscope.election.roles import votes_column
from tallyscope.returns.checks import CheckResult
from tallyscope.returns.table import Returns
from tallyscope.tally import Progress, compare, progress, tally

__all__ = ["Facts", "ResultRow", "facts"]


@dataclass(frozen=True)
class ResultRow:
    """A choice, its votes, and its share in per cent; `bar`: the share relative to the largest, in per cent."""

    name: str
    votes: int | None
    share: float | None
    bar: float


@dataclass(frozen=True)
class Facts:
    """Sums of the whole election. `sums`: the row of `tally(returns)`, by column."""

    progress: Progress
    sums: dict[str, Any]
    denominator: str
    result: tuple[ResultRow, ...]
    invalid_percent: float | None
    official: tuple[dict[str, Any], ...]
    official_source: str
    #: Protocols that break at least one relation.
    broken: int

    @property
    def leader(self) -> ResultRow | None:
        """The first of the result, if it has votes."""
        return self.result[0] if self.result and self.result[0].votes else None

    @property
    def differing(self) -> int:
        """How many figures differ from the official ones."""
        return sum(1 for row in self.official if row["difference"])


def facts(returns: Returns, checks: CheckResult) -> Facts:
    """Everything above the checks on the page."""
    sums = tally(returns).row(0, named=True)
    cast, invalid = sums.get("cast"), sums.get("invalid")
    official = returns.election.official
    return Facts(
        progress=progress(returns),
        sums=sums,
        denominator=DENOMINATORS[returns.election.form.denominator],
        result=_result(returns, sums),
        invalid_percent=100 * invalid / cast if cast and invalid is not None else None,
        official=tuple(compare(returns).iter_rows(named=True)),
        official_source=official.source if official else "",
        broken=checks.violations["index"].n_unique(),
    )


def _result(returns: Returns, sums: dict[str, Any]) -> tuple[ResultRow, ...]:
    rows = [(c.name, sums.get(votes_column(c.id)), sums.get(f"share_{c.id}")) for c in returns.choices]
    rows.sort(key=lambda row: -(row[1] or 0))
    top = max((share or 0 for _, _, share in rows), default=0) or 1
    return tuple(ResultRow(name, votes, share, round(100 * (share or 0) / top, 2)) for name, votes, share in rows)
