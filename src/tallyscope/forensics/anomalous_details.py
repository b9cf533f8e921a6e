"""The numbers behind the estimate of anomalous votes, JSON-ready, with what others have published beside them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from tallyscope.election.election import Choice
from tallyscope.forensics.anomalous_study import DRAWS, LEVEL, SEED, Ratio, Study
from tallyscope.forensics.core.anomalous import BINS, anomalous_votes, ratios
from tallyscope.forensics.core.anomalous_flat import WIDTH
from tallyscope.forensics.core.core_finder import smoothed
from tallyscope.returns.table import Returns

__all__ = ["details_of"]

#: Published estimates, lowest and highest, by election (METHODS.md 3).
_PUBLISHED = {
    "RU-PRES-2024": {
        "lowest": 22_000_000,
        "highest": 31_600_000,
        "of": "published estimates; stations without e-voting",
    },
}
#: Cores so thin in others' ballots are not listed.
_THINNEST = 0.05


def details_of(
    returns: Returns, ratio: Ratio, study: Study | None, leader: Choice, stations: int
) -> dict[str, Any]:
    """`shpilkin`: the published recipe, automatic core and all. `core`: the flat core. `regions_apart`,
    `country_as_one`, `constant_ratio`: the estimate by each reference, with intervals. `test`, `published`,
    `sensitivity` (of the constant ratio), `curves`."""
    others = ratio.curves.others[0]
    core, published = int(ratio.flat.core[0]), int(ratio.published.core[0])
    by_core = anomalous_votes(ratio.curves, ratios(ratio.curves)[0])
    flat = float(ratio.flat.ratio[0])
    details: dict[str, Any] = {
        "shpilkin": {
            "votes": round(by_core[published]) if np.isfinite(by_core[published]) else None,
            "core": published,
        },
        "stations_used": stations,
        "leader": leader.id,
        "leader_votes": int(ratio.curves.leader.sum()),
        "core": {
            "core": core,
            "from": int(ratio.flat.low[0]),
            "to": int(ratio.flat.low[0]) + WIDTH,
            "ratio": flat,
            "leader_share": flat / (1 + flat),
            "rise_of_the_ratio": float(ratio.flat.slope[0]),
        },
        "constant_ratio": asdict(ratio.reference),
        "sensitivity": _sensitivity(ratio, by_core, others),
        "curves": {
            "turnout": list(range(BINS)),
            "leader": ratio.curves.leader[0].tolist(),
            "others": others.tolist(),
            "others_smoothed": smoothed(ratio.curves.others)[0].tolist(),
            "others_scaled": (flat * others).tolist(),
        },
    }
    if returns.election.id in _PUBLISHED:
        details["published"] = _PUBLISHED[returns.election.id]
    return details if study is None else {**details, **_by_cores(study)}


def _by_cores(study: Study) -> dict[str, Any]:
    effects = dict(zip(("regions", "country"), study.design_effects, strict=True))
    return {
        "level": LEVEL,
        "core_unit": study.groups.name,
        "core_units": study.groups.count,
        "regions_apart": _amount(study.regions.value, study.regions.low, study.regions.high),
        "country_as_one": _amount(study.country.value, study.country.low, study.country.high),
        "stations_concerned": {"regions": study.regions.concentration, "country": study.country.concentration},
        "design_effect": effects,
        "axis": {"turnout": study.axis.slopes[0], "share": study.axis.slopes[1]},
        "test": asdict(study.test),
    }


def _amount(votes: float, low: float, high: float) -> dict[str, float]:
    return {"votes": votes, "low": low, "high": high}


def _sensitivity(ratio: Ratio, by_core: Any, others: Any) -> dict[str, Any]:
    found = ratio.draws.core[ratio.draws.core >= 0]
    low, high = (int(v) for v in np.quantile(found, [0.05, 0.95], method="inverted_cdf"))
    bins = np.flatnonzero(others >= _THINNEST * others.max())
    cores, counts = np.unique(found, return_counts=True)
    return {
        "by_core": [
            {"core": int(b), "votes": float(by_core[b]), "plausible": bool(low <= b <= high)} for b in bins
        ],
        "core_choice": {"lowest_core": low, "highest_core": high},
        "resampling": {"draws": DRAWS, "seed": SEED},
        "cores_of_draws": {str(int(core)): int(n) for core, n in zip(cores, counts, strict=True)},
    }
