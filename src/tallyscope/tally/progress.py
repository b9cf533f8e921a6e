"""How far the count is, in integers first: "1,484 of 1,550"."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tallyscope.returns.table import Returns

__all__ = ["Progress", "progress"]


@dataclass(frozen=True)
class Progress:
    """Ordinary polling stations: how many there are to be, are listed, and have a protocol."""

    #: Stations of the whole election by the registry, or None if it does not say.
    announced: int | None
    listed: int
    processed: int
    empty: int
    zero: int
    pseudo: int

    @property
    def of(self) -> int:
        """What the processed protocols are a part of: the announced stations, or the listed ones."""
        return self.announced if self.announced is not None else self.listed

    @property
    def percent(self) -> float | None:
        """Protocols processed, per cent of `of`; None if there are none to process."""
        return 100 * self.processed / self.of if self.of else None


def progress(returns: Returns) -> Progress:
    """Counts the protocols of these returns; an all-zero protocol is a protocol, an empty row is not."""
    stations = returns.table.filter(pl.col("kind") == "station")["status"].value_counts()
    of = dict(stations.iter_rows())
    listed = sum(of.values())
    empty = of.get("empty", 0)
    return Progress(
        announced=returns.election.stations,
        listed=listed,
        processed=listed - empty,
        empty=empty,
        zero=of.get("zero", 0),
        pseudo=len(returns) - listed,
    )
