"""The returns of a record: the one table, as it stands now or as it stood at any size or time before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, Select, func, literal_column, select

from tallyscope.ledger import schema
from tallyscope.ledger.record import Record
from tallyscope.ledger.version import Source
from tallyscope.returns.table import Returns
from tallyscope.tally.outcome import ANNULLED

__all__ = ["returns_of", "size_at"]


def size_at(connection: Connection, moment: int | datetime | None) -> int:
    """How many versions there were: at a time (those accepted until then), now (None), or as many as said.

    Raises ValueError for a time without a zone, and for more versions than there are.
    """
    size: int = connection.scalars(select(schema.head.c.size)).one()
    if moment is None:
        return size
    if isinstance(moment, datetime):
        return _until(connection, moment, size)
    if not 0 <= moment <= size:
        raise ValueError(f"the record has {size:,} versions: there is no state of it after {moment:,}")
    return moment


def _until(connection: Connection, moment: datetime, size: int) -> int:
    """The first version accepted after a moment: times never go back in a record, so halving finds it."""
    if moment.tzinfo is None:
        raise ValueError(f"the time {moment} has no time zone")
    low, high, v = 0, size, schema.versions.c
    while low < high:
        middle = (low + high) // 2
        at = connection.scalars(select(v.accepted_at).where(v.number == middle)).one()
        low, high = (middle + 1, high) if at <= moment else (low, middle)
    return low


def returns_of(connection: Connection, record: Record, size: int, source: Source) -> Returns:
    """The returns of the first `size` versions, by a source; one row a station, in the order of the list.

    `row`: number of the version that stands; `arrived`: when it was accepted, UTC. An annulled station has no
    figures, and "annulled" for each of them in `gaps`.
    """
    table = _stations(connection, record).join(
        _standing(connection, record, size, source), on="id", how="left", maintain_order="left"
    )
    annulled = pl.col(ANNULLED).fill_null(False)
    numbered = table.with_row_index("index")
    reasons = [
        numbered.filter(annulled).select("index", pl.lit(column).alias("column"), pl.lit(ANNULLED).alias("reason"))
        for column in record.columns
    ]
    gaps = pl.concat([*reasons, _gaps(connection, numbered.filter(~annulled), size)])
    shown = [pl.when(~annulled).then(pl.col(column)).alias(column) for column in record.columns]
    table = table.with_columns(*shown, pl.lit(0, dtype=pl.UInt16).alias("file")).drop("id", ANNULLED)
    return record.returns(table, record.levels, gaps.sort("index", "column"), size=size)


def _stations(connection: Connection, record: Record) -> pl.DataFrame:
    """id, levels, station, kind, and registered_before where the list has it."""
    s = schema.stations.c
    before = [s[name] for name in record.before]
    types: dict[str, Any] = {"id": pl.Int64, "commission": pl.Int64, "station": pl.String, "kind": pl.String}
    types |= dict.fromkeys(record.before, pl.Int64)
    stations = _frame(connection, select(s.id, s.commission, s.name, s.kind, *before).order_by(s.id), types)
    places = _commissions(connection, record)
    return stations.join(places, on="commission", how="left", maintain_order="left").select(
        "id", *record.levels, "station", "kind", *record.before
    )


def _commissions(connection: Connection, record: Record) -> pl.DataFrame:
    """commission, and one column a level: the name at this level of itself or of what is above it."""
    c = schema.commissions.c
    names: dict[int, dict[str, str]] = {}
    for id, parent, level, name in connection.execute(select(c.id, c.parent, c.level, c.name).order_by(c.id)):
        names[id] = {} if parent is None else {**names[parent], level: name}
    rows = [(id, *(of.get(level) for level in record.levels)) for id, of in names.items()]
    types: dict[str, Any] = {"commission": pl.Int64} | dict.fromkeys(record.levels, pl.String)
    return pl.DataFrame(rows, schema=types, orient="row")


def _standing(connection: Connection, record: Record, size: int, source: Source) -> pl.DataFrame:
    """What stands after `size` versions: station id, number, whether annulled, time, figures.

    Read table by table and joined here: a database would go back and forth between them for every station.
    """
    v, f = schema.versions.c, record.figures
    stands = _stands(connection, size, source)
    found = _frame(connection, stands, {"id": pl.Int64, "row": pl.UInt32})
    wanted = select(f).where(f.c.version.in_(select(stands.subquery().c.number)))
    figures = _frame(connection, wanted, {"row": pl.UInt32} | dict.fromkeys(record.columns, pl.Int64))
    # Written out, not as a parameter: only so is it seen that an index has just these.
    decided = select(v.number).where(v.stage == literal_column(f"'{ANNULLED}'"), v.number < size)
    annulled = _frame(connection, decided, {"row": pl.UInt32}).with_columns(pl.lit(True).alias(ANNULLED))
    for more in (figures, annulled, _times(connection)):
        found = found.join(more, on="row", how="left", maintain_order="left")
    return found


def _stands(connection: Connection, size: int, source: Source) -> Select[Any]:
    """Station and number of what stands after `size` versions."""
    v, t = schema.versions.c, schema.standing.c
    if size == connection.scalars(select(schema.head.c.size)).one():
        return select(t.station, t.version.label("number")).where(t.source == source)
    last = select(v.station, func.max(v.number).label("number")).where(v.source == source, v.number < size)
    return last.group_by(v.station)


def _times(connection: Connection) -> pl.DataFrame:
    """The number of every version, and when it was accepted; an index of the two is all that is read."""
    v = schema.versions.c
    if connection.dialect.name == "sqlite":
        told = _frame(connection, select(v.number, v.accepted_at), {"row": pl.UInt32, "arrived": pl.String})
        return told.with_columns(pl.col("arrived").str.to_datetime("%Y-%m-%d %H:%M:%S%.6f"))
    # The driver's own rows are read: a time has to be UTC's before it leaves the server.
    wanted = select(v.number, func.timezone("UTC", v.accepted_at))
    return _frame(connection, wanted, {"row": pl.UInt32, "arrived": pl.Datetime("us")})


def _gaps(connection: Connection, table: pl.DataFrame, size: int) -> pl.DataFrame:
    """index, column, reason of the lines that the standing versions do not have."""
    g = schema.gaps.c
    types = {"row": pl.UInt32, "column": pl.String, "reason": pl.String}
    said = _frame(connection, select(g.version, g.figure, g.reason).where(g.version < size), types)
    return said.join(table.select("index", "row"), on="row").select("index", "column", "reason")


def _frame(connection: Connection, wanted: Select[Any], types: dict[str, Any]) -> pl.DataFrame:
    """The rows as the driver has them: SQLAlchemy's would take twice as long, for a million of them."""
    cursor = connection.execute(wanted).cursor
    rows = [] if cursor is None else cursor.fetchall()
    return pl.DataFrame(rows, schema=types, orient="row")
