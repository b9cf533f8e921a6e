"""The table of stations of a saved report, with what a reader needs to make dossiers of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from tallyscope.report.dossier import Pointing, pointing
from tallyscope.report.view_ranking import choice_names

if TYPE_CHECKING:
    from tallyscope.report.examination import Examination

__all__ = ["STATIONS", "NoReport", "read_pointing", "write_stations"]

STATIONS = "stations.parquet"
_KEY = "tallyscope"


class NoReport(ValueError):
    """A path that is no saved report."""


def write_stations(examination: Examination, path: Path) -> None:
    """Writes the table of stations; names of choices and Bayesian methods go into the file's own metadata."""
    about = {
        "election": examination.returns.election.title,
        "choices": dict(choice_names(examination.returns)),
        "bayesian": [f.method for f in examination.findings if f.posterior is not None],
    }
    metadata = {_KEY: json.dumps(about, ensure_ascii=False)}
    examination.stations.write_parquet(path, compression="zstd", compression_level=1, metadata=metadata)


def read_pointing(report: Path) -> Pointing:
    """What methods point at, of a saved report: its folder, or its stations.parquet. Raises NoReport."""
    path = report / STATIONS if report.is_dir() else report
    try:
        about = json.loads(pl.read_parquet_metadata(path)[_KEY])
        return pointing(pl.read_parquet(path), about["choices"], about["bayesian"])
    except (OSError, KeyError, ValueError, pl.exceptions.PolarsError) as error:
        hint = f"name the folder that `tallyscope examine` wrote, or its {STATIONS}"
        raise NoReport(f"{report}: is not a saved report ({error}); {hint}") from error
