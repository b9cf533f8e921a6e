"""What must be so before a bulletin is released: every violation is a sentence, and one is enough to refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from tallyscope.ledger.bulletins.state import State
from tallyscope.ledger.bulletins.statements import STANDS, lines_of, quoted
from tallyscope.ledger.bulletins.sums import Sums, rolled_up
from tallyscope.ledger.bulletins.unbalanced import holds
from tallyscope.ledger.record import Record

__all__ = ["broken", "changed_without_record", "disagreements"]

Ints = npt.NDArray[np.int64]
_NATION = "the whole count"


def _names(state: State) -> list[str]:
    return [" / ".join(c.path) or _NATION for c in state.commissions.values()]


def disagreements(record: Record, kept: Sums, state: State) -> Iterator[str]:
    """Where the first path (the sums that are `kept`) and the second do not say the same."""
    names = _names(state)
    for part in record.parts:
        first, second = kept.column(part), state.counted.sums.column(part)
        for i in np.flatnonzero(first != second):
            yield (
                f"{names[i]}: {part} is {first[i]:,} by the sums that are kept and {second[i]:,} added up anew "
                "from the record."
            )


def broken(record: Record, state: State) -> Iterator[str]:
    """One standing protocol a station, no more protocols than stations, no share above 100, sums that add up."""
    sums, names = state.counted.sums, _names(state)
    yield from (f"station {key!r} has more than one protocol that stands." for key in state.counted.twice)
    for i in np.flatnonzero(sums.column("reported") + sums.column("zero") > sums.column("stations")):
        yield f"{names[i]}: more protocols processed than there are stations."
    for choice in record.election.choices:
        part, whole = (sums.column(f"share_{choice.id}_{which}") for which in ("part", "whole"))
        for i in np.flatnonzero(part > whole):
            yield f"{names[i]}: {choice.name} would have more than 100 % ({part[i]:,} of {whole[i]:,})."
    yield from _relations(record, state, names)


def _relations(record: Record, state: State, names: list[str]) -> Iterator[str]:
    """The form's hard relations are sums: they hold of a unit as of its protocols, but for those listed."""
    sums, hard = state.counted.sums, lines_of(record).hard
    codes = tuple(relation.code for relation, _ in hard)
    by = [[u.by if u.relation == code else 0 for code in codes] for u in state.unbalanced]
    listed = [u.commission for u in state.unbalanced], np.array(by, dtype=np.int64).reshape(len(by), len(codes))
    excused = rolled_up([listed], codes, state.commissions)
    protocols = sums.column("reported") + sums.column("zero") + sums.column("pseudo_in")
    for relation, parts in hard:
        residual = -excused.column(relation.code)
        known = np.ones_like(residual, dtype=np.bool_)
        for column, weight in parts.items():
            residual = residual + weight * sums.column(column)
            known &= sums.column(f"known_{column}") == protocols
        for i in np.flatnonzero(known & (residual != 0)):
            if not holds(relation, int(residual[i])):
                what = f"{relation.code}, {relation.expression}"
                yield f"{names[i]}: {what}, fails of the totals by {residual[i]:+,}."


def changed_without_record(
    connection: Connection, record: Record, state: State, before: Mapping[str, Any], since: int
) -> Iterator[str]:
    """Figures that are not what was published plus what was accepted since. `before`: the last bulletin's body.

    What came in new can only add; so a figure that falls without a correction on the list is among these.
    """
    came, gone = _moved(connection, record, state, since)
    names = _names(state)
    published = _published(record, state, before)
    for at, column in enumerate(record.columns):
        now, was = state.counted.sums.column(column), published[:, at]
        expected = was + came.column(column) - gone.column(column)
        for i in np.flatnonzero(now != expected):
            what = "fell without a correction" if now[i] < was[i] else "changed by more than what came in"
            yield f"{names[i]}: {column} {what}: {was[i]:,} was published, {now[i]:,} would be now."


def _published(record: Record, state: State, before: Mapping[str, Any]) -> Ints:
    """(commissions, figures) as the last bulletin has them; what it did not know is 0."""
    at = {name: i for i, name in enumerate(before["units"]["columns"])}
    rows = {tuple(row[at["path"]]): row for row in before["units"]["rows"]}
    wanted = [at[c] for c in record.columns]
    return np.array([[rows[c.path][i] or 0 for i in wanted] for c in state.commissions.values()], dtype=np.int64)


def _moved(connection: Connection, record: Record, state: State, since: int) -> tuple[Sums, Sums]:
    """Sums of the figures that began to stand after `since` versions, and of those that stood and do so no more."""
    figures = ", ".join(f"CAST(COALESCE(SUM({f}), 0) AS BIGINT)" for f, _ in quoted(connection, record).values())
    of = {"since": since, "size": state.counted.size, "source": "official"}
    came = f"versions v WHERE {STANDS} AND v.number >= :since"
    gone = """versions w JOIN versions v ON v.number = w.supersedes
        WHERE w.source = :source AND w.number >= :since AND w.number < :size AND v.number < :since"""
    found = []
    for which in (came, gone):
        statement = f"""SELECT s.commission, {figures} FROM (SELECT v.station, v.number, v.stage FROM {which}) v
            JOIN stations s ON s.id = v.station JOIN figures f ON f.version = v.number
            WHERE v.stage <> 'annulled' GROUP BY s.commission"""
        rows = np.array([tuple(row) for row in connection.execute(text(statement), of)], dtype=np.int64)
        rows = rows.reshape(-1, 1 + len(record.columns))
        found.append(rolled_up([(rows[:, 0].tolist(), rows[:, 1:])], record.columns, state.commissions))
    return found[0], found[1]
