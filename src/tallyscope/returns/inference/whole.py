"""An unknown file is worked out: by names and by arithmetic, without form, registry or mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from tallyscope.election.roles import ROLES
from tallyscope.returns.inference.attributes import attribute_guesses
from tallyscope.returns.inference.choices import find_tally
from tallyscope.returns.inference.claims import ballots_in
from tallyscope.returns.inference.columns import Column, look_at
from tallyscope.returns.inference.figures import Counts, Held, counts_of
from tallyscope.returns.inference.found import NAMED, Tally
from tallyscope.returns.inference.ids import looks_like_id
from tallyscope.returns.inference.names import NameScores, score_names
from tallyscope.returns.inference.result import ColumnGuess, Inference
from tallyscope.returns.inference.roles import Role, assign_roles
from tallyscope.returns.inference.slugs import choice_ids, choice_name
from tallyscope.returns.inference.sums import pair_sums
from tallyscope.returns.inference.totals import total_rows
from tallyscope.returns.inference.tree import Tree, find_tree
from tallyscope.returns.inference.turnout import remarks
from tallyscope.returns.mapping import IGNORE

__all__ = ["derived_figures", "infer"]


@dataclass(frozen=True, eq=False)
class _File:
    """A file's columns and what their headers say; the matrix of its counts, and what is found in it."""

    columns: Sequence[Column]
    names: Sequence[NameScores]
    counts: Counts
    #: Of every column of the matrix: its position in the file, and its header's scores.
    positions: Sequence[int]
    of_counts: Sequence[NameScores]
    #: Column of the matrix -> why it counts nothing.
    ids: Mapping[int, str]


def infer(frame: pl.DataFrame) -> Inference:
    """Works out what every column of a file is.

    frame: the table as read, headers as column names; columns of Int64, Float64 or String, in any mixture. What may
    name something ("0030") should come as text: numbers have lost their leading zeros. Nothing is raised for a file
    that cannot be understood: its guesses are "ignore" with low confidence.
    """
    file = _look(frame)
    ids = frozenset(file.ids)
    tally = find_tally(file.counts, file.of_counts, ids)
    roles = assign_roles(file.counts, file.of_counts, ids, tally)
    by_position = {file.positions[i]: role for i, role in roles.items()}
    tree = find_tree(file.columns, file.names, _placing(file, by_position))
    sums = _sums(file.counts, tally, ids)
    base = ballots_in(file.counts, file.of_counts, tally)
    said = {p: remarks(file.counts, sums, i, base) for i, p in enumerate(file.positions) if p not in by_position}
    guesses, choice_names = _guesses(file, by_position, tree, said)
    return Inference(
        guesses=guesses,
        relations=tuple(file.counts.describe(h) for h in sums),
        totals=_totals(file, by_position, tree),
        levels=tuple(name for name, _ in tree.levels),
        derived=derived_figures({g.target for g in guesses}),
        choice_names=choice_names,
        rows=frame.height,
    )


def _look(frame: pl.DataFrame) -> _File:
    columns = [look_at(series, i) for i, series in enumerate(frame.iter_columns())]
    names = score_names([c.name for c in columns])
    counts = counts_of(columns)
    positions = [c.position for c in columns if c.counts is not None]
    of_counts = [names[p] for p in positions]
    ids = {i: w for i in range(counts.width) if (w := looks_like_id(counts, i, of_counts[i])) is not None}
    return _File(columns, names, counts, positions, of_counts, ids)


def _placing(file: _File, roles: Mapping[int, Role]) -> list[int]:
    """Columns that may place a row: text and codes, and numbers that count nothing."""
    ids = {file.positions[i] for i in file.ids}
    out = []
    for column in file.columns:
        station = file.names[column.position].station >= NAMED
        share = file.names[column.position].percentage
        numbers = column.kind == "count" and not share and (column.position in ids or station or _unique(column))
        other = column.kind in ("text", "code") or (column.kind == "decimal" and station)
        if column.position not in roles and (numbers or other):
            out.append(column.position)
    return out


def _unique(column: Column) -> bool:
    return column.series.n_unique() >= 0.95 * column.series.len()


def _guesses(
    file: _File, roles: Mapping[int, Role], tree: Tree, said: Mapping[int, tuple[str, ...]]
) -> tuple[tuple[ColumnGuess, ...], dict[str, str]]:
    """One guess a column, and the names of the choices. `said`: remarks on columns without a role."""
    chosen = [c for c in file.columns if c.position in roles and roles[c.position].target == "choice"]
    ids = dict(zip([c.position for c in chosen], choice_ids([c.name for c in chosen]), strict=True))
    numbering = {file.positions[i]: (why,) for i, why in file.ids.items()}
    said_of_attributes = attribute_guesses([c for c in file.columns if c.position not in roles])
    guesses = []
    for column in file.columns:
        at = column.position
        if at in roles:
            role = roles[at]
            target = f"choice:{ids[at]}" if at in ids else role.target
            guesses.append(ColumnGuess(column.name, target, role.confidence, role.evidence))
        elif at in said_of_attributes:
            guesses.append(said_of_attributes[at])
        elif at in tree.places:
            place = tree.places[at]
            evidence = (*place.evidence, *numbering.get(at, ()))
            guesses.append(ColumnGuess(column.name, place.target, place.confidence, evidence))
        else:
            why = numbering.get(at, said.get(at, ()))
            guesses.append(_left_over(column, file.names[at], why))
    return tuple(guesses), {ids[c.position]: choice_name(c.name) for c in chosen}


def _left_over(column: Column, name: NameScores, said: tuple[str, ...]) -> ColumnGuess:
    if column.evidence:
        return ColumnGuess(column.name, IGNORE, 0.9, column.evidence)
    if name.ignore >= NAMED:
        return ColumnGuess(column.name, IGNORE, 0.9, ("known by its name, and not used",))
    why = "counts of something that neither name nor arithmetic tells"
    return ColumnGuess(column.name, IGNORE, 0.3, (why, *said))


def _sums(counts: Counts, tally: Tally | None, ids: frozenset[int]) -> list[Held]:
    """Every sum that was found, each once, those of the count first."""
    near = [] if tally is None else [tally.held, tally.around.held if tally.around is not None else None]
    others = [c for c in range(counts.width) if c not in ids and (tally is None or c not in tally.choices)]
    small = pair_sums(counts, others) if len(others) <= 40 else []
    held = [h for h in (*near, *(() if tally is None else tally.sums), *small) if h is not None]
    once = {(h.left, frozenset(h.right)): h for h in reversed(held)}
    return list(reversed(once.values()))


def _totals(file: _File, roles: Mapping[int, Role], tree: Tree) -> pl.DataFrame:
    """Totals by the columns that were understood; by all counts if none was."""
    used = set(roles) or set(file.positions)
    figures = {c.name: c.counts for c in file.columns if c.counts is not None and c.position in used}
    levels = [file.columns[p].name for _, p in tree.levels]
    placing = {*levels, *(file.columns[p].name for p in tree.station)}
    words = [c for c in file.columns if c.name in placing or c.kind in ("text", "code")]
    text = {c.name: c.series.cast(pl.String) for c in words if c.name not in figures}
    return total_rows(pl.DataFrame({**text, **figures}), list(figures), levels)


def derived_figures(targets: set[str]) -> dict[str, str]:
    """The standing figures that no column carries, as expressions over those that one does, in order of need.

    Spain's blank ballots are valid; elsewhere blank ballots beside votes for choices are neither valid nor invalid.
    """
    derived: dict[str, str] = {}
    choices = any(t.startswith("choice:") for t in targets)
    has = {t for t in targets if t in ROLES}
    if "valid" not in has and choices:
        parties = "for_choices" in has
        derived["valid"] = "for_choices + blank" if parties and "blank" in has else "choices"
        if parties and "blank" not in has:
            derived["valid"] = "for_choices"
    valid = "valid" in has or "valid" in derived
    if "invalid" not in has and "cast" in has and valid:
        derived["invalid"] = "cast - valid"
    if "cast" not in has and valid and "invalid" in has:
        blank = "blank" in has and "blank" not in derived.get("valid", "")
        derived["cast"] = "valid + blank + invalid" if blank else "valid + invalid"
    if "cast" not in has and "cast" not in derived and {"portable", "stationary"} <= has:
        derived["cast"] = "portable + stationary"
    parts = [r for r in ("issued_early", "issued_in_station", "issued_outside") if r in has]
    if "issued" not in has and len(parts) >= 2:
        derived["issued"] = " + ".join(parts)
    elif "issued" not in has and "voted" in has:
        derived["issued"] = "voted"
    return derived
