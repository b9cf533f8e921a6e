"""The two mixtures fitted to the counts of stations, with what the fit says of itself."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.mixture.nodes import Station, grid, mirrored, pseudo_data, references
from tallyscope.forensics.core.mixture.units import sizes

__all__ = [
    "Fit",
    "Parameter",
    "Places",
    "QblFit",
    "fit",
    "fit_qbl",
    "installed",
    "manner",
    "precisely",
    "prepare",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: From this many stations on the posterior is nearly normal in the coordinates that it is sampled in.
_MANY = 5_000
_CHAINS = 4
#: Steps of warming up, draws kept, draws of a rehearsal (see `Effort`), of each chain.
_FEW_STATIONS, _MANY_STATIONS = (250, 500, 0), (60, 600, 60)
#: Log Bayes factors of nothing above this are told by the draws.
_RELIABLE = -3.0
#: What JAX has compiled is thrown away after so many fits: that of 130 was more than the system lets a process map.
_CLEARED = 40
_DONE: Counter[str] = Counter()


@dataclass(frozen=True)
class Parameter:
    """Posterior mean and 90 % interval; R-hat of split chains and effective draws (Gelman et al. 2013, 11.4-5)."""

    mean: float
    low: float
    high: float
    r_hat: float
    effective: float


@dataclass(frozen=True, eq=False)
class Places:
    """Where stations lie. `levels`: names of the levels with effects, the top one first; `units`: (stations,) the
    number of each station's unit, a level; `counted`: (stations,) the place in which gained votes are added up."""

    levels: tuple[str, ...]
    units: tuple[Ints, ...]
    counted: Ints


@dataclass(frozen=True, eq=False)
class Fit:
    """The territorial mixture fitted. Station figures and votes are given that something may have been changed; the
    posterior of nothing, beyond what the mirrored country shows, stands beside them. `worst_effect`: the largest
    R-hat and the fewest effective draws of any unit's effect, None without levels."""

    parameters: Mapping[str, Parameter]
    worst_effect: tuple[float, float] | None
    divergent: int
    #: Of nothing against something, and the same of the mirrored country.
    log_bayes_factor: float
    log_bayes_factor_mirrored: float
    posterior: float
    incremental: Floats
    extreme: Floats
    gain: Floats
    #: (draws, places)
    votes: Floats

    @property
    def worst(self) -> tuple[float, float]:
        """The largest R-hat and the fewest effective draws of any parameter, effects included."""
        pairs = [(p.r_hat, p.effective) for p in self.parameters.values()]
        pairs += [self.worst_effect] if self.worst_effect else []
        return max(r for r, _ in pairs), min(n for _, n in pairs)


@dataclass(frozen=True)
class QblFit:
    """The published model fitted."""

    parameters: Mapping[str, Parameter]
    divergent: int


def installed() -> bool:
    """Whether the libraries of the extra `bayes` are there."""
    from importlib.util import find_spec

    return find_spec("jax") is not None and find_spec("numpyro") is not None


def fit(station: Station, places: Places, seed: int) -> Fit:
    """Fits the territorial mixture: coordinates, four chains, and what they say of every station."""
    with precisely():
        _tidy()
        return _fit(station, places, seed)


def _tidy() -> None:
    import jax

    _DONE["fits"] += 1
    if _DONE["fits"] % _CLEARED == 0:
        jax.clear_caches()


def _fit(station: Station, places: Places, seed: int) -> Fit:
    from tallyscope.forensics.core.mixture.evidence import evidence, posterior_of_nothing
    from tallyscope.forensics.core.mixture.parameters import constrained
    from tallyscope.forensics.core.mixture.sample import Effort, draw
    from tallyscope.forensics.core.mixture.weighing import Weighed, weigh

    lowest = places.units[-1] if places.units else np.zeros(station.registered.size, dtype=np.int64)

    def weighed(station: Station, rounds: int) -> Weighed:
        with precisely():
            return weigh(prepare(station, places), places.levels, rounds)

    # Each takes one core. Of the mirrored country only the evidence is wanted, which one round tells.
    with ThreadPoolExecutor(2) as both:
        found, mirror = both.map(weighed, (station, mirrored(station, lowest)), (2, 1))
    many = station.registered.size > _MANY
    warmup, kept, rehearsed = _MANY_STATIONS if many else _FEW_STATIONS
    effort = Effort(_CHAINS, warmup, kept, manner(), nuts=not many, rehearsed=rehearsed)
    draws = draw(found.shape, found.data, found.coordinates, effort, seed, found.modes)
    said = evidence(found.shape, found.data, station, draws, places.counted, seed)
    against = said.log_bayes_factor
    # Far from nothing the mean over draws is that of a few; there Laplace's approximation is the better one.
    of_nothing = against if against > _RELIABLE else -found.log_bayes_factor
    beyond = of_nothing + max(0.0, mirror.log_bayes_factor)
    values = {name: np.asarray(v) for name, v in constrained(draws.raw, found.shape.order).items()}
    r_hat, effective = _watched(draws.effects)
    return Fit(
        parameters=_parameters(values),
        worst_effect=(float(r_hat.max()), float(effective.min())) if r_hat.size else None,
        divergent=draws.divergent,
        log_bayes_factor=of_nothing,
        log_bayes_factor_mirrored=-mirror.log_bayes_factor,
        posterior=posterior_of_nothing(beyond),
        incremental=said.incremental,
        extreme=said.extreme,
        gain=said.gain,
        votes=said.votes,
    )


def prepare(station: Station, places: Places) -> Any:
    """The `Stations` of a problem."""
    from tallyscope.forensics.core.mixture.shape import Stations

    nodes = grid()
    parents = []
    for depth, unit in enumerate(places.units):
        above = np.zeros(int(unit.max()) + 1, dtype=np.int64)
        if depth:
            above[unit] = places.units[depth - 1]
        parents.append(above)
    lowest = places.units[-1] if places.units else np.zeros(station.registered.size, dtype=np.int64)
    data = pseudo_data(station, nodes, references(station, lowest))
    return Stations(
        station,
        data,
        data.as_it_is(),
        data.log_constant[0],
        nodes,
        sizes(station.registered),
        lowest,
        tuple(parents),
    )


def fit_qbl(station: Station, seed: int) -> QblFit:
    """Fits the published model, classes and station effects summed out."""
    from tallyscope.forensics.core.mixture.qbl import qbl_values
    from tallyscope.forensics.core.mixture.sample import draw_qbl

    with precisely():
        counts = (station.registered, station.abstain, station.leader)
        raw, divergent = draw_qbl(*counts, _CHAINS, manner(), seed)
        values = {name: np.asarray(v) for name, v in qbl_values(raw).items()}
    return QblFit(_parameters(values), divergent)


def _parameters(values: Mapping[str, Floats]) -> dict[str, Parameter]:
    stacked = np.stack(list(values.values()), axis=2)
    r_hat, effective = _watched(stacked)
    found = {}
    for i, (name, one) in enumerate(values.items()):
        low, high = np.quantile(one, [0.05, 0.95])
        found[name] = Parameter(float(one.mean()), float(low), float(high), float(r_hat[i]), float(effective[i]))
    return found


def _watched(draws: Floats) -> tuple[Floats, Floats]:
    """R-hat and effective draws, (parameters,) each, of (chains, draws, parameters)."""
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

    if not draws.shape[2]:
        return np.zeros(0), np.zeros(0)
    return np.atleast_1d(split_gelman_rubin(draws)), np.atleast_1d(effective_sample_size(draws))


def precisely() -> Any:
    """Everything that is not asked for in single precision is reckoned in double, here and nowhere else.

    A device a chain, of which the processor's cores are shared, has to be asked for before JAX starts.
    """
    flag = "--xla_force_host_platform_device_count"
    if flag not in os.environ.get("XLA_FLAGS", ""):
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flag}={_CHAINS}".strip()
    import jax

    return jax.enable_x64(True)


def manner() -> str:
    """Chains side by side where there are devices enough, else in one."""
    import jax

    return "parallel" if jax.local_device_count() >= _CHAINS else "vectorized"
