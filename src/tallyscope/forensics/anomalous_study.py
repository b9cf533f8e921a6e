"""One election's anomalous votes by three references: cores of the regions, one core, and a constant ratio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.anomalous_groups import Groups, groups_of
from tallyscope.forensics.core.anomalous import Curves, curves_by_unit
from tallyscope.forensics.core.anomalous_flat import FlatCores, flat_cores, flat_draws
from tallyscope.forensics.core.core_finder import Cores, shpilkin_core
from tallyscope.forensics.core.stuffing_amount import Amount, estimated_amount
from tallyscope.forensics.core.stuffing_axis import Axis, stuffing_axis
from tallyscope.forensics.core.stuffing_evidence import design_effect, evidence, skewness, voter_weights
from tallyscope.forensics.core.stuffing_test import Test, group_tests, overall_test
from tallyscope.forensics.stations import Figures
from tallyscope.returns.table import Returns

__all__ = ["LEVEL", "Ratio", "Reference", "Study", "headline", "ratio_study", "study_stuffing"]

Floats = npt.NDArray[np.float64]

#: Coverage of the intervals.
LEVEL = 0.90
SEED, DRAWS = 2024, 200


@dataclass(frozen=True)
class Reference:
    """Anomalous votes by one reference, with an interval of coverage LEVEL."""

    votes: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Ratio:
    """A constant ratio c to all other ballots: `curves` one row; the published core; the flat one and its draws."""

    curves: Curves
    published: Cores
    flat: FlatCores
    draws: FlatCores
    reference: Reference


@dataclass(frozen=True, eq=False)
class Study:
    """`stations`: those studied; `weight`: (stations,) of a station; `regions`, `country`: amounts;
    `design_effects`."""

    stations: Figures
    groups: Groups
    axis: Axis
    weight: Floats
    test: Test
    group_p: Floats
    regions: Amount
    country: Amount
    design_effects: tuple[float, float]


def ratio_study(used: Figures, leader: str, groups: Groups) -> Ratio | None:
    """The constant ratio; None where no bin has a ballot for anybody but the leader."""
    curves = curves_by_unit(used["registered"], used["cast"], used[leader], groups.of, groups.count)
    whole = curves.total()
    flat, draws = flat_cores(whole), flat_draws(curves, draws=DRAWS, seed=SEED)
    if flat.core[0] < 0:
        return None
    mine, others = float(whole.leader.sum()), float(whole.others.sum())
    rest = (1 - LEVEL) / 2
    votes = mine - float(flat.ratio[0]) * others
    ends = mine - np.nanquantile(draws.ratio, [1 - rest, rest]) * others
    reference = Reference(votes, min(float(ends[0]), votes), max(float(ends[1]), votes))
    return Ratio(whole, shpilkin_core(whole), flat, draws, reference)


def study_stuffing(returns: Returns, used: Figures, leader: str) -> Study | None:
    """What stands out along the axis of stuffing; None where stations do not differ."""
    sound = used.where((used["cast"] > 0) & (used["cast"] <= used["registered"]))
    if not sound.rows.size:
        return None
    groups = groups_of(returns, sound)
    figures = (sound["registered"], sound["cast"], sound[leader])
    axis = stuffing_axis(*figures, groups.of, groups.count)
    one = np.zeros(sound.rows.size, dtype=np.int64)
    whole = stuffing_axis(*figures, one, 1)
    if axis is None or whole is None:
        return None
    weight = voter_weights(figures[0])
    skew, skew_whole = skewness(axis.position, weight, groups.of), skewness(whole.position, weight, one)
    effect = design_effect(skew.each - weight * skew.value[groups.of], groups.cluster)
    effect_whole = design_effect(skew_whole.each - weight * skew_whole.value[0], groups.of)
    home = (figures[0] - figures[1]).astype(np.float64)
    at_home = np.bincount(groups.of, home, groups.count).astype(np.float64)
    return Study(
        sound,
        groups,
        axis,
        weight,
        overall_test(skew),
        group_tests(skew, groups.of, groups.cluster),
        estimated_amount(evidence(axis, weight, groups.count, effect), at_home, seed=SEED),
        estimated_amount(evidence(whole, weight, 1, effect_whole), home.sum(keepdims=True), seed=SEED),
        (effect, effect_whole),
    )


def headline(study: Study, ratio: Ratio) -> Reference:
    """The estimate with cores of the regions; its interval reaches up to what the other references allow.

    The lower end is positive exactly where the test says so at 5 %. No ballots can be stuffed less than none, so
    that the upper end is never below zero.
    """
    own = study.regions
    sign = study.test.p_value < (1 - LEVEL) / 2
    low = max(own.low, 1.0) if sign else min(own.low, 0.0)
    high = max(own.high, study.country.high, ratio.reference.high, 0.0)
    return Reference(own.value, min(low, own.value), max(high, own.value, low))
