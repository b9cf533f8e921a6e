"""What must be so before a bulletin is released: every violation is a sentence, and one is enough to refuse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, text

from tallyscope.ledger.bulletins.lines import weighted
from tallyscope.ledger.bulletins.recount import STANDS, lines_of, quoted
from tallyscope.ledger.bulletins.state import State
from tallyscope.ledger.bulletins.stations import Unbalanced, holds
from tallyscope.ledger.bulletins.tree import Commission, rolled_up
from tallyscope.ledger.record import Record

__all__ = ["broken", "changed_without_record", "disagreements"]

_NATION = "the whole count"


def _name(commission: Commission) -> str:
    return " / ".join(commission.path) or _NATION


def disagreements(record: Record, kept: Mapping[int, Mapping[str, int]], state: State) -> Iterator[str]:
    """Where the first path (the sums that are `kept`, by commission) and the second do not say the same."""
    for id, commission in state.commissions.items():
        for part in record.parts:
            first, second = kept.get(id, {}).get(part, 0), state.counted.sums[id].get(part, 0)
            if first != second:
                yield (
                    f"{_name(commission)}: {part} is {first:,} by the sums that are kept and {second:,} added up "
                    f"anew from the record."
                )


def broken(record: Record, state: State) -> Iterator[str]:
    """One standing protocol a station, no more protocols than stations, no share above 100, sums that add up."""
    counted, commissions = state.counted, state.commissions
    yield from (f"station {key!r} has more than one protocol that stands." for key in counted.twice)
    excused = _residuals(commissions, state.unbalanced)
    for id, commission in commissions.items():
        sums, where = counted.sums[id], _name(commission)
        if not sums:
            continue
        if sums["reported"] + sums["zero"] > sums["stations"]:
            yield f"{where}: more protocols processed than there are stations."
        yield from _shares(record, sums, where)
        yield from _relations(record, sums, where, excused[id])


def _shares(record: Record, sums: Mapping[str, int], where: str) -> Iterator[str]:
    for choice in record.election.choices:
        part, whole = (sums[f"share_{choice.id}_{which}"] for which in ("part", "whole"))
        if part > whole:
            yield f"{where}: {choice.name} would have more than 100 % ({part:,} of {whole:,})."


def _residuals(
    commissions: Mapping[int, Commission], unbalanced: Iterable[Unbalanced]
) -> dict[int, Mapping[str, int]]:
    """Commission -> relation -> by how much the protocols that are listed break it, together."""
    lowest = ((one.commission, {one.relation: one.by}) for one in unbalanced)
    return dict(rolled_up(lowest, commissions))


def _relations(record: Record, sums: Mapping[str, int], where: str, excused: Mapping[str, int]) -> Iterator[str]:
    """The form's hard relations are sums: they hold of a unit as of its protocols, but for those listed."""
    protocols = sums["reported"] + sums["zero"] + sums["pseudo_in"]
    for relation, parts in lines_of(record).hard:
        if any(sums[f"known_{column}"] != protocols for column in parts):
            continue
        residual = (weighted(parts, sums) or 0) - excused.get(relation.code, 0)
        if not holds(relation, residual):
            yield f"{where}: {relation.code}, {relation.expression}, fails of the totals by {residual:+,}."


def changed_without_record(
    connection: Connection, record: Record, state: State, before: Mapping[str, Any], since: int
) -> Iterator[str]:
    """Figures that are not what was published plus what was accepted since. `before`: the last bulletin's body.

    What came in new can only add; so a figure that falls without a correction on the list is among these.
    """
    moved = _moved(connection, record, state, since)
    at = {name: i for i, name in enumerate(before["units"]["columns"])}
    published = {tuple(row[at["path"]]): row for row in before["units"]["rows"]}
    for id, commission in state.commissions.items():
        row, sums = published.get(commission.path), state.counted.sums[id]
        if row is None or not sums:
            continue
        for column in record.columns:
            now, added = sums[column], moved[id].get(f"after {column}", 0)
            was, taken = row[at[column]] or 0, moved[id].get(f"before {column}", 0)
            if now != was + added - taken:
                fallen = "fell without a correction" if now < was else "changed by more than what came in"
                yield f"{_name(commission)}: {column} {fallen}: {was:,} was published, {now:,} would be now."


def _moved(connection: Connection, record: Record, state: State, since: int) -> dict[int, dict[str, int]]:
    """Sums of the figures that began to stand after `since` versions, and of those that stood and do so no more."""
    names = quoted(connection, record)
    sums = ", ".join(f"SUM({f}) AS {name}" for f, name in names.values())
    now = f"{STANDS} AND v.number >= :since"
    gone = """v.source = :source AND v.number < :since AND EXISTS
        (SELECT 1 FROM versions w WHERE w.supersedes = v.number AND w.number >= :since AND w.number < :size)"""
    found: list[tuple[int, dict[str, int]]] = []
    for prefix, which in (("after", now), ("before", gone)):
        statement = f"""SELECT s.commission AS unit, {sums} FROM versions v JOIN stations s ON s.id = v.station
            JOIN figures f ON f.version = v.number WHERE v.stage <> 'annulled' AND {which} GROUP BY s.commission"""
        rows = connection.execute(
            text(statement), {"since": since, "size": state.counted.size, "source": "official"}
        ).mappings()
        found += [(r["unit"], {f"{prefix} {c}": int(r[c] or 0) for c in record.columns}) for r in rows]
    return rolled_up(found, state.commissions)
