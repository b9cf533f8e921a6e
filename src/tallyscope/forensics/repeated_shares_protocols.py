"""Protocols that agree in every line, and choices whose low counts lack zeros: details of repeated-shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tallyscope.election.roles import votes_column
from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.core.repeated_low_counts import low_counts
from tallyscope.forensics.core.repeated_protocols import Protocols, identical_protocols
from tallyscope.forensics.stations import Figures, Units
from tallyscope.returns.table import Returns

__all__ = ["identical_details", "low_count_details"]

_MOST_GROUPS = 50
#: Low counts are examined where a unit has at least so many stations with 0, 1 or 2 votes for the choice.
_FEWEST_LOW = 20
_STANDS_OUT = 0.05


def identical_details(returns: Returns, used: Figures, columns: tuple[str, ...], level: Units) -> dict[str, Any]:
    """Protocols of one unit that agree in voters, ballots, invalid ballots and the votes of every choice.

    `columns`: voters on the list, ballots issued, what shares are reckoned from, the leader's votes.
    """
    names = [c for c in (*returns.votes_columns, "invalid") if c != columns[3] and returns.has(c)]
    others = _counts(returns, used, names)
    registered, issued, cast, leader = (used[c] for c in columns)
    found = identical_protocols(Protocols(registered, issued, cast, leader, others), level.of)
    rows = returns.table.select(*returns.levels, "station")
    groups = [
        {
            "stations": [" / ".join(str(x) for x in rows.row(int(used.rows[i]))) for i in group],
            "registered": int(used[columns[0]][group[0]]),
            "votes": int(used[columns[3]][group[0]]),
        }
        for group in found.groups[:_MOST_GROUPS]
    ]
    return {
        "level": level.level,
        "pairs": found.pairs,
        "expected_at_most": found.expected,
        "p_value": found.p_value,
        "groups": groups,
    }


def low_count_details(returns: Returns, figures: Figures, levels: Sequence[Units]) -> list[dict[str, Any]]:
    """Units and choices other than the leader whose low counts lack zeros, at each of the levels.

    `figures`: every station, those with 99 % for the leader too: leaving them out would take zeros away.
    """
    leader = returns.leader
    choices = [c for c in returns.choices if leader is not None and c.id != leader.id]
    votes = _counts(returns, figures, [votes_column(c.id) for c in choices])
    return [row for level in levels for row in _low(level, votes, {i: c.name for i, c in enumerate(choices)})]


def _counts(returns: Returns, figures: Figures, columns: Sequence[str]) -> npt.NDArray[np.int64]:
    """(stations, columns), -1 where a figure is not known."""
    return returns.table.select(columns)[figures.rows].fill_null(-1).to_numpy().astype(np.int64)


def _low(level: Units, votes: npt.NDArray[np.int64], minor: dict[int, str]) -> list[dict[str, Any]]:
    """Those that stand out; q-values over all units and choices examined at this level."""
    places = len(level.names)
    found = {i: low_counts(votes[:, i], level.of, places) for i in minor}
    tested = [
        (i, u) for i, one in found.items() for u in np.flatnonzero(one.zero + one.one + one.two >= _FEWEST_LOW)
    ]
    q = q_values(np.asarray([found[i].p_value[u] for i, u in tested], dtype=np.float64))
    return [
        {
            "level": level.level,
            "unit": list(level.names[u]),
            "choice": minor[i],
            "zero": int(found[i].zero[u]),
            "one": int(found[i].one[u]),
            "two": int(found[i].two[u]),
            "p_value": float(found[i].p_value[u]),
            "q_value": float(one_q),
        }
        for (i, u), one_q in sorted(zip(tested, q, strict=True), key=lambda pair: float(pair[1]))
        if one_q <= _STANDS_OUT
    ]
