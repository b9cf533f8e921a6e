"""Method turnout-share: whether the leader's share rises with turnout as no honest correlation makes it rise."""

from __future__ import annotations

from typing import Any

import numpy as np

from tallyscope.forensics.core.fingerprint_mirror import Asymmetry, cluster_test
from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.core.turnout_share import Slopes, Territories, national, per_group, relation
from tallyscope.forensics.finding import Condition, Estimate, Finding, Place
from tallyscope.forensics.fingerprint import mirrored_strength
from tallyscope.forensics.fingerprint_stations import Stations, frame_of, general_conditions, refusal, stations_of
from tallyscope.forensics.methods import method
from tallyscope.forensics.stations import Units
from tallyscope.returns.table import Returns

__all__ = ["turnout_share"]

#: Half a 90 % interval in standard errors.
_HALF = 1.644854
#: Student's t from which share is taken to rise with turnout.
_RISES = 2.0
_STANDS_OUT = 0.05

_ALTERNATIVES = (
    "Turnout and support can honestly rise together: those who like the leader may vote more. A straight relation, "
    "however steep, is no finding here; a relation that steepens is one, and voters can do that too.",
    "Within a territory villages and towns differ. Sizes are controlled, other differences of place are not.",
    "Ballots added everywhere in proportion make a straight relation that cannot be told from an honest one.",
    "A territory whose slope stands out may simply be one of two kinds of places.",
)


def turnout_share(returns: Returns) -> Finding:
    """Slopes within territories, and a test of what the mirrored country does not share: one-sided, Šidák over two.

    The estimate is the slope of the leader's votes per voter on turnout (Sobyanin-Sukhovolsky) less that of the
    mirrored country. `details`: `relation` (slope and correlation on logits), `sobyanin_sukhovolsky`, `curvature`,
    `slopes` (the honest distribution of territories' slopes).
    """
    stations = stations_of(returns)
    asked = general_conditions(returns, stations)
    if stations is None or not all(c.met for c in asked):
        used = 0 if stations is None else int(stations.used.rows.size)
        return _finding(asked, refusal(asked), {"stations_used": used})
    d, cluster = stations.deviations, stations.cluster.of
    slope, correlation, score = relation(d)
    rises = cluster_test(score, cluster)
    asked = (*asked, _rising(rises, correlation))
    places, told = _places(stations)
    straight = {"slope_of_logits": slope, "correlation": correlation, "t": rises.t}
    details = {"stations_used": int(stations.used.rows.size), "leader": stations.choice.id, "relation": straight}
    if not asked[-1].met:
        return _finding(asked, refusal(asked), {**details, "slopes": told})
    found = national(d, stations.territory.of)
    tests = {
        "slope": cluster_test(found.slope_parts, cluster),
        "curvature": cluster_test(found.curve_parts, cluster),
    }
    p = 1 - (1 - min(t.p_value for t in tests.values())) ** len(tests)
    sums = np.bincount(cluster, weights=found.slope_parts) / found.size
    beyond, half = found.slope - found.mirrored, _HALF * float(np.sqrt(sums @ sums))
    rate = stations.leader.sum() / stations.cast.sum()
    return _finding(
        asked,
        _summary(stations, found, float(rate), p),
        {**details, **_details(found, tests, float(rate)), "slopes": told},
        estimate=Estimate(beyond, beyond - half, beyond + half, 0.90, "votes per voter taking part"),
        p_value=p,
        where=places,
        stations=frame_of(returns, stations.used, _station_values(stations, found)),
    )


def _rising(test: Asymmetry, correlation: float) -> Condition:
    return Condition(
        "Share rises with turnout within territories, beyond chance (t of 2 or more)",
        test.t >= _RISES,
        f"correlation {correlation:.2f} without noise, t = {test.t:.1f}",
    )


def _details(found: Slopes, tests: dict[str, Asymmetry], share: float) -> dict[str, Any]:
    return {
        "sobyanin_sukhovolsky": {
            "slope": found.slope,
            "mirrored": found.mirrored,
            "share": share,
            "t": tests["slope"].t,
            "p_value": tests["slope"].p_value,
        },
        "curvature": {
            "value": found.curvature,
            "t": tests["curvature"].t,
            "p_value": tests["curvature"].p_value,
        },
    }


def _station_values(stations: Stations, found: Slopes) -> dict[str, Any]:
    d = stations.deviations
    scale = np.sqrt(np.mean(found.slope_parts**2)) or 1.0
    return {
        "turnout_deviation": d.turnout / d.scale_turnout,
        "share_deviation": d.share / d.scale_share,
        "strength": mirrored_strength(found.slope_parts / scale),
    }


def _places(stations: Stations) -> tuple[tuple[Place, ...], dict[str, Any]]:
    """All units of the upper level, and territories whose slope stands out; and how slopes are distributed."""
    territory, cluster = stations.territory, stations.cluster
    places: list[Place] = []
    told: dict[str, Any] = {}
    row = np.arange(territory.of.size)
    levels = [(cluster, territory.of, 1.0), (territory, row, _STANDS_OUT)]
    if cluster is territory:
        levels = [(territory, row, 1.0)]
    for units, part, most in levels:
        of = per_group(stations.registered, stations.cast, stations.leader, territory.of, units.of, part)
        places += _ranked(units, of, most)
        tested = int(np.isfinite(of.p_value).sum())
        spread = {"centre": of.centre, "spread": of.spread} if tested else {"centre": None, "spread": None}
        told[units.level] = {"tested": tested, **spread}
    return tuple(places), told


def _ranked(units: Units, of: Territories, most: float) -> list[Place]:
    q = q_values(of.p_value)
    n = np.bincount(units.of)
    return [
        Place(
            level=units.level,
            unit=units.names[i],
            value=float(of.slope[i]),
            unit_of_value="points of share per point of turnout",
            p_value=float(of.p_value[i]),
            q_value=float(q[i]),
            details={"stations": int(n[i]), "standard_error": float(of.error[i]), "z": float(of.z[i])},
        )
        for i in np.argsort(np.where(np.isnan(of.p_value), 2.0, of.p_value), kind="stable")
        if not np.isnan(of.p_value[i]) and q[i] <= most
    ]


def _summary(stations: Stations, found: Slopes, share: float, p: float) -> str:
    verdict = "consistent with a straight honest relation"
    if p < 0.05:
        verdict = "a weak sign of a relation that steepens with turnout"
    if p < 0.001:
        verdict = "anomalous: the relation steepens with turnout as its mirror image does not"
    return (
        f"Within territories every further voter taking part brings {stations.choice.name} {found.slope:.2f} votes "
        f"({share:.2f} of all voters taking part do), {found.mirrored:.2f} in the mirrored country: {verdict} "
        f"(p = {p:.2g})."
    )


def _finding(asked: tuple[Condition, ...], summary: str, details: dict[str, Any], **found: Any) -> Finding:
    about = method("turnout-share")
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
