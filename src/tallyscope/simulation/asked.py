"""Mechanisms as a person asks for them, in one line each, and their doing one after another.

    ballot stuffing:dose=.05,units=.2,at=territory
    one percentage for a territory:dose=1,site=Glenfield;Ambermere/District 03,unit=region

`site`: names of units, ";" between them and "/" between their levels; `at`: the level of the units; `units`: the
share of all units; `stations`: the share of their stations; `choice`: who gains; the rest are the mechanism's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tallyscope.returns.table import Returns
from tallyscope.simulation.mechanisms import MECHANISMS
from tallyscope.simulation.mechanisms.mechanism import Mechanism
from tallyscope.simulation.site import Site
from tallyscope.simulation.truth import Simulation

__all__ = ["PLACE", "Asked", "ask", "carry_out"]

#: What can be said of any mechanism, and what it means.
PLACE: Mapping[str, str] = {
    "dose": "how much; see each mechanism (needed)",
    "site": 'names of units where it acts, "North;South/District 03" (any)',
    "at": "the level of those units (the top one)",
    "units": "share of all units where it acts (1)",
    "stations": "share of their stations where it acts (1)",
    "choice": "id of the choice that gains (the leader)",
}
#: A comma ends a value only if a key follows: names of places may have commas.
_PIECES = re.compile(r",(?=\s*[a-z_]+\s*=)")


@dataclass(frozen=True)
class Asked:
    """A mechanism, its dose and place, and what else was asked of it. `text`: as the person wrote it."""

    text: str
    mechanism: Mechanism
    dose: float
    site: Site
    options: Mapping[str, Any] = field(default_factory=dict)


def ask(text: str) -> tuple[Asked | None, tuple[str, ...]]:
    """Reads one line, or says everything that is wrong with it."""
    name, _, rest = text.partition(":")
    mechanism = MECHANISMS.get(" ".join(name.replace("-", " ").replace("_", " ").lower().split()))
    if mechanism is None:
        return None, (f"{text!r}: there is no mechanism {name.strip()!r}; there are: {', '.join(MECHANISMS)}",)
    given, problems = _given(rest)
    readers: dict[str, Callable[[str], object]] = {"dose": float, "units": float, "stations": float}
    readers |= {"site": _units, "at": str, "choice": str}
    readers |= {key: option.read for key, option in mechanism.options.items()}
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in readers:
            problems.append(
                f"{key!r} is nothing that {mechanism.name} can be asked; there are: {', '.join(readers)}"
            )
            continue
        try:
            values[key] = readers[key](value)
        except ValueError:
            problems.append(f"{key}={value}: is not a number")
    if "dose" not in given:
        problems.append(f"a dose is needed: {mechanism.meaning}")
    elif "dose" in values and not 0 <= values["dose"] < float("inf"):
        problems.append(f"a dose is a number from 0 on, not {values['dose']}")
    site = _site(values, problems)
    if problems or site is None:
        return None, tuple(f"{text!r}: {p}" for p in problems)
    options = {k: v for k, v in values.items() if k == "choice" or k in mechanism.options}
    return Asked(text, mechanism, values["dose"], site, options), ()


def _given(text: str) -> tuple[dict[str, str], list[str]]:
    """key=value pairs; what is none of them is told."""
    given: dict[str, str] = {}
    problems = []
    for piece in filter(str.strip, _PIECES.split(text)):
        key, sign, value = (x.strip() for x in piece.partition("="))
        if not sign or not value:
            problems.append(f"{piece.strip()!r} is not key=value")
        elif key in given:
            problems.append(f"{key!r} is said twice")
        else:
            given[key] = value
    return given, problems


def _units(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(part.strip() for part in unit.split("/")) for unit in text.split(";") if unit.strip())


def _site(values: Mapping[str, Any], problems: list[str]) -> Site | None:
    try:
        return Site(values.get("at"), values.get("site"), values.get("units", 1.0), values.get("stations", 1.0))
    except ValueError as error:
        problems.append(str(error).replace("share_of_", ""))
        return None


def carry_out(clean: Returns, asked: Iterable[Asked], seed: int) -> tuple[Simulation, tuple[str, ...]]:
    """Does to a clean election what was asked, in order, with one seed after another; says what cannot be done.

    What cannot be done is left out, so that everything that is wrong is told at once.
    """
    returns, truths, problems = clean, [], []
    # Whoever leads before leads the mechanisms that name nobody, even if one of them makes another choice win.
    leader = clean.leader.id if clean.leader else None
    for number, one in enumerate(asked):
        apply: Callable[..., Any] = one.mechanism.apply
        try:
            returns, truth = apply(returns, one.site, one.dose, seed + number, **{"choice": leader, **one.options})
            truths.append(truth)
        except ValueError as error:
            problems.append(f"{one.text!r}: {error}")
    return Simulation(returns, clean, tuple(truths)), tuple(problems)
