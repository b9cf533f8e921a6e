"""Method nu-shape: skewness and kurtosis of the logarithmic vote rate; the arithmetic is in `core.nu_shape`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tallyscope.forensics.core.fingerprint_mirror import cluster_test
from tallyscope.forensics.core.nu_shape import Moments, Nu, log_vote_rate, moments, nu_parts
from tallyscope.forensics.finding import Condition, Estimate, Finding
from tallyscope.forensics.fingerprint import mirrored_strength
from tallyscope.forensics.fingerprint_places import asymmetry_places
from tallyscope.forensics.fingerprint_stations import Stations, frame_of, general_conditions, refusal, stations_of
from tallyscope.forensics.methods import method
from tallyscope.returns.table import Returns

__all__ = ["nu_shape"]

#: Half a 90 % interval in standard errors.
_HALF = 1.644854

_ALTERNATIVES = (
    "Places that vote together, for the leader or against, draw one tail out without anybody's doing.",
    "Skewness is a matter of few stations far out: closed stations and villages of unanimous voters can make it.",
    "The national skewness and kurtosis are those of geography first: they are told, but not tested.",
    "Where every station of a territory was changed alike, its shape is as before.",
)


def nu_shape(returns: Returns) -> Finding:
    """Skewness of -nu = log(W / (N - W)) within territories, less that of the mirrored country.

    The estimate is that difference (weighted mean of the parts) with 90 % limits over places; one-sided p-value.
    `details`: `published` (of nu over the whole country, as in the paper), `within` territories and `mirrored`.
    """
    stations = stations_of(returns)
    asked = general_conditions(returns, stations)
    if stations is None or not all(c.met for c in asked):
        used = 0 if stations is None else int(stations.used.rows.size)
        return _finding(asked, refusal(asked), {"stations_used": used})
    nu = log_vote_rate(stations.registered, stations.leader)
    of = nu_parts(stations.deviations, stations.territory.of)
    test = cluster_test(of.part, stations.cluster.of)
    weight = float(stations.deviations.trust.sum())
    sums = np.bincount(stations.cluster.of, weights=of.part)
    value, half = float(sums.sum()) / weight, _HALF * float(np.sqrt(sums @ sums)) / weight
    whole = moments(nu)
    return _finding(
        asked,
        _summary(stations, whole, value, test.p_value),
        _details(stations, whole, of, test.t),
        estimate=Estimate(value, value - half, value + half, 0.90, "skewness"),
        p_value=test.p_value,
        where=asymmetry_places(stations, of.part, stations.deviations.trust, "skewness"),
        stations=frame_of(
            returns, stations.used, {"nu": nu, "within": of.within, "strength": mirrored_strength(-of.within)}
        ),
    )


def _details(stations: Stations, whole: Moments, of: Nu, t: float) -> dict[str, Any]:
    return {
        "stations_used": int(stations.used.rows.size),
        "leader": stations.choice.id,
        "published": _json(whole),
        "within": _json(moments(of.within)),
        "mirrored": _json(moments(of.mirrored)),
        "test": {"t": t, "places": len(stations.cluster.names), "level": stations.cluster.level},
        "weighted_stations": float(stations.deviations.trust.sum()),
    }


def _json(of: Moments) -> dict[str, float]:
    return {"skewness": of.skewness, "excess_kurtosis": of.excess_kurtosis}


def _summary(stations: Stations, whole: Moments, value: float, p: float) -> str:
    verdict = "consistent with a country as often below its territories as above them"
    if p < 0.05:
        verdict = f"a weak sign of a tail towards {stations.choice.name}"
    if p < 0.001:
        verdict = f"anomalous: a tail towards {stations.choice.name} that has no counterpart"
    return (
        f"The logarithmic vote rate nu of {stations.choice.name} has skewness {whole.skewness:.2f} and excess "
        f"kurtosis {whole.excess_kurtosis:.2f} over the country; within territories it leans towards "
        f"{stations.choice.name} by {value:+.3f} more than the mirrored country: {verdict} (p = {p:.2g})."
    )


def _finding(asked: tuple[Condition, ...], summary: str, details: dict[str, Any], **found: Any) -> Finding:
    about = method("nu-shape")
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
