"""Method late-additions: voters put on the list on voting day, and who won where there were many."""

from __future__ import annotations

from typing import Any

import numpy as np

from tallyscope.forensics.finding import Finding
from tallyscope.forensics.movements import Ask, answer, lacking
from tallyscope.forensics.movements_figures import all_at_most, moved
from tallyscope.forensics.stations import station_figures
from tallyscope.returns.table import Returns

__all__ = ["late_additions"]

_LINE = "added"

_ALTERNATIVES = (
    "New quarters and student hostels: where people have moved in since the list was made, many are added "
    "honestly, and they are younger than their neighbours.",
    "Special lists: in some countries soldiers, prisoners, patients and officials who serve elsewhere are added "
    "by law where they are on the day.",
    "A list in bad order in one territory: its office, not its voters, decides how many have to be added.",
    "What the whole country does alike is taken as the way those added vote, unless it is too steep to be likely.",
)


def late_additions(returns: Returns) -> Finding:
    """Stations with far more voters added than is usual, and the leader's share along with them.

    `details.lists`: voters added against voters on the list. Else as `movements.answer`.
    """
    of = moved(returns, _LINE, all_at_most)
    if of is None:
        return lacking(returns, "late-additions", (_LINE,), _ALTERNATIVES)
    details = {"lists": _lists(returns)}
    return answer(Ask("late-additions", "were added to the list on the day", _LINE, _ALTERNATIVES, details), of)


def _lists(returns: Returns) -> dict[str, Any]:
    """Over all stations that report the line; some have no other list than that of those added."""
    added = station_figures(returns, [_LINE])[_LINE]
    both = station_figures(returns, [_LINE, "registered"])
    return {
        "registered": int(both["registered"].sum()),
        "added": int(added.sum()),
        "stations_with_any": int(np.count_nonzero(added)),
        "stations_above_tenth_of_list": int(np.count_nonzero(10 * both[_LINE] > both["registered"])),
    }
