"""Method home-voting: ballots issued outside the station, and who won where there were many."""

from __future__ import annotations

from typing import Any

import numpy as np

from tallyscope.forensics.finding import Finding
from tallyscope.forensics.movements import Ask, answer, lacking
from tallyscope.forensics.movements_figures import moved
from tallyscope.forensics.stations import station_figures
from tallyscope.returns.table import Returns

__all__ = ["boxes", "home_voting"]

_LINE = "issued_outside"

_ALTERNATIVES = (
    "Who votes at home is old or ill, and the old honestly vote otherwise than the young: a leader who is theirs "
    "has more votes where more vote at home, everywhere alike.",
    "Remote places: where the station is far away the box is brought to the villages, and their whole vote is "
    "counted as home voting.",
    "Hospitals and homes for the elderly within a station's area, or days of frost or epidemic.",
    "What the whole country does alike is taken as the way its home voters vote, unless it is too steep to be "
    "likely.",
)


def home_voting(returns: Returns) -> Finding:
    """Stations with far more home voting than is usual, and the leader's share along with it.

    `details.boxes`: ballots in portable boxes against those issued for them. Else as `movements.answer`.
    """
    of = moved(returns, _LINE)
    if of is None:
        return lacking(returns, "home-voting", (_LINE,), _ALTERNATIVES)
    return answer(
        Ask("home-voting", "voted outside the station", _LINE, _ALTERNATIVES, {"boxes": boxes(returns)}), of
    )


def boxes(returns: Returns) -> dict[str, Any] | None:
    """Portable boxes against ballots issued early and outside: stations with more and with fewer, and by how many.

    None where the form has no portable boxes.
    """
    if not returns.has("portable", _LINE):
        return None
    lines = [c for c in (_LINE, "issued_early", "portable") if returns.has(c)]
    figures = station_figures(returns, lines)
    issued = sum((figures[c] for c in lines if c != "portable"), np.zeros(figures.rows.size, dtype=np.int64))
    beyond = figures["portable"] - issued
    return {
        "issued": int(issued.sum()),
        "portable": int(figures["portable"].sum()),
        "stations_with_more": int(np.count_nonzero(beyond > 0)),
        "ballots_more": int(beyond[beyond > 0].sum()),
        "stations_with_fewer": int(np.count_nonzero(beyond < 0)),
        "ballots_fewer": int(-beyond[beyond < 0].sum()),
    }
