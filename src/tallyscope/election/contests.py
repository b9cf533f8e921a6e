"""Every election that texts may speak of: those of the registry, and others known by name and day only."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from tallyscope.election.election import Choice
from tallyscope.election.load import election_ids, load_election

__all__ = ["Contest", "contests"]


@dataclass(frozen=True)
class Contest:
    """What tells one election from another in a text. `office`: "president", "parliament" or "referendum".

    `held`: False for an election without station data in the registry. `lists`: the choices are parties.
    """

    id: str
    title: str
    country: str
    office: str
    voting_days: tuple[date, ...]
    choices: tuple[Choice, ...]
    held: bool = True
    lists: bool = False
    #: Part of a national election, of one region.
    regional: bool = False


@cache
def contests() -> tuple[Contest, ...]:
    """All of them, by country and day."""
    found = [*_registered(), *_others()]
    return tuple(sorted(found, key=lambda c: (c.country, c.voting_days)))


def _registered() -> list[Contest]:
    found = []
    for id in election_ids():
        e = load_election(id)
        if e.country:
            # In Bolivia parties are voted for, by the names of their candidates.
            lists = e.office != "president" or e.country == "BO"
            regional = id.count("-") == 3 and not id.rpartition("-")[2].isdigit()
            found.append(Contest(id, e.title, e.country, e.office, e.voting_days, e.choices, True, lists, regional))
    return found


def _others() -> list[Contest]:
    text = files("tallyscope.election").joinpath("contests.toml").read_text(encoding="utf-8")
    found = []
    for id, entry in tomllib.loads(text).items():
        choices = tuple(Choice(c["id"], c["name"], tuple(c.get("names", ()))) for c in entry["choices"])
        lists = entry["office"] != "president" or entry.get("lists", False)
        days = tuple(entry["voting_days"])
        found.append(Contest(id, entry["title"], entry["country"], entry["office"], days, choices, False, lists))
    return found
