"""What the public pages show: one bulletin's count, its tree, and every version of the record up to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from zlib import decompress

import polars as pl

from tallyscope.election.outcome import Outcome
from tallyscope.returns.table import Returns
from tallyscope.tally import Progress, progress, tally
from tallyscope.tally.outcome import standing_outcome
from tallyscope.tally.sums import NATION
from tallyscope.web.public.history import Change, changes

__all__ = ["BulletinHead", "Published", "Unit"]


@dataclass(frozen=True)
class BulletinHead:
    """What a list of bulletins tells of one. `size`: of the record, whose `root` is given in hex.

    `processed`, `of`: protocols; `shares`: choice id -> per cent of the law's denominator, None if not defined.
    """

    number: int
    published_at: datetime
    size: int
    processed: int
    of: int
    root: str
    shares: Mapping[str, float | None] = field(default_factory=dict)
    checkpoint: str = ""
    #: What was published, as it was hashed, compressed: there may be hundreds of bulletins.
    packed: bytes = b""

    @property
    def body(self) -> bytes:
        """What was published, as it was hashed."""
        return decompress(self.packed) if self.packed else b""


@dataclass(frozen=True)
class Unit:
    """A unit of the tree: the nation (no path) or a commission. `number` names its page.

    `since`: number of the bulletin that last changed anything below it; `figures`: a row of `tally`.
    """

    number: int
    level: str
    path: tuple[str, ...]
    figures: Mapping[str, int | float | None]
    parent: int | None
    children: tuple[int, ...]
    since: int

    @property
    def name(self) -> str:
        """Its own name; empty for the nation."""
        return self.path[-1] if self.path else ""

    @property
    def is_lowest(self) -> bool:
        """True if stations stand directly below it."""
        return not self.children


@dataclass(frozen=True, eq=False)
class Published:
    """A bulletin's count: the returns as they stood, and the heads of all bulletins, the newest first.

    `history`, `gaps`: the versions up to the bulletin (`history.history_of`); `leaves`: their canonical JSON, in
    order, empty where the record itself is not offered; `copies`: source -> what it says, as returns.
    """

    returns: Returns
    bulletins: Sequence[BulletinHead]
    history: pl.DataFrame
    gaps: pl.DataFrame
    leaves: Sequence[bytes] = ()
    copies: Mapping[str, Returns] = field(default_factory=dict)

    @property
    def latest(self) -> BulletinHead:
        """The bulletin that is shown."""
        return self.bulletins[0]

    def head(self, number: int) -> BulletinHead:
        """The bulletin of this number. Raises KeyError."""
        for head in self.bulletins:
            if head.number == number:
                return head
        raise KeyError(number)

    def before(self, head: BulletinHead) -> BulletinHead | None:
        """The bulletin before it; None for the first."""
        earlier = [other for other in self.bulletins if other.number < head.number]
        return max(earlier, key=lambda other: other.number) if earlier else None

    @cached_property
    def progress(self) -> Progress:
        """In integers, of the whole election."""
        return progress(self.returns)

    @cached_property
    def outcome(self) -> Outcome | None:
        """What the law's rule says of it; None where the rule is not known."""
        return standing_outcome(self.returns)

    @cached_property
    def voters(self) -> pl.Series | None:
        """Voters on the list of every row of the returns before voting; None if the list of stations has none."""
        if not self.returns.has("registered_before"):
            return None
        return self.returns.table.select(pl.coalesce("registered_before", "registered").alias("voters"))["voters"]

    @cached_property
    def stations(self) -> pl.DataFrame:
        """One row a station, in the order of the returns: their table, and what the record knows of each.

        Besides the columns of `Returns`: `index`, `key`; `version`, `at`, `stage` of the standing official version;
        `last`, number of the last version from any source; null where there is none.
        """
        official = pl.col("source") == "official"
        last = self.history.group_by("station").agg(
            pl.col("number").max().alias("last"),
            pl.col("number").filter(official).max().alias("version"),
            *(pl.col(c).filter(official).last() for c in ("at", "stage")),
        )
        keyed = self.returns.table.with_row_index("index").with_columns(self.returns.station_names().alias("key"))
        return keyed.join(last.rename({"station": "key"}), on="key", how="left", maintain_order="left")

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """The nation, then every level from the top, in order of appearance."""
        levels = self.returns.levels
        tables = [tally(self.returns, NATION), *(tally(self.returns, level) for level in levels)]
        numbers: dict[tuple[str, ...], int] = {}
        rows: list[tuple[str, tuple[str, ...], dict[str, int | float | None], int]] = []
        for depth, table in enumerate(tables):
            since = self._since(levels[:depth])
            for row in table.iter_rows(named=True):
                path = tuple(str(row[level]) for level in levels[:depth])
                numbers[path] = len(rows)
                rows.append((levels[depth - 1] if depth else NATION, path, row, since[path]))
        children: list[list[int]] = [[] for _ in rows]
        for path, number in numbers.items():
            if path:
                children[numbers[path[:-1]]].append(number)
        return tuple(
            Unit(i, level, path, figures, numbers[path[:-1]] if path else None, tuple(children[i]), since)
            for i, (level, path, figures, since) in enumerate(rows)
        )

    def _since(self, levels: Sequence[str]) -> dict[tuple[str, ...], int]:
        """Of every unit of a level, the number of the bulletin that last changed it; the first one if none did."""
        last = pl.col("last").max()
        table = self.stations.group_by(levels).agg(last) if levels else self.stations.select(last)
        heads = sorted(self.bulletins, key=lambda head: head.number)
        sizes = pl.Series([head.size for head in heads], dtype=pl.Int64)
        places = sizes.search_sorted(table["last"].fill_null(-1), side="right")
        found = zip(table.select(levels).rows() if levels else [()], places, strict=True)
        return {tuple(str(name) for name in path): heads[min(at, len(heads) - 1)].number for path, at in found}

    @cached_property
    def annulled(self) -> Counter[tuple[str, ...]]:
        """Path of a unit -> how many stations below it have a result that a decision annulled."""
        levels = self.returns.levels
        kept = self.stations.filter(pl.col("stage") == "annulled", pl.col("kind") == "station")
        rows = kept.select(levels).rows() if levels else [()] * kept.height
        return Counter(tuple(map(str, row[:depth])) for row in rows for depth in range(len(levels) + 1))

    def above(self, unit: Unit) -> tuple[Unit, ...]:
        """The units it belongs to, the nation first."""
        chain: list[Unit] = []
        at = unit.parent
        while at is not None:
            chain.append(self.units[at])
            at = self.units[at].parent
        return tuple(reversed(chain))

    def level_below(self, unit: Unit) -> str:
        """What the form calls the level below a unit; empty for a lowest one."""
        levels = self.returns.levels
        if len(unit.path) >= len(levels):
            return ""
        titles = {level.name: level.title for level in self.returns.election.form.levels}
        name = levels[len(unit.path)]
        return titles.get(name, name)

    def below(self, unit: Unit) -> pl.DataFrame:
        """The rows of `stations` below a unit."""
        if not unit.path:
            return self.stations
        return self._parts[len(unit.path)].get(unit.path, self.stations.clear())

    @cached_property
    def _parts(self) -> Mapping[int, Mapping[tuple[str, ...], pl.DataFrame]]:
        levels = self.returns.levels
        return {depth: self._part(levels[:depth]) for depth in range(1, len(levels) + 1)}

    def _part(self, levels: Sequence[str]) -> dict[tuple[str, ...], pl.DataFrame]:
        parts = self.stations.partition_by(levels, as_dict=True, maintain_order=True)
        return {tuple(str(name) for name in key): frame for key, frame in parts.items()}

    @cached_property
    def corrections(self) -> Sequence[Change]:
        """Every official protocol that was replaced up to now, the newest first."""
        return [change for change in changes(self.history) if change.source == "official"]

    @cached_property
    def corrected(self) -> Mapping[str, Sequence[Change]]:
        """Key of a station -> its corrections, the newest first."""
        found: dict[str, list[Change]] = {}
        for change in self.corrections:
            found.setdefault(change.station, []).append(change)
        return found
