"""Where the leader's share goes with a movement line more steeply than elsewhere: regions, some territories."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.movements_local import region_slopes
from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.finding import Place
from tallyscope.forensics.movements_measure import Measured
from tallyscope.forensics.stations import Units

__all__ = ["places"]

Floats = npt.NDArray[np.float64]

#: Units below the upper level are told when the false discovery rate among those of their level is at most this.
_STANDS_OUT = 0.05


def places(measured: Measured) -> tuple[Place, ...]:
    """All units of the level that divides the election, the steepest first; territories that stand out.

    Both are held against the middle slope of all units (or none, where that is negative) and their honest spread.
    A place's value is the votes that its slope gives the leader with the movement above what is usual.
    """
    of = measured.of
    lower = _territories(measured)
    if not of.region.level:
        return lower
    if of.region.level == of.territory.level:
        return _ranked(measured, of.territory, *_territory_tests(measured), 1.0)
    a = measured.association
    units, upper = np.unique(of.region.of[of.compared], return_inverse=True)
    slopes = region_slopes(a.residual, a.dose, a.weight, measured.unit, upper)
    p, slope, error = (np.full(len(of.region.names), np.nan) for _ in range(3))
    p[units], slope[units], error[units] = slopes.p_value, slopes.slope, slopes.error
    return _ranked(measured, of.region, slope, error, p, 1.0) + lower


def _territories(measured: Measured) -> tuple[Place, ...]:
    if not measured.of.territory.level:
        return ()
    return _ranked(measured, measured.of.territory, *_territory_tests(measured), _STANDS_OUT)


def _territory_tests(measured: Measured) -> tuple[Floats, Floats, Floats]:
    """Slopes, no errors, and P of a score at least as high, scores set to the middle and spread of all of them."""
    from scipy.special import ndtr

    score = measured.local.score
    told = score[~np.isnan(score)]
    middle = float(np.median(told)) if told.size else 0.0
    spread = max(1.0, 1.4826 * float(np.median(np.abs(told - middle)))) if told.size else 1.0
    size = len(measured.of.territory.names)
    slope, p = np.full(size, np.nan), np.full(size, np.nan)
    slope[measured.units] = measured.local.slope
    p[measured.units] = ndtr(-(score - max(middle, 0.0)) / spread)
    return slope, np.full(size, np.nan), p


def _ranked(
    measured: Measured, units: Units, slope: Floats, error: Floats, p: Floats, most: float
) -> tuple[Place, ...]:
    of, q = measured.of, q_values(p)
    size = len(units.names)
    beyond = np.maximum(of.count - of.total * measured.usual_.rate(0.0), 0.0)
    count, total, above = (np.bincount(units.of, v, minlength=size) for v in (of.count, of.total, beyond))
    stations = np.bincount(units.of, minlength=size)
    out = np.bincount(units.of, measured.stands_out, minlength=size)
    order = np.argsort(np.where(np.isnan(p), 2.0, p), kind="stable")
    return tuple(
        Place(
            level=units.level,
            unit=units.names[i],
            value=float(np.nan_to_num(slope[i]) * above[i]),
            unit_of_value="votes",
            p_value=None if np.isnan(p[i]) else float(p[i]),
            q_value=None if np.isnan(q[i]) else float(q[i]),
            details={
                "stations": int(stations[i]),
                "count": int(count[i]),
                "of": int(total[i]),
                "above_usual": float(above[i]),
                "stations_standing_out": int(out[i]),
                "slope": None if np.isnan(slope[i]) else float(slope[i]),
                "slope_error": None if np.isnan(error[i]) else float(error[i]),
            },
        )
        for i in order
        if most >= 1.0 or q[i] <= most
    )
