"""The second path: a state of the count added up anew from the record with plain SQL.

It knows the versions and their figures, and nothing of the sums that are kept, of `standing`, or of Returns: what
stands after `size` versions are those of the first `size` that none of them supersedes. Protocols without a gap are
added up by the database; the few with one are read and added one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from tallyscope.election.outcome import Counted, Out
from tallyscope.election.roles import BEFORE_PROTOCOL, VOTES
from tallyscope.ledger.bulletins.lines import Lines
from tallyscope.ledger.bulletins.sums import Sums, rolled_up
from tallyscope.ledger.bulletins.tree import Commission
from tallyscope.ledger.record import Record
from tallyscope.ledger.version import Source

__all__ = ["STANDS", "Recount", "lines_of", "quoted", "recount"]

Ints = npt.NDArray[np.int64]
#: What stands after :size versions for :source; a version of which all this is said is called v.
STANDS = (
    "v.source = :source AND v.number < :size AND NOT EXISTS "
    "(SELECT 1 FROM versions w WHERE w.supersedes = v.number AND w.number < :size)"
)
#: What the database counts for each commission, besides figures.
_COUNTS = {
    "listed": "COUNT(*)",
    "listed_stations": "SUM(CASE WHEN s.kind = 'station' THEN 1 ELSE 0 END)",
    "missing": "SUM(CASE WHEN v.number IS NULL THEN 1 ELSE 0 END)",
    "missing_stations": "SUM(CASE WHEN v.number IS NULL AND s.kind = 'station' THEN 1 ELSE 0 END)",
    "voters": "COALESCE(SUM(CASE WHEN v.number IS NULL THEN s.registered_before END), 0)",
    "unlisted": "SUM(CASE WHEN v.number IS NULL AND s.registered_before IS NULL THEN 1 ELSE 0 END)",
    "annulled": "SUM(CASE WHEN v.stage = 'annulled' THEN 1 ELSE 0 END)",
    "annulled_stations": "SUM(CASE WHEN v.stage = 'annulled' AND s.kind = 'station' THEN 1 ELSE 0 END)",
    "lists": "COALESCE(SUM(s.registered_before), 0)",
    "with_list": "COUNT(s.registered_before)",
    "clean": "COUNT(f.version)",
    "clean_stations": "SUM(CASE WHEN s.kind = 'station' AND f.version IS NOT NULL THEN 1 ELSE 0 END)",
}


@dataclass(frozen=True)
class Recount:
    """`sums`: of stations by status, and the parts of a tally (`tally.parts`). `counted`, `out`: for the outcome.

    `twice`: stations for which more than one version stands. `untold`: commission and name of stations whose
    protocol has no figure that can be read.
    """

    size: int
    sums: Sums
    counted: Counted
    out: Out
    twice: tuple[str, ...]
    untold: tuple[tuple[int, str], ...]


def lines_of(record: Record) -> Lines:
    """The lines of a record's form."""
    return Lines(record.election, record.columns)


def recount(
    connection: Connection,
    record: Record,
    size: int,
    commissions: Mapping[int, Commission],
    source: Source = "official",
) -> Recount:
    """Adds up what stood after `size` versions."""
    of = {"size": size, "source": source}
    parts = _Parts(record)
    ids, counts, figures = _grouped(connection, record, of)
    lowest = list(zip(ids, parts.of_groups(counts, figures), strict=True))
    lowest += [(row["commission"], parts.of_protocol(row)) for row in _with_gaps(connection, record, of)]
    stations = connection.execute(text("SELECT COUNT(*) FROM stations")).scalar_one()
    more = int(counts["listed"].sum()) > stations
    return Recount(
        size=size,
        sums=rolled_up(lowest, parts.names, commissions),
        counted=parts.counted(),
        out=parts.out(),
        twice=_twice(connection, of) if more else (),
        untold=tuple(parts.untold),
    )


class _Parts:
    """Turns what the database says into the parts of a tally, and adds up what an outcome is told from."""

    def __init__(self, record: Record) -> None:
        self.lines, self.election, self.before = lines_of(record), record.election, record.before
        self.shown = tuple(f for f in record.empty.figures if f not in record.before)
        self.whole = record.election.form.denominator
        rule = record.election.outcome
        self.base = rule.of if rule else self.whole
        books = ("stations", "reported", "empty", "zero", "pseudo", "pseudo_in", "annulled")
        shares = [(f"share_{v.removeprefix(VOTES)}", v, self.whole) for v in self.lines.votes]
        self.ratios = [("turnout", "cast", "registered"), *shares]
        figures = [n for f in (*record.before, *self.shown) for n in (f, f"known_{f}")]
        self.names = (*books, *figures, *(f"{r}_{w}" for r, _, _ in self.ratios for w in ("part", "whole")))
        self.votes, self.total = dict.fromkeys(self.lines.votes, 0), 0
        self.stations = self.voters = self.unlisted = self.listed = 0
        self.untold: list[tuple[int, str]] = []

    def of_groups(self, n: Mapping[str, Ints], figures: Mapping[str, Ints]) -> Ints:
        """(groups, names) of the protocols without a gap, from counts and sums (groups,) by name."""
        clean, none = n["clean"], np.zeros_like(n["clean"])
        values = {f: self._told(f, figures) for f in self.shown}
        found = {
            "stations": n["listed_stations"],
            "reported": n["clean_stations"] - n["zero"],
            "empty": n["missing_stations"] + n["annulled_stations"],
            "zero": n["zero"],
            "pseudo": n["listed"] - n["listed_stations"],
            "pseudo_in": clean - n["clean_stations"],
            "annulled": n["annulled"],
            **dict.fromkeys(self.before, n["lists"]),
            **{f"known_{name}": n["with_list"] for name in self.before},
        }
        for f, value in values.items():
            found[f], found[f"known_{f}"] = (none, none) if value is None else (value, clean)
        for name, over, under in self.ratios:
            part, whole = values[over], values[under]
            both = part is not None and whole is not None
            found[f"{name}_part"] = part if both and part is not None else none
            found[f"{name}_whole"] = whole if both and whole is not None else none
        self._await(n, values[self.base])
        for vote in self.votes if values[self.base] is not None else ():
            self.votes[vote] += int(figures[vote].sum())
        return np.column_stack([found[name] for name in self.names])

    def _told(self, figure: str, figures: Mapping[str, Ints]) -> Ints | None:
        parts = self.lines.parts(figure)
        if parts is None:
            return None
        none = np.zeros_like(next(iter(figures.values())))
        return sum((weight * figures[c] for c, weight in parts.items()), start=none)

    def _await(self, n: Mapping[str, Ints], base: Ints | None) -> None:
        self.stations += int(n["missing"].sum())
        self.voters += int(n["voters"].sum())
        self.unlisted += int(n["unlisted"].sum())
        self.listed += int(n["listed_stations"].sum())
        if base is None:
            self.stations += int(n["clean"].sum())
            self.unlisted += int(n["clean"].sum())
        else:
            self.total += int(base.sum())

    def of_protocol(self, row: Mapping[Any, Any]) -> list[int]:
        """(names,) of one protocol with a gap, which the database has not added up."""
        figures = {c: row[c] for c in self.lines.columns}
        said = [figures[c] for c in _of_protocol(self.lines)]
        values = {f: self.lines.value(f, figures) for f in self.shown}
        told, cast = any(n is not None for n in said), values["cast"]
        zero = cast == 0 if cast is not None else not any(said)
        status = "empty" if not told else "zero" if zero else "reported"
        found = {status: 1} if row["kind"] == "station" else {"pseudo_in": int(told)}
        for f, value in values.items():
            found |= {f: value or 0, f"known_{f}": int(value is not None)}
        for name, over, under in self.ratios:
            part, whole = values[over], values[under]
            if part is not None and whole is not None:
                found |= {f"{name}_part": part, f"{name}_whole": whole}
        if not told:
            self.untold.append((row["commission"], row["name"]))
        self._outcome(figures, values, row["registered_before"])
        return [found.get(name, 0) for name in self.names]

    def _outcome(
        self, figures: Mapping[str, int | None], values: Mapping[str, int | None], before: int | None
    ) -> None:
        base, votes = values[self.base], [figures[v] for v in self.votes]
        if base is not None and None not in votes:
            self.total += base
            self.votes = {v: n + (figures[v] or 0) for v, n in self.votes.items()}
            return
        listed = before if values["registered"] is None else values["registered"]
        self.stations += 1
        self.voters += listed or 0
        self.unlisted += listed is None

    def counted(self) -> Counted:
        """Votes of the protocols that are known as far as an outcome needs them."""
        # A protocol that does not add up may hold more votes than ballots; it is on the list of such protocols.
        base = max(self.total, sum(self.votes.values()))
        return Counted({v.removeprefix(VOTES): n for v, n in self.votes.items()}, base)

    def out(self) -> Out:
        """What is not; stations that were announced and are not listed are out as well."""
        more = max(0, (self.election.stations or 0) - self.listed)
        return Out(self.stations + more, self.voters, self.unlisted + more)


def _grouped(
    connection: Connection, record: Record, of: Mapping[str, Any]
) -> tuple[list[int], dict[str, Ints], dict[str, Ints]]:
    """Lowest commissions; what is counted of each; sums of the figures of its protocols without a gap."""
    names, lines = quoted(connection, record), lines_of(record)
    cast = lines.parts("cast") or dict.fromkeys(_of_protocol(lines), 1)
    ballots = " + ".join(f"{weight} * {names[column][0]}" for column, weight in cast.items())
    counts = _COUNTS | {"zero": f"SUM(CASE WHEN s.kind = 'station' AND {ballots} = 0 THEN 1 ELSE 0 END)"}
    told = [*counts.values(), *(f"COALESCE(SUM({f}), 0)" for f, _ in names.values())]
    statement = f"""
        SELECT s.commission, {", ".join(f"CAST({one} AS BIGINT)" for one in told)}
        FROM stations s
        LEFT JOIN (SELECT v.station, v.number, v.stage FROM versions v WHERE {STANDS}) v ON v.station = s.id
        LEFT JOIN figures f ON f.version = v.number AND v.stage <> 'annulled'
             AND NOT EXISTS (SELECT 1 FROM gaps g WHERE g.version = v.number)
        GROUP BY s.commission"""
    rows = [tuple(row) for row in connection.execute(text(statement), of)]
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 1 + len(told))
    columns = dict(zip((*counts, *record.columns), table[:, 1:].T, strict=True))
    return table[:, 0].tolist(), {c: columns[c] for c in counts}, {c: columns[c] for c in record.columns}


def _with_gaps(connection: Connection, record: Record, of: Mapping[str, Any]) -> Iterator[Mapping[Any, Any]]:
    """commission, name, kind, registered_before and figures of each protocol that stands and has a gap."""
    figures = ", ".join(f for f, _ in quoted(connection, record).values())
    statement = f"""
        SELECT s.commission, s.name, s.kind, s.registered_before, {figures}
        FROM (SELECT DISTINCT version FROM gaps WHERE version < :size) g
        JOIN versions v ON v.number = g.version AND {STANDS} AND v.stage <> 'annulled'
        JOIN stations s ON s.id = v.station JOIN figures f ON f.version = v.number"""
    yield from connection.execute(text(statement), of).mappings()


def _twice(connection: Connection, of: Mapping[str, Any]) -> tuple[str, ...]:
    """Stations for which more than one version stands: somebody has written into the database."""
    which = f"""SELECT s.key FROM versions v JOIN stations s ON s.id = v.station WHERE {STANDS}
        GROUP BY s.key HAVING COUNT(*) > 1 ORDER BY s.key"""
    return tuple(connection.execute(text(which), of).scalars())


def _of_protocol(lines: Lines) -> list[str]:
    """The figures that make a row a protocol: not those that are known before there is one."""
    return [c for c in lines.columns if c not in BEFORE_PROTOCOL]


def quoted(connection: Connection, record: Record) -> dict[str, tuple[str, str]]:
    """Column -> how it is written in a statement, of the table f and alone. A colon would begin a parameter."""
    quote = connection.dialect.identifier_preparer.quote
    names = {c: quote(c).replace(":", r"\:") for c in record.columns}
    return {c: (f"f.{name}", name) for c, name in names.items()}
