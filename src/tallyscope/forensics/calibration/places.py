"""Where a mechanism acts in a study: three kinds of place, the same for every mechanism and election."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallyscope.returns.table import Returns
    from tallyscope.simulation.site import Site

__all__ = ["PLACES", "site"]

#: Name in studies -> what it is, for people.
PLACES = {
    "all": "at all stations",
    "scattered": "at 30 % of the stations, scattered",
    "territories": "in a fifth of the territories, at all their stations",
}


def site(place: str, returns: Returns) -> Site:
    """The Site of one of PLACES. Raises LookupError for another name.

    A territory is a unit of the lowest level that has at least five stations a unit; where every level has fewer,
    of the top one.
    """
    from tallyscope.simulation.site import Site

    match place:
        case "all":
            return Site()
        case "scattered":
            return Site(share_of_stations=0.3)
        case "territories":
            return Site(level=_territories(returns), share_of_units=0.2)
    raise LookupError(f"there is no place {place!r}; there are: {', '.join(PLACES)}")


def _territories(returns: Returns) -> str | None:
    for depth in range(len(returns.levels), 0, -1):
        units = returns.table.select(returns.levels[:depth]).n_unique()
        if len(returns) >= 5 * units:
            return returns.levels[depth - 1]
    return None
