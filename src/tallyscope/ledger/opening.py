"""A count is opened once, with its election and the stations that are to report; after that it is only read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl
from sqlalchemy import Connection, insert, inspect, select

from tallyscope.election.election import Election
from tallyscope.ledger import schema
from tallyscope.ledger.appendonly import protect
from tallyscope.ledger.bulk import insert_rows
from tallyscope.ledger.definition import from_json, to_json
from tallyscope.ledger.errors import Refused, Unavailable
from tallyscope.ledger.migrate import latest, revision, upgrade
from tallyscope.ledger.opened import keep_digests
from tallyscope.ledger.record import Record
from tallyscope.ledger.schema import figure_columns
from tallyscope.ledger.sums import begin_sums
from tallyscope.returns.problems import Problem, capped
from tallyscope.returns.table import KINDS

__all__ = ["NATION", "bring_up", "open_count", "outdated", "read_count"]

#: Level of the root of the tree.
NATION = "nation"


def open_count(connection: Connection, election: Election, stations: pl.DataFrame, origin: str) -> None:
    """Makes the tables and writes the election and its stations. Raises Refused, with every problem of the list.

    `stations`: the levels, the top one first, `station`, and if wanted `kind` and `registered_before`.
    """
    if inspect(connection).has_table("election") and (title := connection.scalar(select(schema.election.c.title))):
        raise Refused([f"there is a count in it already: {title}. Every count has a database of its own."])
    levels = tuple(stations.columns[: stations.columns.index("station")])
    listed = _listed(stations, levels)
    upgrade(connection)
    record = _record(election, levels, origin, listed["registered_before"].null_count() < listed.height)
    for table in (record.figures, record.sums):
        table.create(connection)
    protect(connection, record.figures.name)
    connection.execute(
        insert(schema.election).values(
            id=election.id,
            title=election.title,
            origin=origin,
            definition=to_json(election, levels),
            opened_at=datetime.now(UTC),
        )
    )
    connection.execute(insert(schema.head).values(id=1, size=0))
    begin_sums(connection, record, _write_places(connection, listed, levels, election.title))
    keep_digests(connection)


def read_count(connection: Connection) -> Record:
    """The count that is in a database. Raises Unavailable if there is none."""
    row = None if revision(connection) is None else connection.execute(select(schema.election)).first()
    if row is None:
        raise Unavailable("there is no count in it; `tallyscope count init` opens one.")
    definition = from_json(row.definition)
    before = select(schema.stations.c.id).where(schema.stations.c.registered_before.is_not(None)).limit(1)
    return _record(definition.election, definition.levels, row.origin, connection.scalar(before) is not None)


def outdated(connection: Connection) -> bool:
    """True if an earlier version of the program made the tables. Raises Unavailable if a later one did."""
    found = revision(connection)
    if found is not None and found > latest():
        raise Unavailable(f"it was written by a later version of tallyscope ({found}); this one knows {latest()}.")
    return found is not None and found < latest()


def bring_up(connection: Connection) -> None:
    """Brings the tables to this version of the program, unless somebody else just did."""
    connection.execute(select(schema.head.c.size).with_for_update())
    if outdated(connection):
        upgrade(connection)


def _record(election: Election, levels: tuple[str, ...], origin: str, listed: bool) -> Record:
    """`listed`: the list of stations has `registered_before`; if the form has it too, the form's is meant."""
    return Record(election, levels, origin, listed and "registered_before" not in figure_columns(election))


def _listed(stations: pl.DataFrame, levels: Sequence[str]) -> pl.DataFrame:
    """The list with its keys, and every column it may have. Raises Refused."""
    columns = stations.columns
    table = stations.with_columns(
        pl.col("kind") if "kind" in columns else pl.lit(KINDS[0]).alias("kind"),
        pl.col("registered_before").cast(pl.Int64)
        if "registered_before" in columns
        else pl.lit(None, dtype=pl.Int64).alias("registered_before"),
        pl.concat_str([*levels, "station"], separator=" / ", ignore_nulls=True).alias("key"),
    )
    problems: list[Problem | str] = [] if table.height else ["the list of stations is empty."]
    again = table.filter(pl.col("key").is_duplicated())["key"].unique(maintain_order=True)
    twice = [
        Problem(f"station {key!r}", "is in the list more than once.", "Every station reports once.")
        for key in again
    ]
    nameless = table.select(pl.col("station").fill_null("").str.strip_chars().eq("").sum()).item()
    if nameless:
        problems.append(f"{nameless:,} stations have no name.")
    odd = table.filter(~pl.col("kind").is_in(list(KINDS)).fill_null(False))["key"]
    kinds = [Problem(f"station {key!r}", f"is not one of {', '.join(KINDS)}.", column="kind") for key in odd]
    problems += [*capped(twice, len(twice), "stations like this"), *capped(kinds, len(kinds), "stations like this")]
    if problems:
        raise Refused(problems)
    return table


def _write_places(connection: Connection, listed: pl.DataFrame, levels: Sequence[str], title: str) -> pl.DataFrame:
    """Writes the tree and the stations; returns these with the lowest `commission` above each."""
    rows, lowest = _tree(listed, levels, title)
    insert_rows(connection, schema.commissions, ("id", "parent", "level", "name"), rows)
    stations = listed.with_row_index("id", 1).with_columns(lowest)
    columns = ("id", "key", "commission", "name", "kind", "registered_before")
    written = stations.select("id", "key", "commission", pl.col("station").alias("name"), *columns[4:])
    insert_rows(connection, schema.stations, columns, written.iter_rows())
    return stations.select("commission", "station", "kind", "registered_before")


def _tree(
    listed: pl.DataFrame, levels: Sequence[str], title: str
) -> tuple[list[tuple[int, int | None, str, str]], pl.Series]:
    """The commissions in order of appearance, and the lowest above each station. A level without a name is none."""
    rows: list[tuple[int, int | None, str, str]] = [(1, None, NATION, title)]
    ids: dict[tuple[int, str, str], int] = {}
    units = listed.select(levels).unique(maintain_order=True) if levels else pl.DataFrame()
    lowest: dict[tuple[str | None, ...], int] = {}
    for unit in units.iter_rows():
        here = 1
        for level, name in zip(levels, unit, strict=True):
            if name is None:
                continue
            if (here, level, name) not in ids:
                ids[here, level, name] = len(rows) + 1
                rows.append((len(rows) + 1, here, level, name))
            here = ids[here, level, name]
        lowest[unit] = here
    above = [lowest[unit] for unit in listed.select(levels).iter_rows()] if levels else [1] * listed.height
    return rows, pl.Series("commission", above, dtype=pl.Int64)
