"""What order-of-arrival tells beside its answer: places, stations, the drift level by level, the running share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.forensics.core.arrival import Decomposition, Largest
from tallyscope.forensics.core.arrival_units import UnitSlopes, conformal_chance, running_share, unit_slopes
from tallyscope.forensics.core.arrival_within import Slope, Swept, slope, slopes, sweep
from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.finding import Place
from tallyscope.forensics.order_of_arrival_design import Design
from tallyscope.forensics.stations import Figures, Units, dividing_level
from tallyscope.returns.table import Returns

__all__ = ["details", "places", "stations", "with_interval"]

#: Units below the upper level are told when the false discovery rate among those of their level is at most this.
_STANDS_OUT = 0.05


def with_interval(one: Slope) -> tuple[float, float, float]:
    """A slope with its 95 % interval, Student's with clusters - 1 degrees of freedom."""
    from scipy.special import stdtrit

    half = float(stdtrit(max(one.clusters - 1.0, 1.0), 0.975)) * one.se
    return one.value, one.value - half, one.value + half


def details(laid: Design, drift: Decomposition, swept: Swept, largest: Largest) -> dict[str, Any]:
    """The numbers behind the finding, JSON-ready."""
    return {
        "stations_used": int(laid.p.size),
        "places": laid.places.level,
        "errors_by": laid.clusters.level,
        "groups_of_arrival": int(np.unique(laid.arrived).size),
        "drift": {
            "total": _as_json(drift.total),
            "composition": _as_json(drift.composition),
            "within": _as_json(drift.within),
        },
        "by_level": _by_level(laid),
        "largest": {"z": largest.z, "of": "trend" if largest.column == 0 else "jump", "p_value": largest.p_value},
        "jump": _jump(laid, swept, largest),
        "running": _running(laid, drift, swept),
    }


def _as_json(one: Slope) -> dict[str, float]:
    value, low, high = with_interval(one)
    return {"points": value, "low": low, "high": high, "se": one.se}


def _by_level(laid: Design) -> list[dict[str, Any]]:
    """The drift that remains when the units of a level, and sizes, are held fixed; from the top level down."""
    rows = []
    for units in laid.levels[: laid.depth + 1]:
        held = sweep(laid.share, laid.p[:, None], laid.controls, units.of, laid.weight)
        rows.append({"level": units.level, "units": len(units.names), **_as_json(slope(held, laid.clusters.of)[0])})
    return rows


def _jump(laid: Design, swept: Swept, largest: Largest) -> dict[str, Any]:
    """The jump within places at the moment where it stands out most, and the ballots it concerns."""
    column = _jump_column(swept, laid, largest)
    after = float(laid.cuts[column - 1])
    late = laid.p > after
    one, _ = slope(swept, laid.clusters.of, column)
    value, low, high = with_interval(one)
    ballots = float(laid.ballots[late].sum())
    return {
        "after_percent_of_ballots": 100.0 * after,
        "before": _moment(laid.arrived[~late].max()),
        "after": _moment(laid.arrived[late].min()),
        "points": value,
        "low": low,
        "high": high,
        "votes": value * ballots / 100.0,
        "votes_low": low * ballots / 100.0,
        "votes_high": high * ballots / 100.0,
        "stations_after": int(late.sum()),
    }


def _jump_column(swept: Swept, laid: Design, largest: Largest) -> int:
    if largest.column:
        return largest.column
    value, se, _ = slopes(swept, laid.clusters.of)
    z = np.divide(value, se, out=np.zeros_like(value), where=se > 0)
    return 1 + int(np.argmax(np.abs(z[1:])))


def _moment(microseconds: int) -> str:
    return (
        datetime.fromtimestamp(microseconds / 1e6, UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    )


def _running(laid: Design, drift: Decomposition, swept: Swept) -> dict[str, list[float]]:
    """The running share in per cent, and what it would be by composition alone."""
    rest = swept.y - drift.within.value * swept.x[:, 0]
    one = running_share(laid.share, rest + drift.within.value * laid.p, laid.p, laid.ballots)
    return {
        "counted_percent": (100.0 * one.counted).round(3).tolist(),
        "share_percent": one.share.round(4).tolist(),
        "composition_percent": one.composition.round(4).tolist(),
    }


def places(returns: Returns, used: Figures, laid: Design, swept: Swept) -> tuple[tuple[Place, ...], dict[str, int]]:
    """Units by their drift within places, and how many units were tested, by level.

    All units of the first level that divides the election, then those of lower levels that stand out, down to the
    places themselves. The q-values are over all tested units of a level.
    """
    top = dividing_level(returns, used, laid.weight.astype(np.int64))
    found: list[Place] = []
    tested: dict[str, int] = {}
    if top is None:
        return (), {}
    own = np.arange(used.rows.size, dtype=np.int64)
    for depth in range(top, min(top + 2, laid.depth + 1)):
        units = laid.levels[depth]
        inside = own if depth == laid.depth else laid.places.of
        one = unit_slopes(swept, units.of, inside)
        tested[units.level] = int(np.isfinite(one.p_value).sum())
        found += _ranked(units, one, 1.0 if depth == top else _STANDS_OUT)
    return tuple(found), tested


def _ranked(units: Units, one: UnitSlopes, most: float) -> list[Place]:
    """Places with a q-value of at most `most`, the smallest p-value first."""
    q = q_values(one.p_value)
    return [
        Place(
            level=units.level,
            unit=units.names[i],
            value=float(one.value[i]),
            unit_of_value="points of the leader's share, first to last ballot counted",
            p_value=float(one.p_value[i]),
            q_value=float(q[i]),
            details={"se": float(one.se[i]), "effective_places": float(one.clusters[i])},
        )
        for i in np.argsort(one.p_value, kind="stable")
        if q[i] <= most
    ]


def stations(returns: Returns, used: Figures, laid: Design, swept: Swept, largest: Largest) -> pl.DataFrame:
    """One row a row of the returns: where in the count, its share, what place and size explain, its strength."""
    column = _jump_column(swept, laid, largest)
    late = laid.p > laid.cuts[column - 1]
    sign = 1.0 if slope(swept, laid.clusters.of, column)[0].value >= 0 else -1.0
    place = np.bincount(laid.places.of, weights=laid.weight)
    chance = conformal_chance(swept.y, laid.ballots, laid.weight / place[laid.places.of], late, sign)
    values: dict[str, npt.NDArray[Any]] = {
        "counted_percent": 100.0 * laid.p,
        "share_percent": laid.share,
        "expected_percent": laid.share - swept.y,
        "late": late,
        "strength": -np.log10(chance),
    }
    frame = pl.DataFrame({"row": used.rows, **values}).with_columns(pl.col("strength").fill_nan(None))
    every = pl.DataFrame({"row": np.arange(len(returns))})
    return every.join(frame, on="row", how="left", maintain_order="left").drop("row")
