"""What the record knows around a protocol: its neighbours' invalid ballots, its twins, its list before voting."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from statistics import median

import polars as pl
from sqlalchemy import Connection, and_, func, select

from tallyscope.ledger import schema
from tallyscope.ledger.entry.examine import Surroundings
from tallyscope.ledger.record import Record

__all__ = ["FEWEST", "near", "twins"]

#: Neighbours of which a median is taken; with fewer nothing is usual.
FEWEST = 5
_STANDS = and_(schema.standing.c.source == "official", schema.standing.c.counted)


def near(connection: Connection, record: Record, station: int) -> Surroundings:
    """What is known around a station without looking through the whole record: `twins` is not."""
    s = schema.stations.c
    commission, listed = connection.execute(select(s.commission, s.registered_before).where(s.id == station)).one()
    return Surroundings(invalid_share=_median(connection, record, station, commission), listed=listed)


def _median(connection: Connection, record: Record, station: int, commission: int) -> Fraction | None:
    s, t, f = schema.stations.c, schema.standing.c, record.figures
    wanted = (
        select(*[f.c[name] for name in record.columns])
        .join_from(schema.standing, schema.stations, t.station == s.id)
        .join(f, f.c.version == t.version)
        .where(_STANDS, s.commission == commission, s.id != station)
    )
    rows = [tuple(row) for row in connection.execute(wanted)]
    if len(rows) < FEWEST:
        return None
    schema_of = dict.fromkeys(record.columns, pl.Int64)
    frame = pl.DataFrame(rows, schema=schema_of, orient="row").with_columns(station=pl.lit(""))
    table = record.returns(frame, ()).table.filter(pl.col("cast") > 0, pl.col("invalid").is_not_null())
    shares = [Fraction(i, c) for i, c in table.select("invalid", "cast").iter_rows()]
    return Fraction(median(shares)) if len(shares) >= FEWEST else None


def twins(connection: Connection, record: Record, station: int, figures: Mapping[str, int]) -> int | None:
    """How many other stations stand with exactly these figures; None if a line of them is not known."""
    if not all(name in figures for name in record.columns):
        return None
    t, f = schema.standing.c, record.figures
    same = [f.c[name] == figures[name] for name in record.columns]
    wanted = select(func.count()).join_from(f, schema.standing, t.version == f.c.version)
    return connection.scalar(wanted.where(_STANDS, t.station != station, *same)) or 0
