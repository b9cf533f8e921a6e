"""How voters of a given election behave: turnout and the leader's share, and how the others divide the rest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tallyscope.election.election import Choice
from tallyscope.election.roles import votes_column
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import Contest
from tallyscope.simulation.estimate import Nested, empirical_logit, nested_covariances, within_slope
from tallyscope.simulation.habits import Rate, Tied
from tallyscope.simulation.latent import standardised_log
from tallyscope.simulation.observed import Observed, typical_for
from tallyscope.simulation.protocol import taking_part
from tallyscope.simulation.spec import Behaviour, CleanSpec, Effect

__all__ = ["behaviour_of", "contest_of", "observed", "units_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def behaviour_of(returns: Returns) -> Behaviour:
    """How turnout and the leader's share of ballots cast vary in usable `returns`, sampling noise taken out."""
    return observed(returns)[0]


def observed(returns: Returns) -> tuple[Behaviour, Observed]:
    """The behaviour, and what each station shows of it."""
    registered, cast = returns.counts("registered"), returns.counts("cast")
    part = returns.counts(taking_part(returns))
    leader = returns.counts(votes_column(_leader(returns).id))
    turnout, turnout_noise = empirical_logit(np.minimum(part, registered), registered)
    share, share_noise = empirical_logit(leader, cast)
    values, noise = np.column_stack([turnout, share]), np.column_stack([turnout_noise, share_noise])
    tree = Nested(*_two(units_of(returns), len(returns)))
    size = standardised_log(registered)
    slope = within_slope(values, size, tree.territory)
    rest = values - np.outer(size, slope)
    effects = tuple(_effect(c) for c in nested_covariances(rest, noise, tree))
    turned_out = _typical(part, registered, size, [e.turnout for e in effects], slope[0])
    won = _typical(leader, cast, size, [e.share for e in effects], slope[1])
    region, territory, station = effects
    behaviour = Behaviour(turned_out, won, region, territory, station, *map(float, slope))
    return behaviour, Observed(rest, noise, size, tree)


def _typical(count: Ints, total: Ints, size: Floats, spreads: list[float], slope: float) -> float:
    """The typical turnout or share that, with its spreads over places, gives the pooled one that was seen."""
    region, territory, station = map(Tied, spreads)
    pooled = float(np.minimum(count, total).sum() / total.sum())
    return typical_for(min(max(pooled, 1e-6), 1 - 1e-6), total, size, Rate(0.5, region, territory, station, slope))


def _leader(returns: Returns) -> Choice:
    leader = returns.leader
    if leader is None:
        raise ValueError("nobody has any votes, so there is no leader")
    return leader


def contest_of(returns: Returns) -> Contest:
    """The choices of `returns`, and how those other than the leader divide the rest, from place to place."""
    choices, leader = returns.choices, _leader(returns)
    votes = np.column_stack([returns.counts(votes_column(c.id)) for c in choices if c.id != leader.id])
    sums = np.maximum(votes.sum(axis=0), 1)
    region, station = _others_spread(votes, Nested(*_two(units_of(returns), len(returns))))
    return Contest(choices, choices.index(leader), tuple((sums / sums.sum()).tolist()), region, station)


def _others_spread(votes: Ints, tree: Nested) -> tuple[float, float]:
    """Spread of the log weights of the others between regions and between stations, over the three strongest.

    The logit of a choice among the others has the variance s^2 (1 + sum of q_k^2), with q_k the shares of the rest
    among themselves, where every log weight has the variance s^2. `votes`: (stations, others).
    """
    total, sums = votes.sum(axis=1), votes.sum(axis=0)
    rows, strongest = total >= 20, np.argsort(-sums)[:3]
    if votes.shape[1] < 2 or rows.sum() < 100:
        return CleanSpec.others_region, CleanSpec.others_station
    here = Nested(*(np.unique(c[rows], return_inverse=True)[1] for c in (tree.region, tree.territory)))
    found = []
    for j in strongest:
        q = np.delete(sums, j) / max(int(sums.sum() - sums[j]), 1)
        values, noise = empirical_logit(votes[rows, j], total[rows])
        region, territory, station = nested_covariances(values[:, None], noise[:, None], here)[:, 0, 0]
        found.append(np.array([region, territory + station]) / (1 + float(q @ q)))
    region, station = np.sqrt(np.mean(found, axis=0))
    return float(region), float(station)


def units_of(returns: Returns) -> tuple[Ints, ...]:
    """Numbers of the highest and of the lowest level above the station; fewer where there are fewer levels."""
    levels = returns.levels
    wanted = [levels[:1], levels] if len(levels) > 1 else [levels] * len(levels)
    return tuple(returns.codes(w)[0] for w in wanted)


def _two(units: tuple[Ints, ...], stations: int) -> tuple[Ints, Ints]:
    """Region and territory of each station; where a level is missing, everything lies in one region."""
    nothing = np.zeros(stations, dtype=np.int64)
    if not units:
        return nothing, nothing
    return units[0], units[-1]


def _effect(covariance: Floats) -> Effect:
    turnout, share = np.sqrt(np.diag(covariance))
    scale = turnout * share
    correlation = float(np.clip(covariance[0, 1] / scale, -1, 1)) if scale > 0 else 0.0
    return Effect(float(turnout), float(share), correlation)
