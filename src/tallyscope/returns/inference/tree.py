"""Levels of the tree and the key of a station: which columns place a row, in which order, and which one names it.

A column is above another if its value follows from the other's (region from territory). Codes repeat what names say
and are left out. The station's key are the columns that, with the levels, tell all rows apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tallyscope.election.roles import is_role
from tallyscope.returns.inference.columns import Column
from tallyscope.returns.inference.found import NAMED
from tallyscope.returns.inference.names import NameScores
from tallyscope.returns.inference.places import (
    Candidate,
    candidate_of,
    distinct,
    follows,
    in_blocks,
    ordered,
    twins,
    without_twins,
)
from tallyscope.returns.inference.slugs import slug
from tallyscope.returns.table import ATTRIBUTES, BOOKKEEPING

__all__ = ["Place", "Tree", "find_tree"]

#: One value in more rows than this: a mark of odd rows, no level.
_DOMINANT = 0.98
#: This share of the rows told apart is enough: a row may stand in a file twice.
_APART = 0.98


@dataclass(frozen=True)
class Place:
    """What a column has to do with where a row is: "level:region", "station" or "ignore"; how surely, and why."""

    target: str
    confidence: float
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Tree:
    """Levels, the top one first, as (name, position of the column); positions of the station's columns."""

    levels: tuple[tuple[str, int], ...]
    station: tuple[int, ...]
    places: Mapping[int, Place]


def find_tree(columns: Sequence[Column], names: Sequence[NameScores], positions: Sequence[int]) -> Tree:
    """The tree that the columns at `positions` (those that count nothing) make."""
    candidates = [c for c in (candidate_of(columns[p], names[p]) for p in positions) if c.values > 1]
    rows = columns[0].series.len() if columns else 0
    station = _station(candidates, rows)
    rest = [c for c in candidates if c not in station]
    named = [c for c in rest if c.level >= NAMED and c.name.ignore < c.level]
    named = without_twins(ordered(named), [])
    others = _levels_among([c for c in rest if c not in named and not c.said_station], named, rows)
    levels = ordered([*named, *without_twins(ordered(others), named)])
    if not station and levels and distinct(levels) == rows:
        station, levels = [levels[-1]], levels[:-1]
    station = _needed(station, levels)
    levels, station = _completed(levels, station, candidates, rows)
    return _told(levels, station, candidates, rows)


def _station(candidates: Sequence[Candidate], rows: int) -> list[Candidate]:
    """Columns named as stations are; else one that is unique, or that is unique within those to its left."""
    named = [c for c in candidates if c.said_station]
    if named:
        finest = max(named, key=lambda c: c.values)
        return [finest] if finest.values >= _APART * rows else named
    possible = [c for c in candidates if c.level < NAMED and c.name.ignore < NAMED and c.dominant <= _DOMINANT]
    unique = [c for c in possible if c.values == rows]
    if unique:
        return [min(unique, key=lambda c: (c.words, c.position))]
    told = [distinct(candidates[: candidates.index(c) + 1]) for c in possible]
    if not told or max(told) < 0.8 * rows:
        return []
    enough = next(i for i, n in enumerate(told) if n >= _APART * max(told)) + 1
    # What decides another column's value is a place with others in it.
    last = [c for c in possible[:enough] if not any(o is not c and follows(o, c) >= 0.95 for o in possible)]
    return [last[-1] if last else possible[enough - 1]]


def _levels_among(candidates: Sequence[Candidate], named: Sequence[Candidate], rows: int) -> list[Candidate]:
    """Unnamed columns that are levels: each lies in blocks within those above it, or follows from a finer one."""
    kept: list[Candidate] = []
    for candidate in candidates:
        if candidate.dominant > _DOMINANT or candidate.values > rows / 2 or candidate.name.ignore >= NAMED:
            continue
        finer = [o for o in (*candidates, *named) if candidate.values < o.values <= rows / 3]
        above = [k for k in kept if k.position < candidate.position]
        if any(follows(candidate, o) >= 0.95 for o in finer) or in_blocks([*above, candidate]):
            kept.append(candidate)
    return kept


def _needed(station: Sequence[Candidate], levels: Sequence[Candidate]) -> list[Candidate]:
    """Of the columns named as stations those that it takes to tell the rows apart."""
    kept: list[Candidate] = []
    for column in sorted(station, key=lambda c: -c.values):
        if not kept or distinct([*levels, *kept, column]) > 1.002 * distinct([*levels, *kept]):
            kept.append(column)
    return sorted(kept, key=lambda c: c.position)


def _completed(
    levels: list[Candidate], station: list[Candidate], candidates: Sequence[Candidate], rows: int
) -> tuple[list[Candidate], list[Candidate]]:
    """Codes that start anew in every place ("001") tell nothing alone: those it takes to tell rows apart come in.

    They are levels as long as they leave two stations together, and parts of the station's key below that.
    """
    possible = [c for c in candidates if c.name.ignore < NAMED and c.dominant <= _DOMINANT]
    possible = [c for c in possible if c not in levels and c not in station]
    if not station or distinct([*levels, *station]) >= _APART * rows:
        return levels, station
    if distinct([*levels, *station, *possible]) < _APART * rows:
        return levels, station
    for column in possible:
        if 2 * distinct([*levels, column]) <= rows:
            levels = ordered([*levels, column])
        else:
            station = sorted([*station, column], key=lambda c: c.position)
        if distinct([*levels, *station]) >= _APART * rows:
            break
    return levels, station


def _told(
    levels: Sequence[Candidate], station: Sequence[Candidate], candidates: Sequence[Candidate], rows: int
) -> Tree:
    named: list[tuple[str, int]] = []
    places: dict[int, Place] = {}
    for depth, level in enumerate(levels):
        name = _level_name(level, {n for n, _ in named})
        named.append((name, level.position))
        places[level.position] = _of_level(level, name, levels[:depth])
    together = distinct([*levels, *station]) if station else 0
    for column in station:
        evidence = [f"{column.values:,} values; with its levels it tells {together:,} of {rows:,} rows apart"]
        if column.said_station:
            evidence.insert(0, f"its name is that of a station ({column.name.station:.0%})")
        confidence = (0.97 if column.said_station else 0.75) * min(1.0, together / rows)
        places[column.position] = Place("station", confidence, tuple(evidence))
    for other in candidates:
        if other.position not in places:
            places[other.position] = Place("ignore", 0.6, (_why_not(other, levels),))
    return Tree(tuple(named), tuple(c.position for c in station), places)


def _of_level(level: Candidate, name: str, above: Sequence[Candidate]) -> Place:
    evidence = [f"{level.values:,} values"]
    nested = follows(above[-1], level) if above else 1.0
    if above:
        evidence.append(f"{nested:.0%} of them lie in one {above[-1].header!r} each")
    if level.level >= NAMED:
        evidence.insert(0, f"its name is that of a level, {level.name.best_level[0]!r} ({level.level:.0%})")
    confidence = 0.9 + 0.08 * nested if level.level >= NAMED else 0.45 + 0.3 * nested
    return Place(f"level:{name}", confidence, tuple(evidence))


def _level_name(level: Candidate, taken: set[str]) -> str:
    name = level.name.best_level[0] if level.level >= NAMED else slug(level.header)
    if name in taken:
        name = slug(level.header)
    if is_role(name) or name in BOOKKEEPING or name in ATTRIBUTES or name in taken:
        name = f"{name}_level"
    return name if name not in taken else f"{name}_{level.position + 1}"


def _why_not(candidate: Candidate, levels: Sequence[Candidate]) -> str:
    for level in levels:
        if twins(candidate, [level]):
            return f"a code of {level.header!r}: one value for each of its values"
    if candidate.name.ignore >= NAMED:
        return "known by its name, and not used"
    if candidate.dominant > _DOMINANT:
        return f"one value in {candidate.dominant:.1%} of the rows"
    return f"{candidate.values:,} values that neither name a station nor make a level"
