"""The second path: a state of the count added up anew from the record with plain SQL.

It knows the versions and their figures, and nothing of the sums that are kept, of `standing`, or of Returns: what
stands after `size` versions are those of the first `size` that none of them supersedes. Protocols with a gap are
added up apart, those that lack the same lines together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from tallyscope.election.outcome import Counted, Out
from tallyscope.election.roles import VOTES
from tallyscope.ledger.bulletins.statements import (
    grouped,
    lines_of,
    of_protocol,
    standing_twice,
    untold_stations,
    with_gaps,
)
from tallyscope.ledger.bulletins.sums import Sums, rolled_up
from tallyscope.ledger.bulletins.tree import Commission
from tallyscope.ledger.record import Record
from tallyscope.ledger.version import Source

__all__ = ["Recount", "recount"]

Ints = npt.NDArray[np.int64]


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
    ids, counts, figures = grouped(connection, record, of)
    lowest = list(zip(ids, parts.of_groups(counts, figures), strict=True))
    lowest += [(row["commission"], parts.of_pattern(row)) for row in with_gaps(connection, record, of)]
    stations = connection.execute(text("SELECT COUNT(*) FROM stations")).scalar_one()
    more = int(counts["listed"].sum()) > stations
    return Recount(
        size=size,
        sums=rolled_up(lowest, parts.names, commissions),
        counted=parts.counted(),
        out=parts.out(),
        twice=standing_twice(connection, of) if more else (),
        untold=untold_stations(connection, record, of) if parts.some_untold else (),
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
        self.some_untold = False

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

    def of_pattern(self, row: Mapping[Any, Any]) -> list[int]:
        """(names,) of the protocols of one commission and kind that have no figure on the same lines."""
        n, lost = int(row["protocols"]), row["lost"]
        figures = {
            c: None if gone == "1" else int(row[c] or 0) for c, gone in zip(self.lines.columns, lost, strict=True)
        }
        values = {f: self.lines.value(f, figures) for f in self.shown}
        told = any(figures[c] is not None for c in of_protocol(self.lines))
        zero = int(row["zero"] if values["cast"] is not None else row["all_zero"])
        if row["kind"] != "station":
            found = {"pseudo_in": n if told else 0}
        else:
            found = {"zero": zero, "reported": n - zero} if told else {"empty": n}
        for f, value in values.items():
            found |= {f: value or 0, f"known_{f}": n if value is not None else 0}
        for name, over, under in self.ratios:
            part, whole = values[over], values[under]
            if part is not None and whole is not None:
                found |= {f"{name}_part": part, f"{name}_whole": whole}
        self.some_untold |= not told
        self._outcome(figures, values, row)
        return [found.get(name, 0) for name in self.names]

    def _outcome(
        self, figures: Mapping[str, int | None], values: Mapping[str, int | None], row: Mapping[Any, Any]
    ) -> None:
        base, votes, listed = values[self.base], [figures[v] for v in self.votes], values["registered"]
        if base is not None and None not in votes:
            self.total += base
            self.votes = {v: n + (figures[v] or 0) for v, n in self.votes.items()}
            return
        self.stations += int(row["protocols"])
        self.voters += int(row["lists"] or 0) if listed is None else listed
        self.unlisted += int(row["listless"]) if listed is None else 0

    def counted(self) -> Counted:
        """Votes of the protocols that are known as far as an outcome needs them."""
        # A protocol that does not add up may hold more votes than ballots; it is on the list of such protocols.
        base = max(self.total, sum(self.votes.values()))
        return Counted({v.removeprefix(VOTES): n for v, n in self.votes.items()}, base)

    def out(self) -> Out:
        """What is not; stations that were announced and are not listed are out as well."""
        more = max(0, (self.election.stations or 0) - self.listed)
        return Out(self.stations + more, self.voters, self.unlisted + more)
