"""How the columns of a file become columns of Returns: the thing `inspect` writes and `--mapping` reads.

Targets are short texts, so that a person can correct them in TOML:

    "registered", "valid" ...  a role (see tallyscope.election.roles)
    "choice:putin"             the votes for a choice, with its id
    "level:region"             a level of the tree above the station
    "station"                  names the station (several columns are joined in order)
    "arrived"                  when the protocol came in, in UTC; "arrived:Europe/Moscow" in the time of that place
                               (several columns - year, month ... second - are joined in order)
    "scanner"                  whether the ballots were counted by a machine: yes or no
    "ignore"                   known, not used
"""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field

from tallyscope.election.form import Denominator
from tallyscope.election.roles import is_role, votes_column

__all__ = [
    "ARRIVED",
    "IGNORE",
    "SCANNER",
    "STATION",
    "ColumnMapping",
    "arrived_target",
    "attribute_of",
    "choice_of",
    "joined",
    "level_of",
    "target_column",
    "target_error",
    "zone_of",
]

STATION = "station"
IGNORE = "ignore"
ARRIVED = "arrived"
SCANNER = "scanner"


@dataclass(frozen=True)
class ColumnMapping:
    """File header -> target, and what a file does not say about its election itself."""

    columns: MappingABC[str, str]
    #: Levels of the tree, the top one first.
    levels: tuple[str, ...] = ()
    title: str = ""
    denominator: Denominator = "valid"
    #: Choice id -> the name to show.
    choice_names: MappingABC[str, str] = field(default_factory=dict)
    #: Role -> expression over roles ("valid + invalid"), for figures that no column carries.
    derived: MappingABC[str, str] = field(default_factory=dict)
    #: True: rows that are the sums of other rows are left out; False: such a row is an error.
    drop_totals: bool = False
    #: Id of the form whose lines and relations these protocols have; "" for none that is known.
    form: str = ""


def choice_of(target: str) -> str | None:
    """The choice id of a "choice:..." target, else None."""
    return target.removeprefix("choice:") if target.startswith("choice:") else None


def level_of(target: str) -> str | None:
    """The level's name of a "level:..." target, else None."""
    return target.removeprefix("level:") if target.startswith("level:") else None


def attribute_of(target: str) -> str | None:
    """The attribute of an "arrived", "arrived:ZONE" or "scanner" target, else None."""
    name = target.partition(":")[0]
    return name if target == SCANNER or name == ARRIVED else None


def zone_of(target: str) -> str:
    """The time zone of an "arrived:ZONE" target; UTC where none is named."""
    return target.partition(":")[2] or "UTC"


def arrived_target(zone: str = "UTC") -> str:
    """The target of a column of times of this zone."""
    return ARRIVED if zone == "UTC" else f"{ARRIVED}:{zone}"


def joined(target: str) -> bool:
    """True if several columns may have this target: they are joined in order, or left out."""
    return target in (STATION, IGNORE) or attribute_of(target) == ARRIVED


def target_column(target: str) -> str:
    """The column of Returns that a role or choice target fills."""
    choice = choice_of(target)
    return votes_column(choice) if choice is not None else target


def target_error(target: str) -> str | None:
    """What is wrong with a target, in one sentence, or None if it is a good one."""
    named = choice_of(target) if choice_of(target) is not None else level_of(target)
    if named is not None:
        ok = named.replace("_", "").replace("-", "").isalnum()
        return None if ok else f"{target!r}: a name of letters, digits and _ must follow the colon"
    if attribute_of(target) == ARRIVED:
        return _zone_error(target)
    if target in (STATION, IGNORE, SCANNER) or is_role(target):
        return None
    return f"{target!r} is not a role, 'choice:NAME', 'level:NAME', 'station', 'arrived', 'scanner' or 'ignore'"


def _zone_error(target: str) -> str | None:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(zone_of(target))
    except (KeyError, ValueError, OSError):
        return f"{target!r}: a time zone such as 'Europe/Moscow' must follow the colon"
    return None
