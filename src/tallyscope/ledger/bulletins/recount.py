"""The second path: a state of the count added up anew from the record with plain SQL.

It knows the versions and their figures, and nothing of the sums that are kept, of `standing`, or of Returns: what
stands after `size` versions are those of the first `size` that none of them supersedes. Protocols without a gap are
added up by the database; the few with one are read and added one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from tallyscope.election.outcome import Counted, Out
from tallyscope.election.roles import BEFORE_PROTOCOL, VOTES
from tallyscope.ledger.bulletins.lines import Lines
from tallyscope.ledger.bulletins.tree import Commission, rolled_up
from tallyscope.ledger.record import Record
from tallyscope.ledger.version import Source

__all__ = ["SIZES", "STANDS", "Kind", "Recount", "lines_of", "quoted", "recount"]

#: Stations by voters on the list before voting: up to so many; the last class is of larger ones.
SIZES = (100, 300, 1_000, 2_000)
#: What stands after :size versions for :source; a version of which all this is said is called v.
STANDS = (
    "v.source = :source AND v.number < :size AND NOT EXISTS "
    "(SELECT 1 FROM versions w WHERE w.supersedes = v.number AND w.number < :size)"
)
_BOOKS = ("stations", "reported", "empty", "zero", "pseudo", "pseudo_in", "annulled")


@dataclass(frozen=True)
class Kind:
    """Stations of one kind: how many there are, and how many are in. `largest`: None for no number, 0 for more."""

    kind: str
    largest: int | None
    stations: int
    processed: int


@dataclass(frozen=True)
class Recount:
    """`sums`: commission -> name -> number: stations of each status, and the parts of its tally (`tally.parts`).

    `twice`: stations for which more than one version stands. `counted`, `out`: what an outcome is told from.
    """

    size: int
    sums: Mapping[int, Mapping[str, int]]
    kinds: tuple[Kind, ...]
    counted: Counted
    out: Out
    twice: tuple[str, ...]
    #: Commission and name of stations whose protocol has no figure that can be read.
    untold: tuple[tuple[int, str], ...] = ()


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
    groups = _Groups(record)
    for row in _grouped(connection, record, of):
        groups.add_group(row)
    for row in _with_gaps(connection, record, of):
        groups.add_protocol(row)
    return Recount(
        size=size,
        sums=rolled_up(groups.sums.items(), commissions),
        kinds=groups.ranked_kinds(),
        counted=groups.counted(),
        out=groups.out(),
        twice=_twice(connection, of),
        untold=tuple(groups.untold),
    )


class _Groups:
    """Adds up what the database says, by lowest commission and by kind of station."""

    def __init__(self, record: Record) -> None:
        self.lines, self.election = lines_of(record), record.election
        self.shown = tuple(f for f in record.empty.figures if f not in record.before)
        self.before = record.before
        self.sums: dict[int, dict[str, int]] = {}
        self.kinds: dict[tuple[str, int | None], list[int]] = {}
        self.total = {"base": 0, "missing": 0, "voters": 0, "unlisted": 0, "listed": 0}
        self.votes = dict.fromkeys(self.lines.votes, 0)
        of = self.election.outcome.of if self.election.outcome else self.election.form.denominator
        self.base = of
        self.untold: list[tuple[int, str]] = []

    def add_group(self, row: Mapping[Any, Any]) -> None:
        """All stations of one commission, kind and size; figures of those whose protocol has no gap."""
        here, station = self._here(row["commission"]), row["kind"] == "station"
        listed, missing, clean = (int(row[n]) for n in ("listed", "missing", "clean"))
        if station:
            here["stations"] += listed
            here["empty"] += missing + int(row["annulled"])
            here["zero"] += int(row["zero"] or 0)
            here["reported"] += clean - int(row["zero"] or 0)
            self.total["listed"] += listed
        else:
            here["pseudo"] += listed
            here["pseudo_in"] += clean
        here["annulled"] += int(row["annulled"])
        for name in self.before:
            here[name] = here.get(name, 0) + int(row["lists"] or 0)
            here[f"known_{name}"] = here.get(f"known_{name}", 0) + int(row["with_list"])
        self._kind(row, listed, clean)
        self._awaited(missing, int(row["voters"] or 0), int(row["unlisted"] or 0))
        self._figures(here, {c: int(row[c] or 0) for c in self.lines.columns}, clean)

    def add_protocol(self, row: Mapping[Any, Any]) -> None:
        """One protocol with a gap."""
        here, station = self._here(row["commission"]), row["kind"] == "station"
        figures = {c: row[c] for c in self.lines.columns}
        said = [figures[c] for c in _of_protocol(self.lines.columns)]
        told = any(n is not None for n in said)
        cast = self.lines.value("cast", figures)
        zero = cast == 0 if cast is not None else not any(said)
        if not told:
            self.untold.append((row["commission"], row["name"]))
        if station:
            here["empty" if not told else "zero" if zero else "reported"] += 1
        else:
            here["pseudo_in"] += told
        self._kind(row, 0, int(told))
        self._figures(here, figures, 1, row["before"])

    def _here(self, commission: int) -> dict[str, int]:
        return self.sums.setdefault(commission, dict.fromkeys(_BOOKS, 0))

    def _kind(self, row: Mapping[Any, Any], listed: int, processed: int) -> None:
        counts = self.kinds.setdefault((row["kind"], row["largest"]), [0, 0])
        counts[0] += listed
        counts[1] += processed

    def _awaited(self, stations: int, voters: int, unlisted: int) -> None:
        self.total["missing"] += stations
        self.total["voters"] += voters
        self.total["unlisted"] += unlisted

    def _figures(
        self, here: dict[str, int], figures: Mapping[str, int | None], protocols: int, before: int | None = None
    ) -> None:
        """Adds figures of so many protocols, or of one with a gap, in the parts of a tally and for the outcome.

        `before`: voters on its list before voting, for a protocol that does not tell how many there are.
        """
        values = {f: self.lines.value(f, figures) for f in self.shown}
        for name, value in values.items():
            known = 0 if value is None else protocols
            for part, n in ((name, (value or 0) if known else 0), (f"known_{name}", known)):
                here[part] = here.get(part, 0) + n
        whole = self.election.form.denominator
        ratios = [
            ("turnout", "cast", "registered"),
            *((f"share_{v.removeprefix(VOTES)}", v, whole) for v in self.votes),
        ]
        for name, over, under in ratios:
            both = values[over] is not None and values[under] is not None
            for part, value in ((f"{name}_part", values[over]), (f"{name}_whole", values[under])):
                here[part] = here.get(part, 0) + ((value or 0) if both else 0)
        base = values[self.base]
        if base is None or any(figures[v] is None for v in self.votes):
            registered = before if values["registered"] is None else values["registered"]
            self._awaited(protocols, registered or 0, int(registered is None and protocols))
            return
        self.total["base"] += base
        for vote in self.votes:
            self.votes[vote] += figures[vote] or 0

    def ranked_kinds(self) -> tuple[Kind, ...]:
        """Kinds of station in one order: ordinary ones first, the smallest first, those without a number last."""
        order = {None: len(SIZES) + 1, 0: len(SIZES)} | {n: i for i, n in enumerate(SIZES)}
        ranked = sorted(self.kinds.items(), key=lambda k: (k[0][0] != "station", k[0][0], order[k[0][1]]))
        return tuple(Kind(kind, largest, n, done) for (kind, largest), (n, done) in ranked)

    def counted(self) -> Counted:
        """Votes of the protocols that are known as far as an outcome needs them."""
        # A protocol that does not add up may hold more votes than ballots; it is on the list of such protocols.
        base = max(self.total["base"], sum(self.votes.values()))
        return Counted({v.removeprefix(VOTES): n for v, n in self.votes.items()}, base)

    def out(self) -> Out:
        """What is not; stations that were announced and are not listed are out as well."""
        unlisted = max(0, (self.election.stations or 0) - self.total["listed"])
        total = self.total
        return Out(total["missing"] + unlisted, total["voters"], total["unlisted"] + unlisted)


def _twice(connection: Connection, of: Mapping[str, Any]) -> tuple[str, ...]:
    """Stations for which more than one version stands; none, unless somebody has written into the database."""
    more = f"SELECT COUNT(*) - COUNT(DISTINCT v.station) FROM versions v WHERE {STANDS}"
    if not connection.execute(text(more), of).scalar_one():
        return ()
    which = f"""SELECT s.key FROM versions v JOIN stations s ON s.id = v.station WHERE {STANDS}
        GROUP BY s.key HAVING COUNT(*) > 1 ORDER BY s.key"""
    return tuple(connection.execute(text(which), of).scalars())


def _grouped(connection: Connection, record: Record, of: Mapping[str, Any]) -> Iterator[Mapping[Any, Any]]:
    """commission, kind, largest; stations listed, missing, annulled, clean (in, without a gap), zero; figures."""
    names = quoted(connection, record)
    sums = ", ".join(f"SUM({f}) AS {name}" for f, name in names.values())
    cast = lines_of(record).parts("cast") or dict.fromkeys(_of_protocol(record.columns), 1)
    ballots = " + ".join(f"{weight} * {names[column][0]}" for column, weight in cast.items())
    statement = f"""
        SELECT s.commission, s.kind, {_largest()} AS largest, COUNT(*) AS listed,
               SUM(CASE WHEN v.number IS NULL THEN 1 ELSE 0 END) AS missing,
               SUM(CASE WHEN v.number IS NULL THEN s.registered_before END) AS voters,
               SUM(CASE WHEN v.number IS NULL AND s.registered_before IS NULL THEN 1 ELSE 0 END) AS unlisted,
               SUM(CASE WHEN v.stage = 'annulled' THEN 1 ELSE 0 END) AS annulled,
               SUM(s.registered_before) AS lists, COUNT(s.registered_before) AS with_list,
               COUNT(f.version) AS clean, SUM(CASE WHEN {ballots} = 0 THEN 1 ELSE 0 END) AS zero, {sums}
        FROM stations s
        LEFT JOIN (SELECT v.station, v.number, v.stage FROM versions v WHERE {STANDS}) v ON v.station = s.id
        LEFT JOIN figures f ON f.version = v.number AND v.stage <> 'annulled'
             AND NOT EXISTS (SELECT 1 FROM gaps g WHERE g.version = v.number)
        GROUP BY s.commission, s.kind, largest"""
    yield from connection.execute(text(statement), of).mappings()


def _with_gaps(connection: Connection, record: Record, of: Mapping[str, Any]) -> Iterator[Mapping[Any, Any]]:
    """commission, name, kind, before, largest and figures of each protocol that stands and has a gap."""
    figures = ", ".join(f for f, _ in quoted(connection, record).values())
    statement = f"""
        SELECT s.commission, s.name, s.kind, s.registered_before AS before, {_largest()} AS largest, {figures}
        FROM (SELECT DISTINCT version FROM gaps WHERE version < :size) g
        JOIN versions v ON v.number = g.version AND {STANDS} AND v.stage <> 'annulled'
        JOIN stations s ON s.id = v.station JOIN figures f ON f.version = v.number"""
    yield from connection.execute(text(statement), of).mappings()


def _largest() -> str:
    cases = " ".join(f"WHEN s.registered_before <= {n} THEN {n}" for n in SIZES)
    return f"CASE WHEN s.registered_before IS NULL THEN NULL {cases} ELSE 0 END"


def _of_protocol(columns: Sequence[str]) -> list[str]:
    """The figures that make a row a protocol: not those that are known before there is one."""
    return [c for c in columns if c not in BEFORE_PROTOCOL]


def quoted(connection: Connection, record: Record) -> dict[str, tuple[str, str]]:
    """Column -> how it is written in a statement, of the table f and alone. A colon would begin a parameter."""
    quote = connection.dialect.identifier_preparer.quote
    names = {c: quote(c).replace(":", r"\:") for c in record.columns}
    return {c: (f"f.{name}", name) for c, name in names.items()}
