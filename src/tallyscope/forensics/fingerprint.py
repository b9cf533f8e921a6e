"""Method fingerprint: f_i, f_e and alpha of the joint shape of turnout and share; the arithmetic is in `core`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.fingerprint_fit import Fit, fit, spread_of_estimates
from tallyscope.forensics.core.fingerprint_mirror import (
    Asymmetry,
    asymmetry,
    between,
    cluster_test,
    diagonal,
)
from tallyscope.forensics.core.fingerprint_model import THETA, Grid, histogram
from tallyscope.forensics.core.fingerprint_recipe import Recipe, recipe
from tallyscope.forensics.finding import Condition, Estimate, Finding
from tallyscope.forensics.fingerprint_places import asymmetry_places
from tallyscope.forensics.fingerprint_stations import Stations, frame_of, general_conditions, refusal, stations_of
from tallyscope.forensics.methods import method
from tallyscope.returns.table import Returns

__all__ = ["fingerprint", "mirrored_strength"]

Floats = npt.NDArray[np.float64]

#: Half a 90 % interval in standard errors.
_HALF = 1.644854
_LEVEL = 0.90
#: With more stations than this fitted as anything but honest, what honest ones look like cannot be told.
_MOST = 0.8

_ALTERNATIVES = (
    "Small closed stations (hospitals, barracks, ships, prisons) where everybody votes, and votes alike, lie in "
    "the same corner as stations to which ballots were added.",
    "Villages, and minorities that vote together, can honestly lie above their territory in both turnout and share "
    "without others lying as far below it.",
    "f_i counts stations, not votes, and only of additions as large as those modelled (theta .4 of the voters who "
    "stayed at home): many small additions look like honest spread and are not counted.",
    "What raises every station of a territory alike cannot be told from honest geography within it; it is seen, if "
    "at all, between territories.",
)


def fingerprint(returns: Returns) -> Finding:
    """Fits the joint density of turnout and share, and tests whether stations lean to the upper corner alone.

    The estimate is f_i of the joint model with 90 % limits that let places vary; the p-value is of the mirrored
    country (stations in territories, territories in regions; Šidák over both). `details`: `model` (f_i, f_e, alpha,
    theta, the honest core), `published_recipe`, `asymmetry`, `stations_used`.
    """
    stations = stations_of(returns)
    asked = general_conditions(returns, stations)
    if stations is None or not all(c.met for c in asked):
        used = 0 if stations is None else int(stations.used.rows.size)
        return _finding(asked, refusal(asked), {"stations_used": used})
    tests = _tests(stations)
    p = 1 - (1 - min(t.p_value for t in tests.values())) ** len(tests)
    grid = _grid(stations)
    found = fit(grid)
    model = _model(found, grid, stations)
    published = recipe(stations.registered, stations.cast, stations.leader, stations.cluster.of)
    details = {
        "stations_used": int(stations.used.rows.size),
        "leader": stations.choice.id,
        "model": model,
        "published_recipe": _published(published),
        "asymmetry": {name: {"t": t.t, "places": t.places, "p_value": t.p_value} for name, t in tests.items()},
    }
    f = model["incremental"]
    told = f["value"] + model["extreme"]["value"] <= _MOST
    estimate = Estimate(f["value"], f["low"], f["high"], _LEVEL, "share of stations") if told else None
    part = asymmetry(stations.deviations)
    q = diagonal(stations.deviations)[0]
    return _finding(
        asked,
        _summary(stations, model, p),
        details,
        estimate=estimate,
        p_value=p,
        where=asymmetry_places(stations, part, stations.deviations.trust, "skewness"),
        stations=frame_of(
            returns,
            stations.used,
            {
                "turnout": stations.cast / stations.registered,
                "share": stations.leader / stations.cast,
                "deviation": q,
                "strength": mirrored_strength(q),
            },
        ),
    )


def mirrored_strength(q: Floats) -> Floats:
    """(stations,) -log10 of the chance to lie as far above in the country mirrored: the part of stations that lie
    as far below. No smaller chance than one in the number of stations plus one."""
    below = np.sort(-q)
    further = q.size - np.searchsorted(below, q, side="left")
    return np.asarray(-np.log10((1 + further) / (1 + q.size)))


def _tests(stations: Stations) -> dict[str, Asymmetry]:
    """Stations within territories, and territories within the units above them (or within the country)."""
    territory, cluster = stations.territory, stations.cluster
    nested = cluster is not territory
    above = cluster.of if nested else np.zeros_like(territory.of)
    parts, parent = between(stations.registered, stations.cast, stations.leader, territory.of, above)
    tests = {"stations": cluster_test(asymmetry(stations.deviations), cluster.of)}
    if parts.size:
        upper = cluster_test(parts, parent if nested else np.arange(parts.size))
        if upper.places >= 12:
            tests["territories"] = upper
    return tests


def _grid(stations: Stations) -> Grid:
    d = stations.deviations
    turnout, share = d.at_turnout + d.turnout, d.at_share + d.share
    return histogram(turnout, share, stations.registered)


def _model(found: Fit, grid: Grid, stations: Stations) -> dict[str, Any]:
    """The joint model's parameters, JSON-ready."""
    p, error = found.parameters, spread_of_estimates(found, grid, stations.cluster.of)

    def weight(i: int) -> dict[str, float]:
        low, high = (float(np.clip(p[i] + side * _HALF * error[i], 0, 1)) for side in (-1, 1))
        return {"value": float(p[i]), "low": low, "high": high}

    incremental, extreme = weight(7), weight(8)
    alpha: dict[str, float] | None = None
    if incremental["low"] > 0:
        low, value, high = np.exp(p[6] + _HALF * error[6] * np.array([-1, 0, 1]))
        alpha = {"value": float(value), "low": float(low), "high": float(high)}
    centre = 1 / (1 + np.exp(-(grid.centre + p[:2])))
    return {
        "incremental": incremental,
        "extreme": extreme,
        "alpha": alpha,
        "theta": THETA,
        "honest": {
            "turnout": float(centre[0]),
            "share": float(centre[1]),
            "spread_turnout": float(np.exp(p[2])),
            "spread_share": float(np.exp(p[3])),
            "correlation": float(np.tanh(p[4])),
            "eccentric": float(1 / (1 + np.exp(-p[5]))),
        },
        "steps": found.steps,
        "interval": _LEVEL,
    }


def _published(found: Recipe | None) -> dict[str, Any] | None:
    if found is None:
        return None
    values = {name: getattr(found, name) for name in ("incremental", "extreme", "alpha")}
    limits = {name: getattr(found, f"{name}_interval") for name in values}
    return {
        **{n: {"value": v, "low": limits[n][0], "high": limits[n][1]} for n, v in values.items()},
        "plug_ins": asdict(found.plug_ins),
        "interval": _LEVEL,
    }


def _summary(stations: Stations, model: dict[str, Any], p: float) -> str:
    f, e = model["incremental"], model["extreme"]
    verdict = "consistent with a country as often below its territories as above them"
    if p < 0.05:
        verdict = "a weak sign of stations that lean to high turnout and high share together, and not the other way"
    if p < 0.001:
        verdict = "anomalous: stations lean to high turnout and high share together, and not the other way"
    name = stations.choice.name
    fitted = (
        f"The joint shape of turnout and the share of {name} is fitted best with {f['value']:.1%} of stations "
        f"(90 % interval {f['low']:.1%} to {f['high']:.1%}) of the incremental kind and {e['value']:.1%} of the "
        "extreme kind"
    )
    if f["value"] + e["value"] > _MOST:
        fitted = (
            f"So much of the joint shape of turnout and the share of {name} bends that no honest core can be told"
        )
    return f"{fitted}; {verdict} (p = {p:.2g})."


def _finding(asked: tuple[Condition, ...], summary: str, details: dict[str, Any], **found: Any) -> Finding:
    about = method("fingerprint")
    return Finding(
        method=about.id,
        mechanisms=about.mechanisms,
        question=about.question,
        applicable="p_value" in found,
        conditions=asked,
        summary=summary,
        details=details,
        alternatives=_ALTERNATIVES,
        source=about.source,
        **found,
    )
