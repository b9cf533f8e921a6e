"""Where to begin, and in what units to walk: moments of the honest logits, level by level.

A sampler that starts near the middle of the posterior, on scales near its spreads, needs little warming up. Nothing
here enters the posterior; the choice between centred and not is only a change of coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.mixture.shape import Level, Stations
from tallyscope.forensics.core.mixture.units import unit_means, within_units

__all__ = ["Start", "start"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Units that know at least this share of their own mean are sampled as they are.
_KNOWN = 0.5
_LEAST_SD = 0.05


@dataclass(frozen=True, eq=False)
class Start:
    """`levels`: with how they are sampled; (globals,) and (effects,) unconstrained centre and scale of each."""

    levels: tuple[Level, ...]
    raw: Floats
    raw_scale: Floats
    effects: Floats
    effects_scale: Floats


@dataclass(frozen=True, eq=False)
class _Moments:
    """Of one level: `mean`: (units, 2), `parent`, `noise`: (2,) typical variance of a mean, `sd`: (2,)."""

    mean: Floats
    parent: Ints
    noise: Floats
    sd: Floats


def start(stations: Stations, level_names: tuple[str, ...]) -> Start:
    """Moment estimates of everything that an honest country has; the mixture starts near one station in twenty."""
    data = stations.data
    values, noise = np.column_stack([data.u[0], data.v[0]]), np.column_stack([data.uu[0], data.vv[0]])
    design = np.column_stack([stations.size, stations.size**2 - 1.0])
    units = [stations.unit]
    for parent in stations.parents[:0:-1]:
        units.insert(0, parent[units[0]])
    lowest = stations.unit if stations.parents else np.zeros(len(values), dtype=np.int64)
    slope = np.linalg.lstsq(within_units(design, lowest), within_units(values, lowest), rcond=None)[0]
    rest = values - design @ slope
    sd = np.sqrt(np.maximum(within_units(rest, lowest).var(axis=0) - noise.mean(axis=0), _LEAST_SD**2))
    moments = _levels(rest, units, stations.parents, sd, noise)
    centred = [bool(np.all(m.sd**2 / (m.sd**2 + m.noise) > _KNOWN)) for m in moments]
    levels = tuple(Level(n, len(m.mean), c) for n, m, c in zip(level_names, moments, centred, strict=True))
    raw = np.concatenate(
        [rest.mean(axis=0), slope.ravel(), np.log(sd), [0.0]]
        + [np.append(np.log(m.sd), 0.0) for m in moments]
        + [[-3.0, 0.0, 0.0, 0.0, -3.0, 0.0]]
    )
    scale = np.concatenate(
        [np.full(2, 0.1), np.full(4, 0.02), np.full(3, 0.05)]
        + [np.full(3, 1.0 / np.sqrt(2 * len(m.mean)) + 0.02) for m in moments]
        + [np.full(6, 0.5)]
    )
    effects = [(m.mean if c else np.zeros_like(m.mean)).ravel() for m, c in zip(moments, centred, strict=True)]
    spreads = [
        np.broadcast_to(np.sqrt(1 / (1 / m.sd**2 + 1 / m.noise)) if c else 1.0, m.mean.shape).ravel()
        for m, c in zip(moments, centred, strict=True)
    ]
    none = np.zeros(0)
    return Start(levels, raw, scale, np.concatenate([none, *effects]), np.concatenate([none, *spreads]))


def _levels(
    values: Floats, units: list[Ints], parents: tuple[Ints, ...], sd: Floats, noise: Floats
) -> list[_Moments]:
    """From the lowest level up: the means of its units, how well they are known, and how they spread."""
    found: list[_Moments] = []
    of_mean, of_noise = values, sd**2 + noise.mean(axis=0)
    for depth in range(len(parents) - 1, -1, -1):
        code = units[depth] if depth == len(parents) - 1 else parents[depth + 1]
        count = np.bincount(code)
        mean = unit_means(of_mean, code)
        known = of_noise * (1.0 / count).mean()
        around = mean - unit_means(mean, parents[depth])[parents[depth]]
        spread = np.sqrt(np.maximum(around.var(axis=0) - known, _LEAST_SD**2))
        found.insert(0, _Moments(mean, parents[depth], known, spread))
        of_mean, of_noise = mean, spread**2 + known
    return found
