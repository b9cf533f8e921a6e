"""Figures of the Russian elections for tests of numerical cores, read with plain polars."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Figures:
    """Stations with figures: N registered, g issued, r cast, l the leader's votes, region number; (stations,)."""

    registered: Ints
    issued: Ints
    cast: Ints
    leader: Ints
    region: Ints

    @property
    def counts(self) -> tuple[Ints, Ints, Ints, Ints]:
        return self.registered, self.issued, self.cast, self.leader


@pytest.fixture(scope="session")
def russia(shared_data: Path) -> Callable[[int], Figures]:
    """Year -> the figures of its national election."""

    @cache
    def of_year(year: int) -> Figures:
        (folder,) = shared_data.glob(f"russia-{year}-[dp][ur]*")
        with zipfile.ZipFile(folder / f"{year}.csv.zip") as archive:
            text = archive.read(f"{year}.csv")
        headers = pl.read_csv(text, n_rows=0, infer_schema_length=0).columns
        issued = [c for c in headers if "бюллетеней, выданных" in c]
        assert len(issued) == 3
        registered = _one(headers, "избирателей", "спис")
        leader = _one(headers, "ЕДИНАЯ РОССИЯ" if year == 2011 else "Путин")
        valid, invalid = _one(headers, "Число действительных"), _one(headers, "Число недействительных")
        wanted = [registered, *issued, valid, invalid, leader]
        places = [headers.index(c) for c in ["region", *wanted]]
        table = pl.read_csv(text, columns=places, infer_schema_length=0).with_columns(
            pl.col(wanted).cast(pl.Float64).cast(pl.Int64)
        )
        table = table.filter(pl.col(registered).is_not_null())

        def ints(expression: pl.Expr) -> Ints:
            return table.select(expression.cast(pl.Int64)).to_series().to_numpy()

        return Figures(
            ints(pl.col(registered)),
            ints(pl.sum_horizontal(issued)),
            ints(pl.col(valid) + pl.col(invalid)),
            ints(pl.col(leader)),
            ints(pl.col("region").rank("dense") - 1),
        )

    return of_year


def _one(headers: list[str], *parts: str) -> str:
    (column,) = [c for c in headers if all(p in c for p in parts)]
    return column
