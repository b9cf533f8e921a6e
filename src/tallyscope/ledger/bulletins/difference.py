"""What lies between two bulletins: the list of protocols, with what each was and is, at any place of the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl
from sqlalchemy import Connection, func, select

from tallyscope.ledger import schema
from tallyscope.ledger.bulletins.reading import bulletin
from tallyscope.ledger.bulletins.tree import tree
from tallyscope.ledger.database import reading
from tallyscope.ledger.errors import Refused
from tallyscope.ledger.record import Record

if TYPE_CHECKING:
    from tallyscope.ledger.store import Ledger

__all__ = ["Difference", "difference"]


@dataclass(frozen=True, eq=False)
class Difference:
    """The official protocols that stand otherwise in the later bulletin, in the order of their last versions.

    Columns of `protocols`: the levels of the tree; `station`; `key`; `kind`; `what` ("new", "corrected",
    "annulled", "restored"); `versions` (how many were accepted in between), `version` (the one that stands), `at`
    (UTC), `stage`, `reason`; then for each figure `before_<figure>` and `after_<figure>`, null where none counts.
    """

    a: int
    b: int
    figures: tuple[str, ...]
    levels: tuple[str, ...]
    protocols: pl.DataFrame

    def within(self, path: Sequence[str]) -> Difference:
        """What of it lies below a commission, names from the top level down."""
        here = [pl.col(level) == name for level, name in zip(self.levels, path, strict=False)]
        return replace(self, protocols=self.protocols.filter(*here)) if here else self

    def sums(self, level: str | None = None) -> pl.DataFrame:
        """By how much each figure of each unit of a level differs (of the nation: None); what is not known is 0."""
        moved = [
            (pl.col(f"after_{f}").fill_null(0) - pl.col(f"before_{f}").fill_null(0)).sum().alias(f)
            for f in self.figures
        ]
        if level is None:
            return self.protocols.select(moved)
        keys = self.levels[: self.levels.index(level) + 1]
        return self.protocols.group_by(keys, maintain_order=True).agg(moved)


def difference(ledger: Ledger, a: int, b: int) -> Difference:
    """From bulletin `a` to bulletin `b`; 0 is the count before its first protocol.

    Raises Refused for a bulletin that there is not, or when `b` is the earlier one.
    """
    if a > b:
        raise Refused([f"bulletin {b:,} is before bulletin {a:,}: name the earlier one first."])
    old, new = (bulletin(ledger, n).size if n else 0 for n in (a, b))
    with reading(ledger.engine) as connection:
        return Difference(
            a, b, ledger.record.columns, ledger.record.levels, _changed(connection, ledger.record, old, new)
        )


def _changed(connection: Connection, record: Record, old: int, new: int) -> pl.DataFrame:
    v, s = schema.versions, schema.stations
    touched = (
        select(
            v.c.station,
            func.min(v.c.number).label("first"),
            func.max(v.c.number).label("last"),
            func.count().label("versions"),
        )
        .where(v.c.source == "official", v.c.number >= old, v.c.number < new)
        .group_by(v.c.station)
        .subquery()
    )
    first, last, was = v.alias("first_one"), v.alias("last_one"), v.alias("was")
    f, g = record.figures.alias("f"), record.figures.alias("g")
    wanted = (
        select(
            s.c.commission,
            s.c.name,
            s.c.key,
            s.c.kind,
            was.c.stage,
            touched.c.versions,
            last.c.number,
            last.c.accepted_at,
            last.c.stage,
            last.c.reason,
            *(g.c[c] for c in record.columns),
            *(f.c[c] for c in record.columns),
        )
        .select_from(touched)
        .join(first, first.c.number == touched.c.first)
        .join(last, last.c.number == touched.c.last)
        .join(s, s.c.id == touched.c.station)
        .join(f, f.c.version == touched.c.last)
        .outerjoin(was, was.c.number == first.c.supersedes)
        .outerjoin(g, g.c.version == first.c.supersedes)
        .order_by(touched.c.last)
    )
    rows = [tuple(row) for row in connection.execute(wanted)]
    return _named(connection, record, pl.DataFrame(rows, schema=_types(record), orient="row"))


def _types(record: Record) -> dict[str, Any]:
    types: dict[str, Any] = {"commission": pl.Int64, "station": pl.String, "key": pl.String, "kind": pl.String}
    types |= {"was": pl.String, "versions": pl.Int64, "version": pl.Int64, "at": pl.Datetime("us", "UTC")}
    types |= {"stage": pl.String, "reason": pl.String}
    return types | {f"{when}_{c}": pl.Int64 for when in ("before", "after") for c in record.columns}


def _named(connection: Connection, record: Record, rows: pl.DataFrame) -> pl.DataFrame:
    """With the names of the tree, and without the figures of what does not count."""
    names = [(id, *_levels(record, c.path)) for id, c in tree(connection).items()]
    places = pl.DataFrame(
        names, schema={"commission": pl.Int64} | dict.fromkeys(record.levels, pl.String), orient="row"
    )
    annulled, had = pl.col("stage") == "annulled", pl.col("was") == "annulled"
    what = (
        pl.when(annulled)
        .then(pl.lit("annulled"))
        .when(had)
        .then(pl.lit("restored"))
        .when(pl.col("was").is_null())
        .then(pl.lit("new"))
        .otherwise(pl.lit("corrected"))
    )
    counted = [
        *(
            pl.when(had.fill_null(False)).then(None).otherwise(pl.col(f"before_{c}")).alias(f"before_{c}")
            for c in record.columns
        ),
        *(pl.when(~annulled).then(pl.col(f"after_{c}")).alias(f"after_{c}") for c in record.columns),
    ]
    told = rows.join(places, on="commission", how="left", maintain_order="left").with_columns(
        what.alias("what"), *counted
    )
    about = ("station", "key", "kind", "what", "versions", "version", "at", "stage", "reason")
    figures = [f"{when}_{c}" for c in record.columns for when in ("before", "after")]
    return told.select(*record.levels, *about, *figures)


def _levels(record: Record, path: Sequence[str]) -> tuple[str | None, ...]:
    return (*path, *[None] * (len(record.levels) - len(path)))
