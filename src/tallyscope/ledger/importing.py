"""A file of protocols against the count it goes into: what is new, what corrects, and everything that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl
from sqlalchemy import Engine, select

from tallyscope.ledger.protocols import versions_of, with_protocol
from tallyscope.ledger.schema import figure_columns, stations
from tallyscope.ledger.schema import standing as standing_table
from tallyscope.ledger.version import Source, Stage, Version
from tallyscope.returns.checks import check
from tallyscope.returns.problems import Problem, ReadError, capped
from tallyscope.returns.table import Returns

__all__ = ["Import", "prepare", "standing_numbers"]


@dataclass(frozen=True)
class Import:
    """What a file adds to a count: its versions, not yet accepted, and how many protocols are of which kind."""

    versions: tuple[Version, ...]
    new: int
    corrections: int
    unchanged: int
    #: Rows of the file without a protocol, which add nothing.
    empty: int
    #: Relations that its protocols break and that block nothing: soft ones, and in copies hard ones too.
    warnings: int

    @property
    def incomplete(self) -> int:
        """Protocols of it with a line that is missing or illegible."""
        return sum(bool(v.gaps) for v in self.versions)


def prepare(
    returns: Returns,
    current: Returns,
    standing: Mapping[str, int],
    *,
    source: Source = "official",
    stage: Stage = "repeat",
    entered_by: str,
    reason: str = "",
    at: datetime | None = None,
) -> Import:
    """The versions that a file adds. `current`: the count as it stands; `standing`: station -> version that stands.

    A protocol that says what already stands adds nothing; one that says something else is a correction, of this
    `stage`, and needs a `reason`. Raises ReadError with every problem of the file: another election, stations the
    count does not have, broken hard relations, corrections without a reason. A copy is evidence of what somebody
    saw, so a relation that it breaks is counted and does not block it.
    """
    _same_election(returns, current)
    rows = with_protocol(returns)
    keys = returns.station_names()
    known = pl.Series(current.station_names())
    changed = _differs(returns, current)
    stands = keys.is_in(list(standing))
    told = returns.table.select((pl.col("status") != "empty").alias("t"))["t"]
    strange, corrects = told & ~keys.is_in(known.implode()), told & stands & changed
    checked = check(returns)
    blocking = (pl.col("level") == "hard") & (source == "official")
    hard = checked.violations.filter(blocking)
    problems = [
        *_strangers(returns, keys, strange),
        *_broken(returns, keys, hard),
        *([] if reason else _unexplained(returns, keys, corrects)),
    ]
    if problems:
        raise ReadError(problems)
    new = versions_of(returns, _indices(told & ~stands), source=source, entered_by=entered_by, at=at)
    again = versions_of(
        returns, _indices(corrects), source=source, stage=stage, entered_by=entered_by, reason=reason, at=at
    )
    again = [replace(v, supersedes=standing[v.station]) for v in again]
    soft = checked.violations.height - hard.height
    unchanged = int(rows.size) - len(new) - len(again)
    return Import((*new, *again), len(new), len(again), unchanged, len(returns) - int(rows.size), soft)


def _indices(mask: pl.Series) -> list[int]:
    return mask.arg_true().to_list()


def _same_election(returns: Returns, current: Returns) -> None:
    ours, theirs = returns.election, current.election
    if {c.id for c in ours.choices} == {c.id for c in theirs.choices} and ours.form.id == theirs.form.id:
        return
    name = returns.sources[0].name if returns.sources else "the file"
    hint = "Import the protocols of the election that the count was opened for."
    raise ReadError([Problem(name, f"is of {ours.title}; the count is of {theirs.title}.", hint)])


def _differs(returns: Returns, current: Returns) -> pl.Series:
    """Whether a row says something else than what stands for its station; (rows,) bool."""
    columns = [c for c in figure_columns(current.election) if c in returns.table.columns]
    theirs = current.table.select(
        current.station_names().alias("__key"), *[pl.col(c).alias(f"now {c}") for c in columns]
    )
    joined = returns.table.select(columns).with_columns(returns.station_names().alias("__key"))
    joined = joined.join(theirs, on="__key", how="left", maintain_order="left")
    same = [pl.col(c).eq_missing(pl.col(f"now {c}")) for c in columns]
    return joined.select((~pl.all_horizontal(same)).alias("differs"))["differs"]


def _at(returns: Returns, index: int, text: str, hint: str) -> Problem:
    files, rows = returns.table["file"], returns.table["row"]
    return Problem(returns.sources[files[index]].name, text, hint, row=rows[index])


def _strangers(returns: Returns, keys: pl.Series, mask: pl.Series) -> list[Problem]:
    hint = "Is its name, or that of a commission above it, written as in the list of stations?"
    found = [_at(returns, i, f"the count has no station {keys[i]!r}.", hint) for i in _indices(mask)]
    return capped(found, len(found), "stations that the count does not have")


def _broken(returns: Returns, keys: pl.Series, hard: pl.DataFrame) -> list[Problem]:
    found = []
    for row in hard.iter_rows(named=True):
        relation = returns.election.form.relation(row["code"])
        where, by = keys[row["index"]], row["residual"]
        text = f"station {where!r}: {relation.code}, {relation.expression}, fails by {by:+,}."
        hint = " ".join(filter(None, [relation.clerk, row["suggestion"]]))
        found.append(_at(returns, row["index"], text, hint))
    return capped(found, len(found), "protocols that break a relation")


def _unexplained(returns: Returns, keys: pl.Series, mask: pl.Series) -> list[Problem]:
    hint = "A correction needs a reason: give --reason, or leave the row out."
    found = [_at(returns, i, f"station {keys[i]!r} stands with other figures.", hint) for i in _indices(mask)]
    return capped(found, len(found), "stations that stand with other figures")


def standing_numbers(engine: Engine, source: Source = "official") -> dict[str, int]:
    """Station -> number of the version that stands for it by this source, annulled ones included."""
    wanted = (
        select(stations.c.key, standing_table.c.version)
        .join_from(standing_table, stations, standing_table.c.station == stations.c.id)
        .where(standing_table.c.source == source)
    )
    with engine.connect() as connection:
        return {row.key: row.version for row in connection.execute(wanted)}
