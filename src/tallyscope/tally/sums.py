"""Sums of protocols at any level of the tree, with turnout and shares whose denominator is the law's."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tallyscope.returns.table import Returns
from tallyscope.tally.parts import finished, parts

__all__ = ["NATION", "STATION", "UnknownLevel", "level_keys", "level_named", "tally"]

NATION, STATION = "nation", "station"


class UnknownLevel(ValueError):
    """A tally was asked for at a level that these returns do not have."""


def level_named(returns: Returns, name: str) -> str:
    """The level a person means: "nation", "station", a level's name, or the header a file gives it ("tik").

    Raises UnknownLevel, which lists what there is.
    """
    wanted = name.strip().casefold()
    if wanted in (NATION, "national", "country") and wanted not in returns.levels:
        return NATION
    if wanted in (STATION, "stations"):
        return STATION
    aliases = {level.name: [level.name, level.title, *level.names] for level in returns.election.form.levels}
    for level in returns.levels:
        if wanted in {alias.casefold() for alias in aliases.get(level, [level])}:
            return level
    raise UnknownLevel(f"there is no level {name!r}; there are: {', '.join([NATION, *returns.levels, STATION])}")


def tally(returns: Returns, by: str = NATION) -> pl.DataFrame:
    """Sums every figure by a level; units in order of appearance.

    Columns: the levels down to `by`; `stations` (ordinary ones), of which `reported`, `empty` and `zero`; `pseudo`
    (rows that are not stations; they are in the sums); every figure's sum over the rows in which it is known, null
    where it is known in none; `turnout` (100 cast / registered) and `share_<choice id>` (100 votes / the form's
    denominator), in per cent, each over the rows in which both of its figures are known, null where the lower is 0.
    Raises UnknownLevel.
    """
    keys = level_keys(returns, level_named(returns, by))
    return finished(parts(returns, keys), returns, keys)


def level_keys(returns: Returns, level: str) -> Sequence[str]:
    """The columns that name a unit of a level, `level_named` having said which; none for the nation."""
    if level == NATION:
        return ()
    if level == STATION:
        return (*returns.levels, STATION)
    return returns.levels[: returns.levels.index(level) + 1]
