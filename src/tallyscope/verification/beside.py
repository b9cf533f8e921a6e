"""Copies beside the official protocols: the same station, line by line."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tallyscope.returns.problems import Problem, ReadError
from tallyscope.returns.table import Returns

__all__ = ["COPY", "DIFFERENCE", "OFFICIAL", "Beside", "beside"]

#: Prefixes of a figure's columns in `Beside.stations`.
OFFICIAL, COPY = "official ", "copy "
#: Official less copy: positive where the official protocol has more.
DIFFERENCE = "difference"
_KEY = "__key"


@dataclass(frozen=True, eq=False)
class Beside:
    """Stations that have both an official protocol and a copy.

    `figures`: columns of Returns that both tables carry, in the order of the form. `stations`: levels and station,
    then "official <figure>" for every figure of the official table, and "copy <figure>" for each of `figures`
    (Int64, null: not known). `without_copy`: official protocols that nobody sent a copy of; `without_protocol`:
    copies of stations whose official protocol is empty; `strangers`: stations the official table does not have.
    """

    official: Returns
    copies: Returns
    figures: tuple[str, ...]
    stations: pl.DataFrame
    without_copy: int
    without_protocol: tuple[str, ...]
    strangers: tuple[str, ...]

    @property
    def compared(self) -> int:
        """Stations compared."""
        return self.stations.height


def beside(official: Returns, copies: Returns) -> Beside:
    """Puts copies beside official protocols by the stations' names. An empty row is no protocol and no copy.

    Raises ReadError, with every reason, if the two have no station, or no figure, in common.
    """
    figures = tuple(c for c in official.figures if c in copies.table.columns and official.has(c) and copies.has(c))
    ours, theirs = _told(official, official.figures, OFFICIAL), _told(copies, figures, COPY)
    every = official.station_names()
    both = ours.join(
        theirs.drop(*copies.levels, "station", strict=False), on=_KEY, how="inner", maintain_order="left"
    )
    _refuse(official, copies, figures, both.height)
    sent = theirs.select(_KEY)
    lone = sent.join(ours, on=_KEY, how="anti", maintain_order="left")[_KEY]
    known = lone.is_in(every.implode())
    return Beside(
        official,
        copies,
        figures,
        both.drop(_KEY),
        ours.height - both.height,
        tuple(lone.filter(known)),
        tuple(lone.filter(~known)),
    )


def _told(returns: Returns, figures: tuple[str, ...], prefix: str) -> pl.DataFrame:
    """Rows that say something: their key, levels and station, and figures under a prefix."""
    named = [pl.col(c).alias(prefix + c) for c in figures]
    columns = returns.table.select("status", *returns.levels, "station", *named)
    keyed = columns.with_columns(returns.station_names().alias(_KEY))
    return keyed.filter(pl.col("status") != "empty").drop("status")


def _refuse(official: Returns, copies: Returns, figures: tuple[str, ...], common: int) -> None:
    name = copies.sources[0].name if copies.sources else "the copies"
    problems = []
    if not figures:
        of = official.election.title
        hint = "Name its columns with --mapping, by the ids of the choices."
        problems.append(Problem(name, f"has no figure in common with the protocols of {of}.", hint))
    if not common:
        ours, theirs = (next(iter(r.station_names()), "") for r in (official, copies))
        hint = f"Are stations written alike? There {ours!r}, here {theirs!r}."
        problems.append(Problem(name, "has no station in common with the official protocols.", hint))
    if problems:
        raise ReadError(problems)
