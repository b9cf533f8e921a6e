"""A past or made election played as a night without a database, and published: for pages and their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import polars as pl

from tallyscope.ledger.core import merkle
from tallyscope.ledger.night import play
from tallyscope.ledger.rehearsal import rehearse
from tallyscope.ledger.replay import due
from tallyscope.ledger.schema import figure_columns
from tallyscope.ledger.version import Version
from tallyscope.returns.build import build_returns
from tallyscope.returns.table import Returns
from tallyscope.tally import progress, tally
from tallyscope.web.public.history import history_of
from tallyscope.web.public.published import BulletinHead, Published

__all__ = ["Collected", "as_of", "published_night", "published_of"]


class Collected:
    """A record in memory: accepts versions and numbers them."""

    def __init__(self) -> None:
        self.versions: list[Version] = []

    def accept(self, versions: Sequence[Version], *, at: datetime | None = None) -> list[Version]:
        numbered = [
            replace(v, number=len(self.versions) + i, accepted_at=at or v.accepted_at)
            for i, v in enumerate(versions)
        ]
        self.versions += numbered
        return numbered


def published_night(
    returns: Returns, order: str = "random", at: Sequence[str] = ("10", "30", "60"), corrections: float = 0.0
) -> Published:
    """The last of several bulletins of a replayed night, at percentages of the protocols."""
    record, rehearsal = Collected(), rehearse(returns, order, corrections=corrections)
    moments = due(rehearsal.protocols, at=at, of=progress(returns).of)[: len(at)]
    stops = [(len(record.versions), when) for _done, when in play(record, rehearsal, moments, batch=500)]
    return published_of(returns, record.versions, stops)


def published_of(
    returns: Returns, versions: Sequence[Version], stops: Sequence[tuple[int, datetime]], leaves: bool = True
) -> Published:
    """The bulletins at some sizes of a record, the last of them shown. `returns`: the stations, in their order."""
    history, gaps = history_of(versions, returns.election)
    hashed = [v.leaf() for v in versions] if leaves else []
    heads = [_head(i + 1, size, when, returns, history, hashed) for i, (size, when) in enumerate(stops)]
    return Published(as_of(returns, history, stops[-1][0]), heads[::-1], history, gaps, leaves=hashed)


def as_of(returns: Returns, history: pl.DataFrame, size: int) -> Returns:
    """The returns of the first `size` versions, the slow, obvious way; voters are known before, as by a list."""
    columns = [c for c in figure_columns(returns.election) if c in returns.table.columns]
    first = history.filter(pl.col("number") < size, pl.col("source") == "official")
    last = first.group_by("station").last().filter(pl.col("stage") != "annulled").select("station", *columns)
    stations = returns.table.select(
        *returns.levels, "station", "kind", pl.col("registered").alias("registered_before")
    ).with_columns(returns.station_names().alias("key"))
    table = stations.join(last.rename({"station": "key"}), on="key", how="left", maintain_order="left").drop("key")
    return build_returns(table, returns.election, levels=returns.levels, sources=())


def _head(
    number: int, size: int, when: datetime, returns: Returns, history: pl.DataFrame, leaves: Sequence[bytes]
) -> BulletinHead:
    then = as_of(returns, history, size)
    row, done = tally(then).row(0, named=True), progress(then)
    shares = {c.id: row[f"share_{c.id}"] for c in then.choices}
    root = merkle.root(_tiles(leaves), size).hex() if leaves else "00" * 32
    return BulletinHead(number, when, size, done.processed, done.of, root, shares)


def _tiles(leaves: Sequence[bytes]) -> merkle.Tile:
    """The hashes that are kept of a record, by height."""
    kept: dict[int, list[bytes]] = {0: [merkle.leaf_hash(leaf) for leaf in leaves]}
    for height, _index, found in merkle.filled(lambda _height, _index: (), 0, kept[0]):
        kept.setdefault(height, []).append(found)
    return lambda height, index: kept[height][merkle.WIDTH * index : merkle.WIDTH * (index + 1)]
