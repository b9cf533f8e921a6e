"""The clean countries on which every method's errors are measured: with and without places that differ.

Published false alarms of the field are on 90,000 stations, with turnout and share independent or correlated at .47;
here each is also drawn with regions and territories that differ honestly. Total spreads are the same throughout.
"""

from __future__ import annotations

from dataclasses import replace
from math import hypot

from tallyscope.simulation.spec import Behaviour, CleanSpec, Effect

__all__ = ["CLEAN_DESIGNS", "CORRELATION", "clean_design"]

#: The correlation of turnout and share in the published synthetic country.
CORRELATION = 0.47
CLEAN_DESIGNS = ("independent", "correlated", "territories", "territories-correlated")


def clean_design(name: str, *, stations: int = 90_000, regions: int = 83) -> CleanSpec:
    """The spec of one of `CLEAN_DESIGNS`. Raises LookupError for another name."""
    if name not in CLEAN_DESIGNS:
        raise LookupError(f"there is no clean design {name!r}; there are: {', '.join(CLEAN_DESIGNS)}")
    behaviour = Behaviour() if name.startswith("territories") else _without_places(Behaviour())
    behaviour = behaviour.with_correlation(CORRELATION if name.endswith("correlated") else 0.0)
    return CleanSpec(stations=stations, regions=regions, behaviour=behaviour)


def _without_places(behaviour: Behaviour) -> Behaviour:
    """The same spreads over all stations, none of it between regions or territories."""
    spreads = [(e.turnout, e.share) for e in behaviour.effects]
    turnout, share = (hypot(*column) for column in zip(*spreads, strict=True))
    none = Effect(0.0, 0.0)
    return replace(behaviour, region=none, territory=none, station=Effect(turnout, share))
