"""The second path: a state of the count added up anew from the record with plain SQL.

It knows the versions and their figures, and nothing of the sums that are kept, of `standing`, or of Returns: what
stands after `size` versions are those of the first `size` that none of them supersedes. Protocols that have the
figures that most have are added up in one go, on two connections; all others, those that lack the same lines
together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from tallyscope.election.outcome import Counted, Out
from tallyscope.election.roles import VOTES
from tallyscope.ledger.beside import Beside, beside
from tallyscope.ledger.bulletins.kinds import Missing, missing_stations
from tallyscope.ledger.bulletins.statements import (
    Pattern,
    annulled,
    lines_of,
    listed,
    of_protocol,
    standing_twice,
    untold_stations,
    unusual,
    usual,
    usual_columns,
)
from tallyscope.ledger.bulletins.sums import Lowest, Sums, rolled_up
from tallyscope.ledger.bulletins.tree import Commission
from tallyscope.ledger.record import Record
from tallyscope.ledger.version import Source

__all__ = ["Recount", "recount"]

Ints = npt.NDArray[np.int64]
#: Before and after every id there is.
_FIRST, _LAST = -(2**62), 2**62


@dataclass(frozen=True)
class Recount:
    """`sums`: of stations by status, and the parts of a tally (`tally.parts`). `counted`, `out`: for the outcome.

    `missing`: stations without a protocol. `twice`: those for which more than one version stands. `untold`:
    commission and name of those whose protocol has no figure that can be read.
    """

    size: int
    sums: Sums
    counted: Counted
    out: Out
    missing: tuple[Missing, ...]
    twice: tuple[str, ...]
    untold: tuple[tuple[int, str], ...]


def recount(
    connection: Connection,
    record: Record,
    size: int,
    commissions: Mapping[int, Commission],
    source: Source = "official",
    *,
    other: Beside | None = None,
    told: Collection[str] | None = None,
) -> Recount:
    """Adds up what stood after `size` versions.

    `other`: the second connection, which may have jobs of other sorts to do first; one of its own unless given.
    `told`: the figures of a usual protocol, in `record.columns`. Whatever they are, the result is the same; by the
    newest protocols unless given.
    """
    of = {"size": size, "source": source}
    figures = usual_columns(connection, record, of) if told is None else told
    parts, middle = _Parts(record), _middle(commissions)
    with nullcontext(other) if other else beside(connection) as second:
        upper = second.begin(lambda c: usual(c, record, of, figures, (middle, _LAST)))
        patterns = [usual(connection, record, of, figures, (_FIRST, middle - 1))]
        lowest, standing = parts.of_list(*listed(connection, of))
        missing = missing_stations(connection, of) if standing < parts.listed else []
        patterns.append(upper())
    found = [lowest, parts.of_annulled(annulled(connection, of)), parts.of_missing(missing)]
    found += [parts.of_pattern(protocols) for protocols in patterns]
    if parts.seen < standing:
        found += [parts.of_pattern(protocols) for protocols in unusual(connection, record, of, figures)]
    stations = connection.execute(text("SELECT COUNT(*) FROM stations")).scalar_one()
    return Recount(
        size=size,
        sums=rolled_up(found, parts.names, commissions),
        counted=parts.counted(),
        out=parts.out(),
        missing=tuple(missing),
        twice=standing_twice(connection, of) if parts.listed > stations else (),
        untold=untold_stations(connection, record, of) if parts.some_untold else (),
    )


def _middle(commissions: Mapping[int, Commission]) -> int:
    """The id of a commission before which are about as many as after it."""
    ids = sorted(commissions)
    return ids[len(ids) // 2]


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
        self.stations = self.voters = self.unlisted = 0
        #: Rows of the list, those of stations among them, and versions that were added up or are annulled.
        self.listed = self.listed_stations = self.seen = 0
        self.some_untold = False

    def of_list(self, units: Sequence[int], n: Mapping[str, Ints]) -> tuple[Lowest, int]:
        """What the list of stations says, and how many versions stand."""
        self.listed, self.listed_stations = int(n["listed"].sum()), int(n["listed_stations"].sum())
        found = {
            "stations": n["listed_stations"],
            "pseudo": n["listed"] - n["listed_stations"],
            **dict.fromkeys(self.before, n["lists"]),
            **{f"known_{name}": n["with_list"] for name in self.before},
        }
        return (units, self._table(len(units), found)), int(n["standing"].sum())

    def of_annulled(self, rows: Sequence[tuple[int, str, int]]) -> Lowest:
        """Stations whose result is annulled: without a protocol that counts, and out of the outcome."""
        self.seen += sum(n for _, _, n in rows)
        found = [{"annulled": n, "empty": n if kind == "station" else 0} for _, kind, n in rows]
        return [unit for unit, _, _ in rows], self._rows(found)

    def of_missing(self, missing: Sequence[Missing]) -> Lowest:
        """Stations without a protocol, which are awaited."""
        self.stations += len(missing)
        self.voters += sum(m.voters or 0 for m in missing)
        self.unlisted += sum(m.voters is None for m in missing)
        empty = Counter(m.commission for m in missing if m.kind == "station")
        return list(empty), self._rows([{"empty": n} for n in empty.values()])

    def of_pattern(self, protocols: Pattern) -> Lowest:
        """Protocols that all have the same figures."""
        n, told = protocols.sums, protocols.told
        self.seen += int(n["protocols"].sum())
        if told.isdisjoint(of_protocol(self.lines)):
            self.some_untold |= bool(protocols.units)
            found = {"empty": n["of_stations"]}
        else:
            ordinary = n["of_stations"]
            found = {"reported": ordinary - n["zero"], "zero": n["zero"], "pseudo_in": n["protocols"] - ordinary}
        values = {f: value for f in self.shown if (value := self._sum(f, protocols)) is not None}
        for f, value in values.items():
            found |= {f: value, f"known_{f}": n["protocols"]}
        for name, over, under in self.ratios:
            if over in values and under in values:
                found |= {f"{name}_part": values[over], f"{name}_whole": values[under]}
        self._outcome(protocols, values)
        return protocols.units, self._table(len(protocols.units), found)

    def _sum(self, figure: str, protocols: Pattern) -> Ints | None:
        parts = self.lines.parts(figure)
        if parts is None or not protocols.told.issuperset(parts):
            return None
        none = np.zeros(len(protocols.units), dtype=np.int64)
        return sum((weight * protocols.sums[c] for c, weight in parts.items()), start=none)

    def _outcome(self, protocols: Pattern, values: Mapping[str, Ints]) -> None:
        n = protocols.sums
        if self.base in values and protocols.told.issuperset(self.votes):
            self.total += int(values[self.base].sum())
            self.votes = {v: before + int(n[v].sum()) for v, before in self.votes.items()}
            return
        self.stations += int(n["protocols"].sum())
        if "registered" in values:
            self.voters += int(values["registered"].sum())
        else:
            self.voters += int(n["lists"].sum())
            self.unlisted += int(n["listless"].sum())

    def _table(self, rows: int, found: Mapping[str, Ints]) -> Ints:
        """(rows, names) from columns by name; those that are not there are 0."""
        none = np.zeros(rows, dtype=np.int64)
        return np.column_stack([found.get(name, none) for name in self.names])

    def _rows(self, found: Sequence[Mapping[str, int]]) -> Ints:
        """(rows, names) from rows by name."""
        return np.array([[row.get(n, 0) for n in self.names] for row in found], dtype=np.int64).reshape(
            -1, len(self.names)
        )

    def counted(self) -> Counted:
        """Votes of the protocols that are known as far as an outcome needs them."""
        # A protocol that does not add up may hold more votes than ballots; it is on the list of such protocols.
        base = max(self.total, sum(self.votes.values()))
        return Counted({v.removeprefix(VOTES): n for v, n in self.votes.items()}, base)

    def out(self) -> Out:
        """What is not; stations that were announced and are not listed are out as well."""
        more = max(0, (self.election.stations or 0) - self.listed_stations)
        return Out(self.stations + more, self.voters, self.unlisted + more)
