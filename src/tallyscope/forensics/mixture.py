"""Method mixture: a latent class for every station, and whether any has ballots added: a test, a probability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from tallyscope.forensics.core.mixture.fit import Fit, Parameter, QblFit, fit, fit_qbl, installed
from tallyscope.forensics.core.mixture.mirror import DIRECTIONS, Mirror, mirror_test
from tallyscope.forensics.core.mixture.spike import spiked_interval, spiked_mean
from tallyscope.forensics.finding import Condition, Estimate, Finding, Place, in_figures
from tallyscope.forensics.methods import method
from tallyscope.forensics.mixture_stations import Used, sampled, used_stations
from tallyscope.returns.table import Returns

__all__ = ["mixture", "tested"]

_SEED = 20120304
_LEVEL, _CRY = 0.90, 0.05
#: Chains have agreed below the first, and are of no use above the second.
_AGREED, _USELESS = 1.01, 1.05
#: Stations of the published model: it has no places, and what it says hardly changes with more.
_QBL_STATIONS = 500

_ALTERNATIVES = (
    "Honest behaviour that is not normal around its territory: places where turnout and the leader's share rise "
    "together without others lying as far below (villages, minorities that vote together, closed institutions) "
    "look like the incremental class. Atypical stations are allowed for, but as often on one side as on the other.",
    "What leans neither way, however unlike the model, is looked for in the mirror and taken off; an honest lean "
    "of turnout and share together to one side is not.",
    "The alternative is one particular kind of change: ballots added from those who stayed at home, with or "
    "without others' ballots switched. A probability near zero says that this describes the stations better than "
    "an honest country of this model does, not that it describes them well.",
    "The test asks that honest stations lie as often as far on either side of their place's mean. An honest lean "
    "of turnout and share together to high values, stronger in the tail, looks like added ballots to it too.",
    "What is added alike to all stations of a territory is taken for honest geography; the votes are then too few.",
    "The interval is that of the model; its upper end is that if anything was added. Where little was added at "
    "many stations most of it is taken for honest differences, and the votes told are too few: with a fifth of "
    "the leader's votes stuffed at 30 % of the stations of simulated elections the interval mostly held the truth, "
    "with a twentieth it lay below it.",
)


def mixture(returns: Returns) -> Finding:
    """Tests for change, and fits a mixture with the effects of places, and the published one ("qbl") beside it.

    `p_value` is of the test by reflected stations (`core.mixture.mirror`), whose false alarms are those it says.
    `posterior` is that of nothing, with the evidence that the mirrored country gives too taken off; the estimate is
    votes gained, nothing included with its probability, but for the upper end of its interval, which is that if
    anything was added. Where chains do not agree there is the test alone.
    `stations`: `p_none`, `p_incremental`, `p_extreme`, `votes_gained`, `strength`. `details`: `mirror_test`,
    `parameters` with R-hat and effective draws of each, `convergence`, `log_bayes_factor`, `qbl`. The seed is
    fixed: the same returns get the same answer.
    """
    used, asked = used_stations(returns)
    if used is None or not all(c.met for c in asked):
        return _refused(asked, used)
    if not installed():
        missing = Condition("JAX and NumPyro are installed", False, "pip install 'tallyscope[bayes]'")
        return _refused((*asked, missing), used)
    test = tested(used)
    found = fit(used.station, used.places, _SEED)
    agreement = _agreement(found)
    asked = (*asked, agreement)
    if agreement.met is not True:
        details = {"mirror_test": _tested(test), "parameters": _parameters(found.parameters)}
        told = f"{_verdict(used, test)} Neither a probability nor votes are told: {agreement.measured}."
        return _finding(
            asked, told, {"stations_used": used.station.registered.size, **details}, p_value=test.p_value
        )
    published = fit_qbl(sampled(used.station, _QBL_STATIONS, _SEED), _SEED)
    votes = found.votes.sum(axis=1)
    p = found.posterior
    estimate = Estimate(spiked_mean(votes, p), *spiked_interval(votes, p, _LEVEL), _LEVEL, "votes")
    return _finding(
        asked,
        f"{_verdict(used, test)} {_weighed(used, estimate, p)}",
        {**_details(used, found, published), "mirror_test": _tested(test)},
        p_value=test.p_value,
        estimate=estimate,
        posterior=p,
        where=_where(used, found),
        stations=_stations(returns, used, found),
    )


def tested(used: Used) -> Mirror:
    """The test alone, which needs no chains: a second where the chains of a country need minutes."""
    levels = used.places.units
    unit = levels[-1] if levels else np.zeros(used.station.registered.size, dtype=np.int64)
    return mirror_test(used.station, unit, _SEED)


def _agreement(found: Fit) -> Condition:
    r_hat = max(p.r_hat for p in found.parameters.values())
    effective = min(p.effective for p in found.parameters.values())
    # Without it the test stands all the same.
    return Condition(
        f"The chains agree, so that a probability and votes can be told: R-hat of every global parameter below "
        f"{_USELESS}",
        True if r_hat < _USELESS else None,
        f"largest R-hat {r_hat:.3f}, fewest effective draws {effective:,.0f}, {found.divergent} divergent "
        "transitions",
    )


def _refused(asked: tuple[Condition, ...], used: Used | None) -> Finding:
    failed = "; ".join(f"{c.text}: {c.measured}" for c in asked if c.met is False)
    count = {"stations_used": 0 if used is None else int(used.figures.rows.size)}
    return _finding(asked, f"Does not apply to these returns. {failed}.", count)


def _finding(
    asked: tuple[Condition, ...],
    summary: str,
    details: dict[str, Any],
    *,
    p_value: float | None = None,
    estimate: Estimate | None = None,
    posterior: float | None = None,
    where: tuple[Place, ...] = (),
    stations: pl.DataFrame | None = None,
) -> Finding:
    about = method("mixture")
    return Finding(
        method=about.id,
        mechanisms=about.mechanisms,
        question=about.question,
        applicable=p_value is not None,
        conditions=asked,
        summary=summary,
        estimate=estimate,
        p_value=p_value,
        details=details,
        where=where,
        alternatives=_ALTERNATIVES,
        source=about.source,
        stations=stations,
        posterior=posterior,
    )


def _verdict(used: Used, test: Mirror) -> str:
    """What the test says, in a sentence."""
    if test.p_value > _CRY:
        verdict = "consistent with none"
    else:
        verdict = "anomalous" if test.p_value < 0.01 else "a weak sign of some"
    p = f"p = {test.p_value:.2g}" if test.p_value >= 1e-6 else "p below one in a million"
    return (
        f"Stations that look as if ballots were added for {used.choice.name}, held against stations that look as "
        f"far the other way: {verdict} ({p})."
    )


def _weighed(used: Used, estimate: Estimate, posterior: float) -> str:
    """What the mixture says, in a sentence or two."""
    total = int(used.station.leader.sum())
    return (
        f"The probability that no station has ballots added is {in_figures(posterior)}. Votes gained: "
        f"{estimate.value:,.0f} ({_LEVEL:.0%} interval {estimate.low:,.0f} to {estimate.high:,.0f}) of {total:,}."
    )


def _tested(test: Mirror) -> dict[str, Any]:
    z = {str(kind): value for kind, value in zip(DIRECTIONS, test.z, strict=True)}
    return {"p_value": test.p_value, "flipped": test.flipped, "z": z}


def _details(used: Used, found: Fit, published: QblFit) -> dict[str, Any]:
    r_hat, effective = found.worst
    return {
        "stations_used": int(used.figures.rows.size),
        "leader": used.choice.id,
        "levels_with_effects": list(used.places.levels),
        "log_bayes_factor_of_nothing": found.log_bayes_factor,
        "log_bayes_factor_of_nothing_mirrored": found.log_bayes_factor_mirrored,
        "parameters": _parameters(found.parameters),
        "convergence": {
            "largest_r_hat": r_hat,
            "fewest_effective_draws": effective,
            "agreed": r_hat < _AGREED,
            "divergent": found.divergent,
            "of_effects": None
            if found.worst_effect is None
            else {"largest_r_hat": found.worst_effect[0], "fewest_effective_draws": found.worst_effect[1]},
        },
        "votes_if_any": _interval(found.votes.sum(axis=1), 0.0),
        "qbl": {
            "stations": min(_QBL_STATIONS, int(used.figures.rows.size)),
            "parameters": _parameters(published.parameters),
            "divergent": published.divergent,
        },
    }


def _parameters(found: Mapping[str, Parameter]) -> dict[str, dict[str, float]]:
    return {name: asdict(p) for name, p in found.items()}


def _interval(votes: Any, nothing: float) -> dict[str, float]:
    low, high = spiked_interval(votes, nothing, _LEVEL)
    return {"value": spiked_mean(votes, nothing), "low": low, "high": high}


def _where(used: Used, found: Fit) -> tuple[Place, ...]:
    """Every unit of the dividing level by the votes gained there."""
    if used.units is None:
        return ()
    of, names, level = used.units.of, used.units.names, used.units.level
    count = np.bincount(of, minlength=len(names))
    leader = np.bincount(of, weights=used.station.leader, minlength=len(names))
    changed = np.bincount(of, weights=found.incremental + found.extreme, minlength=len(names))
    p = found.posterior
    places = [
        Place(
            level=level,
            unit=name,
            value=spiked_mean(found.votes[:, i], p),
            unit_of_value="votes",
            details={
                **_interval(found.votes[:, i], p),
                "level": _LEVEL,
                "stations": int(count[i]),
                "leader_votes": int(leader[i]),
                "stations_expected_changed": float((1 - p) * changed[i]),
            },
        )
        for i, name in enumerate(names)
    ]
    return tuple(sorted(places, key=lambda place: -place.value))


def _stations(returns: Returns, used: Used, found: Fit) -> pl.DataFrame:
    something = 1.0 - found.posterior
    incremental, extreme = something * found.incremental, something * found.extreme
    none = np.clip(1.0 - incremental - extreme, 1e-12, 1.0)
    frame = pl.DataFrame(
        {
            "row": used.figures.rows,
            "p_none": none,
            "p_incremental": incremental,
            "p_extreme": extreme,
            "votes_gained": something * found.gain,
            "strength": -np.log10(none),
        }
    )
    every = pl.DataFrame({"row": np.arange(len(returns))})
    return every.join(frame, on="row", how="left", maintain_order="left").drop("row")
