"""What is measured of a movement line: where it stands out, and how the leader's share goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.concentration import upper_tails
from tallyscope.forensics.core.movements import Usual, standardised_log, usual
from tallyscope.forensics.core.movements_local import Local, local_slopes, upper_heavier
from tallyscope.forensics.core.movements_slope import Association, association, cut
from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.movements_figures import Moved

__all__ = ["LIKELY", "STANDS_OUT", "Measured", "controls", "measure", "measure_association"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: A station stands out when the false discovery rate among all stations is at most this.
STANDS_OUT = 0.01
#: Of the votes that are not the leader's, the part that honest movers may be more his than their neighbours are.
LIKELY = 0.5
#: P(N(0, 1) > this) is one in ten, one in a hundred: the upper decile and percentile of stations like one.
_DECILE, _PERCENTILE = 1.2815516, 2.3263479
#: How the 5 % of the whole test are divided: territories that are steeper, and a country that is too steep.
_TERRITORIES, _STEEP = 0.98, 0.02


@dataclass(frozen=True, eq=False)
class Measured:
    """`usual_`, `log10_p`, `q`: of every station of `of`. The rest: of those compared, None where there are none.

    `unit`: (compared,) their territories, numbered anew; `units`: the number each has in `of.territory`.
    """

    of: Moved
    usual_: Usual
    log10_p: Floats
    q: Floats
    share: float
    association: Association
    local: Local
    unit: Ints
    units: Ints
    tail: tuple[float, float]

    @cached_property
    def stands_out(self) -> npt.NDArray[np.bool_]:
        """(stations,) which have far more movement than is usual for such stations."""
        return np.asarray(self.q <= STANDS_OUT)

    @cached_property
    def leader_log10_p(self) -> Floats:
        """(stations,) log10 P of a leader's share so far above what goes with such a station; NaN: not compared."""
        from scipy.special import log_ndtr

        e = self.association.residual * np.sqrt(self.association.weight)
        scale = 1.4826 * float(np.median(np.abs(e))) if e.size else 0.0
        answer = np.full(self.of.count.size, np.nan)
        answer[self.of.compared] = log_ndtr(-e / scale) / np.log(10) if scale > 0 else 0.0
        return answer

    @property
    def likely(self) -> float:
        """The steepest slope that is still likely: `LIKELY` of the way to all of these votes being the leader's."""
        return LIKELY * (1 - self.share)

    @property
    def p_value(self) -> float:
        """Of the whole election: Bonferroni's inequality with unequal parts over the two tests."""
        return min(1.0, self.tail[1] / _TERRITORIES, self.association.p_steep / _STEEP)


def measure(of: Moved) -> Measured:
    """Fits the usual rates on all stations, and the regressions on those that serve to compare."""
    size = standardised_log(of.registered)
    fitted = usual(of.count, of.total, size, of.territory.of, of.region.of)
    log10_p = upper_tails(of.count, of.total, fitted.mean, fitted.spread)
    q = q_values(np.power(10.0, np.maximum(log10_p, -300.0)))
    keep = of.compared
    share = float(of.leader[keep].sum() / max(int(of.ballots[keep].sum()), 1))
    units, unit = np.unique(of.territory.of[keep], return_inverse=True)
    found = measure_association(of, fitted, unit, share)
    local = local_slopes(found.residual, found.dose, found.weight, unit)
    return Measured(of, fitted, log10_p, q, share, found, local, unit, units, upper_heavier(local.score))


def measure_association(of: Moved, fitted: Usual, unit: Ints, share: float) -> Association:
    """The regression of the compared stations; `unit`: (compared,) their territory from 0."""
    keep = of.compared
    y = of.leader[keep] / of.ballots[keep]
    rates = (fitted.rate(deviations)[keep] for deviations in (0.0, _DECILE, _PERCENTILE))
    pieces = cut(of.count[keep], of.total[keep], *rates)
    around = controls(of.registered[keep], y, unit)
    return association(y, of.ballots[keep], pieces, around, unit, LIKELY * (1 - share))


def controls(registered: Ints, y: Floats, unit: Ints) -> Floats:
    """What else the share honestly goes with: size, cubic, and size in territories of another mean share.

    A territory nearer to 50 % has steeper relations on the scale of shares. Turnout is no control: who is brought
    to vote raises it, and would be explained away by it.
    """
    if not y.size:
        return np.empty((0, 4))
    s = standardised_log(registered)
    mean = np.bincount(unit, y) / np.bincount(unit)
    m = (mean - mean.mean())[unit]
    return np.column_stack([s, s * s, s * s * s, s * m])
