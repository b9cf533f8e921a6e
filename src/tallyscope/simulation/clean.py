"""A clean election: a country in which voters differ from place to place and nobody touched the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.election.election import Choice, Election
from tallyscope.election.load import load_form
from tallyscope.election.roles import votes_column
from tallyscope.returns.build import build_returns
from tallyscope.returns.table import Returns
from tallyscope.simulation.attributes import arrived, scanner
from tallyscope.simulation.certificates import added_lines, certificate_lines
from tallyscope.simulation.counting import ballot_lines, choice_votes, other_weights, rates_around
from tallyscope.simulation.country import Country, country
from tallyscope.simulation.habits import Habits
from tallyscope.simulation.hours import hour_lines
from tallyscope.simulation.latent import Latent, expit, latent, standardised_log
from tallyscope.simulation.names import choices_named
from tallyscope.simulation.randomness import generator
from tallyscope.simulation.spec import Behaviour, CleanSpec

__all__ = ["Contest", "clean_election", "draw_figures"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Contest:
    """Who stands, and how they divide the votes: see CleanSpec for the same fields."""

    choices: tuple[Choice, ...]
    leader: int
    others: tuple[float, ...]
    others_region: float
    others_station: float


def clean_election(spec: CleanSpec | None = None, seed: int = 1) -> Returns:
    """Draws a clean election; the same spec and seed give the same table.

    The form is "simulated" (shares of ballots cast); all its relations, soft ones included, hold in every station.
    """
    spec = spec or CleanSpec()
    form = load_form("simulated")
    land = country(spec, generator(seed, "country"))
    contest = Contest(
        choices_named(spec.choices, form.first_choice_line or 0),
        spec.leader,
        spec.others,
        spec.others_region,
        spec.others_station,
    )
    units = (land.region, land.territory)
    figures = draw_figures(land.registered, units, spec.behaviour, spec.habits, contest, seed)
    election = Election(id="simulated", title=spec.title, form=form, choices=contest.choices)
    notice = f"A simulated clean election (seed {seed}): there is no such country."
    table = pl.DataFrame({**_tree(land), **figures})
    return build_returns(table, election, levels=("region", "territory"), notices=(notice,))


def draw_figures(
    registered: Ints, units: tuple[Ints, ...], behaviour: Behaviour, habits: Habits, contest: Contest, seed: int
) -> dict[str, npt.NDArray[Any]]:
    """The figures of every protocol, and what stands beside it: column of Returns -> (stations,).

    `units`: the number of each station's region, then of its territory, (stations,) each; may be shorter.
    """
    land = latent(behaviour, standardised_log(registered), units, generator(seed, "behaviour"))
    lines = ballot_lines(registered, land, habits, generator(seed, "ballots"))
    cast = lines["portable"] + lines["stationary"]
    rng = generator(seed, "votes")
    region = units[0] if units else np.zeros(registered.size, dtype=np.int64)
    others = other_weights(np.array(contest.others), region, contest.others_region, contest.others_station, rng)
    spoil = rates_around(habits.invalid, habits.invalid_spread, np.zeros(registered.size), rng)
    leader, invalid, rest = choice_votes(cast, expit(land.values[:, 1]), spoil, others, rng)
    votes = np.insert(rest, contest.leader, leader, axis=1)
    columns = {votes_column(c.id): votes[:, i] for i, c in enumerate(contest.choices)}
    more = {**_other_lines(lines, land, habits, seed), **_attributes(land, habits, seed)}
    return {**lines, "invalid": invalid, "valid": cast - invalid, **columns, **more}


def _other_lines(lines: dict[str, Ints], land: Latent, habits: Habits, seed: int) -> dict[str, Ints]:
    """Certificates, voters added, turnout by hour: those that `habits` has."""
    registered, inside, early = lines["registered"], lines["issued_in_station"], lines["issued_early"]
    more: dict[str, Ints] = {}
    if habits.certificates is not None:
        rng = generator(seed, "certificates")
        more |= certificate_lines(registered, inside, land, habits.certificates, rng)
    if habits.added is not None:
        used = more.get("certificates_used", np.zeros_like(inside))
        more |= added_lines(inside, used, land, habits.added, generator(seed, "added"))
    if habits.hours is not None:
        issued = early + inside + lines["issued_outside"]
        more |= hour_lines(early, issued, land, habits.hours, generator(seed, "hours"))
    return more


def _attributes(land: Latent, habits: Habits, seed: int) -> dict[str, npt.NDArray[Any]]:
    """What stands beside the protocols: those attributes that `habits` has."""
    beside: dict[str, npt.NDArray[Any]] = {}
    if habits.arrivals is not None:
        beside["arrived"] = arrived(land, habits.arrivals, generator(seed, "arrivals"))
    if habits.scanners is not None:
        beside["scanner"] = scanner(land, habits.scanners, generator(seed, "scanners"))
    return beside


def _tree(land: Country) -> dict[str, pl.Series]:
    """The columns region, territory and station; territories and stations are numbered within their region."""
    regions = pl.Series(land.region_names, dtype=pl.String)
    first_territory = np.searchsorted(land.region_of, land.region)
    first_station = np.searchsorted(land.region, land.region)
    territory = land.territory - first_territory + 1
    station = np.arange(land.region.size) - first_station + 1
    numbers = pl.DataFrame({"t": territory, "s": station}).select(
        pl.format("District {}", pl.col("t").cast(pl.String).str.zfill(2)), pl.col("s").cast(pl.String)
    )
    return {
        "region": regions.gather(land.region),
        "territory": numbers.to_series(0),
        "station": numbers.to_series(1),
    }
