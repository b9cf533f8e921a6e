"""Protocols that agree in every line, and choices whose low counts lack zeros: details of repeated-shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.core.repeated_low_counts import low_counts
from tallyscope.forensics.core.repeated_protocols import Protocols, identical_protocols
from tallyscope.forensics.stations import Figures, Units
from tallyscope.returns.table import Returns

__all__ = ["protocol_details"]

_MOST_GROUPS = 50
#: Low counts are examined where a unit has at least so many stations with 0, 1 or 2 votes for the choice.
_FEWEST_LOW = 20
_STANDS_OUT = 0.05


def protocol_details(
    returns: Returns, used: Figures, columns: tuple[str, ...], levels: Sequence[Units]
) -> dict[str, Any]:
    """`identical_protocols` within units of the first of `levels`; `low_counts` in units of each of them."""
    votes = returns.table.select(returns.votes_columns)[used.rows].fill_null(-1).to_numpy().astype(np.int64)
    leader = returns.votes_columns.index(columns[3])
    minor = {i: c.name for i, c in enumerate(returns.choices) if i != leader}
    return {
        "identical_protocols": _identical(returns, used, columns, levels[0], np.delete(votes, leader, axis=1)),
        "low_counts": [row for level in levels for row in _low(level, votes, minor)],
    }


def _identical(
    returns: Returns, used: Figures, columns: tuple[str, ...], level: Units, others: Any
) -> dict[str, Any]:
    if returns.has("invalid"):
        invalid = returns.table["invalid"].gather(used.rows).fill_null(-1).to_numpy().astype(np.int64)
        others = np.column_stack([others, invalid])
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


def _low(level: Units, votes: Any, minor: dict[int, str]) -> list[dict[str, Any]]:
    """Units and choices whose low counts lack zeros; q-values over all units and choices examined at this level."""
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
