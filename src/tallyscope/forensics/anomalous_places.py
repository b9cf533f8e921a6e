"""Where anomalous votes are: every region, the units below that stand out, and each station."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.forensics.anomalous_study import Ratio, Study
from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.core.stuffing_axis import votes_for_shift
from tallyscope.forensics.core.stuffing_test import unit_tests
from tallyscope.forensics.finding import Place
from tallyscope.forensics.stations import Figures, Units
from tallyscope.returns.table import Returns

__all__ = ["places", "station_frame"]

Floats = npt.NDArray[np.float64]

#: Units below the regions are told when the false discovery rate among those of their level is at most this.
_STANDS_OUT = 0.05
_NORMAL = 1.6449


def places(study: Study, leader: str) -> tuple[tuple[Place, ...], dict[str, int]]:
    """Regions by their votes, which add up to the estimate; units below that stand out; how many were tested."""
    units, below = study.groups.units, study.groups.below
    if units is None:
        return (), {}
    found, tested = _regions(study, units), {units.level: len(units.names)}
    if below is not None:
        found += _below(study, below, leader)
        tested[below.level] = len(below.names)
    return tuple(found), tested


def _regions(study: Study, units: Units) -> list[Place]:
    """A unit too small for a core of its own has its part of what such units have together."""
    count = len(units.names)
    group = np.zeros(count, dtype=np.int64)
    group[units.of] = study.groups.of
    home = np.bincount(units.of, _at_home(study), count)
    part = home / np.maximum(np.bincount(group, home, study.groups.count), 1)[group]
    votes, sd = study.regions.by_group[group] * part, study.regions.sd[group] * part
    alone = np.bincount(group, minlength=study.groups.count)[group] == 1
    p = np.where(alone, study.group_p[group], np.nan)
    q = q_values(p)
    stations = np.bincount(units.of, minlength=count)
    return [
        Place(
            level=units.level,
            unit=units.names[i],
            value=float(votes[i]),
            unit_of_value="votes",
            p_value=None if np.isnan(p[i]) else float(p[i]),
            q_value=None if np.isnan(q[i]) else float(q[i]),
            details={
                "stations": int(stations[i]),
                "low": float(votes[i] - _NORMAL * sd[i]),
                "high": float(votes[i] + _NORMAL * sd[i]),
            },
        )
        for i in np.argsort(-votes, kind="stable")
    ]


def _below(study: Study, units: Units, leader: str) -> list[Place]:
    count, used = len(units.names), study.stations
    test = unit_tests(study.axis.position, study.weight, units.of, count)
    q = q_values(test.p_value)
    chosen = np.flatnonzero(q <= _STANDS_OUT)
    voters, cast, mine = (
        np.bincount(units.of, used[c], count)[chosen].astype(np.float64) for c in ("registered", "cast", leader)
    )
    votes = voters * votes_for_shift(study.axis, test.position[chosen], cast / voters, mine / voters)
    stations = np.bincount(units.of, minlength=count)
    return [
        Place(
            level=units.level,
            unit=units.names[i],
            value=float(votes[k]),
            unit_of_value="votes",
            p_value=float(test.p_value[i]),
            q_value=float(q[i]),
            details={"stations": int(stations[i]), "position": float(test.position[i])},
        )
        for k, i in sorted(enumerate(chosen), key=lambda pair: -votes[pair[0]])
    ]


def _at_home(study: Study) -> Floats:
    return np.asarray(study.stations["registered"] - study.stations["cast"], dtype=np.float64)


def station_frame(returns: Returns, used: Figures, leader: str, ratio: Ratio, study: Study | None) -> pl.DataFrame:
    """A row a row of the Returns.

    `turnout_bin`; `votes_beyond_ratio`: the leader's beyond the flat core's ratio to all others; `position`: on the
    axis of stuffing, in standard deviations from the middle of the region; `strength`: -log10 of the chance of a
    position at least as high.
    """
    from scipy.special import log_ndtr

    from tallyscope.forensics.core.anomalous import turnout_bin

    others = used["cast"] - used[leader]
    known = pl.DataFrame(
        {
            "row": used.rows,
            "turnout_bin": turnout_bin(used["registered"], used["cast"]),
            "votes_beyond_ratio": used[leader] - float(ratio.flat.ratio[0]) * others,
        }
    )
    every = pl.DataFrame({"row": np.arange(len(returns))})
    frame = every.join(known, on="row", how="left", maintain_order="left")
    rows = np.empty(0, dtype=np.int64) if study is None else study.stations.rows
    position = np.empty(0) if study is None else study.axis.position
    strength = np.asarray(-log_ndtr(-position) / np.log(10))
    placed = pl.DataFrame({"row": rows, "position": position, "strength": strength})
    return frame.join(placed, on="row", how="left", maintain_order="left").drop("row")
