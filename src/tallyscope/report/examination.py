"""An examination: everything Tallyscope says about one election, to look at, to ask, and to save."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from tallyscope.forensics.finding import Finding
from tallyscope.returns.checks import CheckResult
from tallyscope.returns.table import Returns
from tallyscope.version import __version__

if TYPE_CHECKING:
    from tallyscope.charts.studio import Studio
    from tallyscope.report.dossier import Dossier

__all__ = ["Examination"]


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, eq=False)
class Examination:
    """What was counted, what fails its checks, what every method answered.

    `tallies`: "nation" and the levels summed by, each as `tallyscope.tally.tally` gives it.
    """

    returns: Returns
    checks: CheckResult
    tallies: Mapping[str, pl.DataFrame]
    findings: tuple[Finding, ...]
    version: str = __version__
    created: datetime = field(default_factory=_now)

    def __getitem__(self, method: str) -> Finding:
        """The finding of a method. Raises KeyError, which names those there are."""
        for finding in self.findings:
            if finding.method == method:
                return finding
        raise KeyError(f"{method!r} was not run; there are: {', '.join(f.method for f in self.findings)}")

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __repr__(self) -> str:
        methods = ", ".join(f.method for f in self.findings)
        return f"Examination({self.returns.election.title!r}, {len(self.returns):,} rows, findings: {methods})"

    @cached_property
    def stations(self) -> pl.DataFrame:
        """One row a row of the returns: figures, violations, and what each method says (`tables.station_table`)."""
        from tallyscope.report.tables import station_table

        return station_table(self.returns, self.checks, self.findings)

    def dossier(self, station: str | int) -> Dossier:
        """What every method says of a station: its row, or its name ("South / District 3 / 114", or less).

        Raises UnknownStation for a name that none has, or several.
        """
        from tallyscope.report.dossier import find_station
        from tallyscope.report.view_ranking import examination_pointing

        row = station if isinstance(station, int) else find_station(self.stations, station)
        return examination_pointing(self).dossier(row)

    def save(self, out: Path | str = "tallyscope-report", *, studio: Studio | None = None) -> Path:
        """Writes report.html, findings.json, tally.csv, stations.parquet and charts/*.svg into the folder `out`.

        Nothing is half-written: the files appear once all of them are whole. `studio`: one that has been drawing
        the figures meanwhile. Raises OSError.
        """
        from tallyscope.report.files import write_files
        from tallyscope.report.saving import save_whole

        return save_whole(out, lambda folder: write_files(self, folder, studio))

    def _repr_html_(self) -> str:
        from tallyscope.report.html import card

        return card(self)
