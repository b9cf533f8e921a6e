"""The core of one election's turnout, how firmly it stands, and what the estimate would be with another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.anomalous import (
    Curves,
    anomalous_votes,
    curves_by_unit,
    ratio_below,
    ratios,
    turnout_bin,
)
from tallyscope.forensics.core.anomalous_interval import Interval, Replicates, interval, resample
from tallyscope.forensics.core.core_finder import CoreFinder, plausible_cores
from tallyscope.forensics.finding import Condition
from tallyscope.forensics.stations import Figures, dividing_level, units_at
from tallyscope.returns.table import Returns

__all__ = ["LEVEL", "CoreStudy", "conditions", "estimate_interval", "sensitivity", "study_core"]

#: Coverage of the interval.
LEVEL = 0.95
_DRAWS, _SEED = 400, 2024
#: Units drawn anew: at least so many, none with more than this share of the ballots.
_UNITS, _LARGEST = 20, 0.3
#: Where no level has such units: so many runs of stations that follow one another in the file.
_RUNS = 40
#: What a core has to fulfil; see `conditions`. The bounds lie between what was measured where nobody disputes the
#: core (Russia 2004-2018, Georgia 2013, Turkey 2017, Spain 2019, Albania 2017, clean simulations) and Russia 2024.
_WIDEST, _BELOW, _UNEVEN, _NEAR, _STEADY, _IN_CORE = 0.15, 0.70, 0.20, 5, 0.75, 20


@dataclass(frozen=True, eq=False)
class CoreStudy:
    """`curves`: one row. `ratio`, `votes`: (bins,) c and anomalous votes with the core in each bin, NaN where the
    others have none. `plausible`: (bins,) bool. `window`, `mean`, `width`: of the hump, NaN if the fit failed."""

    curves: Curves
    core: int
    window: tuple[int, int]
    mean: float
    width: float
    fitted: bool
    ratio: npt.NDArray[np.float64]
    votes: npt.NDArray[np.float64]
    plausible: npt.NDArray[np.bool_]
    replicates: Replicates
    units: str
    units_drawn: int
    stations_in_core: int


def study_core(returns: Returns, used: Figures, leader: str, finder: CoreFinder) -> CoreStudy | None:
    """Finds the core and draws territorial units anew; None if no bin has a ballot for anybody but the leader."""
    of, units, name = _drawn_units(returns, used)
    by_unit = curves_by_unit(used["registered"], used["cast"], used[leader], of, units)
    whole = by_unit.total()
    found = finder(whole)
    core = int(found.core[0])
    if core < 0 or whole.others[0, core] <= 0:
        return None
    ratio = ratios(whole)[0]
    return CoreStudy(
        curves=whole,
        core=core,
        window=(int(found.low[0]), int(found.high[0])),
        mean=float(found.mean[0]),
        width=float(found.width[0]),
        fitted=bool(found.converged[0]),
        ratio=ratio,
        votes=anomalous_votes(whole, ratio),
        plausible=plausible_cores(whole, found.core)[0],
        replicates=resample(by_unit, core, finder, draws=_DRAWS, seed=_SEED),
        units=name,
        units_drawn=units,
        stations_in_core=int(np.sum(turnout_bin(used["registered"], used["cast"]) == core)),
    )


def _drawn_units(returns: Returns, used: Figures) -> tuple[npt.NDArray[np.int64], int, str]:
    """(stations,) the unit of each station, how many there are, and what they are."""
    depth = dividing_level(returns, used, used["cast"], units=_UNITS, largest=_LARGEST)
    if depth is not None:
        units = units_at(returns, used, depth)
        return units.of, len(units.names), units.level
    stations = used.rows.size
    return np.arange(stations) * _RUNS // max(stations, 1), _RUNS, "run of neighbouring stations"


def conditions(study: CoreStudy) -> tuple[Condition, ...]:
    """Whether the core is where a core can be, measured."""
    core, others = study.core, study.curves.others[0]
    below = float(others[:core].sum() / others.sum())
    ratio, lower = float(study.ratio[core]), ratio_below(study.curves, core)
    even = bool(np.isfinite(lower) and abs(lower - ratio) <= _UNEVEN * ratio)
    steady = float(np.mean(np.abs(study.replicates.cores - core) <= _NEAR))
    narrow = study.fitted and study.width <= _WIDEST
    return (
        Condition(
            f"At least {_IN_CORE} stations have the turnout of the core",
            study.stations_in_core >= _IN_CORE,
            f"{study.stations_in_core:,} stations between {core} and {core + 1} %",
        ),
        Condition(
            f"The others' ballots form a hump at most {100 * _WIDEST:.0f} points wide (one standard deviation)",
            narrow,
            f"{100 * study.width:.1f} points wide" if study.fitted else "the fit of two Gaussians failed",
        ),
        Condition(
            f"At most {_BELOW:.0%} of the others' ballots were cast at a turnout below the core",
            below <= _BELOW,
            f"{below:.0%} below {core} %",
        ),
        Condition(
            f"Below the core the leader's ratio to the others is within {_UNEVEN:.0%} of that in the core",
            even,
            f"{ratio:.2f} in the core, {lower:.2f} below it",
        ),
        Condition(
            f"The core stays within {_NEAR} points in {_STEADY:.0%} of the draws when units are drawn anew",
            steady >= _STEADY,
            f"{steady:.0%} of {_DRAWS} draws of {study.units_drawn:,} units (unit: {study.units})",
        ),
    )


def estimate_interval(study: CoreStudy) -> Interval:
    """The interval that carries the ratio's sampling and the choice of the core; the estimate itself lies in it."""
    value, draws = float(study.votes[study.core]), study.replicates
    found = interval(draws.estimates, draws.weights, LEVEL)
    return Interval(min(found.low, value), max(found.high, value), LEVEL)


def sensitivity(study: CoreStudy) -> dict[str, Any]:
    """The estimate at every core, over plausible cores alone, and over draws alone; JSON-ready."""
    others, draws = study.curves.others[0], study.replicates
    bins = np.flatnonzero(others >= 0.05 * others.max())
    plausible = np.flatnonzero(study.plausible)
    sampled = interval(draws.fixed, np.ones(draws.fixed.size), LEVEL)
    cores, counts = np.unique(draws.cores, return_counts=True)
    return {
        "by_core": [
            {"core": int(b), "votes": float(study.votes[b]), "plausible": bool(study.plausible[b])} for b in bins
        ],
        "core_choice": {
            "lowest_core": int(plausible.min()),
            "highest_core": int(plausible.max()),
            "low": float(study.votes[plausible].min()),
            "high": float(study.votes[plausible].max()),
        },
        "resampling": {
            "low": sampled.low,
            "high": sampled.high,
            "level": LEVEL,
            "unit": study.units,
            "units": study.units_drawn,
            "draws": _DRAWS,
            "seed": _SEED,
        },
        "cores_of_draws": {str(int(core)): int(n) for core, n in zip(cores, counts, strict=True)},
    }
