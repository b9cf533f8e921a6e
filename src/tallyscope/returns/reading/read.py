"""Reads the files of one election into Returns, or says everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Literal

import polars as pl

from tallyscope.election.election import Election
from tallyscope.election.roles import ROLES
from tallyscope.returns.build import build_returns
from tallyscope.returns.mapping import STATION, ColumnMapping, choice_of, level_of
from tallyscope.returns.problems import Problem, ReadError
from tallyscope.returns.reading.audit import audit
from tallyscope.returns.reading.cells import Cells, read_cells
from tallyscope.returns.reading.container import open_members
from tallyscope.returns.reading.mapped import mapping_problems
from tallyscope.returns.reading.recognise import Recognition, recognise, recognise_as
from tallyscope.returns.reading.tables import RawTable, open_table
from tallyscope.returns.reading.unknown import MAPPED, election_of, work_out
from tallyscope.returns.table import Returns, Source

__all__ = ["Plan", "plan_table", "read", "tables_of"]


@dataclass(frozen=True)
class Plan:
    """How one table will be read: header -> target, for which election."""

    table: RawTable
    election: Election
    targets: Mapping[str, str]
    levels: tuple[str, ...]
    drop_totals: bool = False
    notices: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def read(
    *paths: str | PathLike[str],
    mapping: ColumnMapping | None = None,
    election: str | None = None,
    totals: Literal["refuse", "drop"] = "refuse",
) -> Returns:
    """Reads one or several files as the returns of one election.

    `mapping`: how the columns are to be understood, if not by recognition. `election`: id of a registered election
    to read them as. `totals`: what to do with rows that are the sums of other rows. A file that nobody knows is
    worked out by names and arithmetic. Raises ReadError with every problem of every file; nothing is returned then.
    Raises UnknownElection for an id that is not in the registry.
    """
    if not paths:
        raise ReadError([Problem("(no file)", "no file was given.", "Name at least one.")])
    plans: list[Plan] = []
    problems: list[Problem] = []
    for table, failure in tables_of(paths):
        problems += failure
        if table is not None:
            try:
                plans.append(plan_table(table, mapping, election))
            except ReadError as error:
                problems += error.problems
    problems += _different_elections(plans)
    read_plans, cells = [], []
    for number, plan in enumerate(plans):
        problems += plan.problems
        try:
            cells.append(read_cells(plan.table, plan.targets, plan.levels, plan.election.form, number))
            read_plans.append(plan)
            problems += cells[-1].problems
        except ReadError as error:
            problems += error.problems
    # What is wrong with the table as a whole is told together with what is wrong with its cells.
    if cells and not _different_elections(plans):
        drop = totals == "drop" or any(plan.drop_totals for plan in plans)
        returns, found = audit(_assembled(read_plans, cells), drop_totals=drop)
        problems += [_under_its_header(problem, read_plans) for problem in found]
    if problems:
        raise ReadError(problems)
    return returns


def _under_its_header(problem: Problem, plans: Sequence[Plan]) -> Problem:
    """The audit knows the columns of the table; a person looks for the headers of her file."""
    for plan in plans:
        if plan.table.name == problem.file and problem.column is not None:
            targets = (problem.column, f"level:{problem.column}")
            headers = [header for header, target in plan.targets.items() if target in targets]
            return replace(problem, column=" + ".join(headers)) if headers else problem
    return problem


def tables_of(paths: Sequence[str | PathLike[str]]) -> list[tuple[RawTable | None, tuple[Problem, ...]]]:
    """Every table of every file, or the problems that kept it from being opened."""
    out: list[tuple[RawTable | None, tuple[Problem, ...]]] = []
    given: dict[str, Path] = {}
    for path in map(Path, paths):
        try:
            members = open_members(path)
            first = given.setdefault(members[0].sha256, path)
            if first is not path:
                text = f"has the same content as {first}: everything would be counted twice."
                raise ReadError([Problem(str(path), text, "Name it once.")])
        except ReadError as error:
            out.append((None, error.problems))
            continue
        for member in members:
            try:
                out.append((open_table(member), ()))
            except ReadError as error:
                out.append((None, error.problems))
    return out


def plan_table(table: RawTable, mapping: ColumnMapping | None, election: str | None) -> Plan:
    """Decides how a table is read. Raises ReadError when it lacks columns, or is not understood."""
    if mapping is not None:
        return _mapped(table, mapping)
    found = recognise_as(table.headers, election) if election else recognise(table.headers)
    if found is None:
        inferred = work_out(table)
        plan = _mapped(table, inferred.mapping)
        return Plan(plan.table, plan.election, plan.targets, plan.levels, plan.drop_totals, inferred.notices)
    lacking = _lacking(table, found)
    if not any(target in ROLES or choice_of(target) for target in found.targets.values()):
        raise ReadError(lacking)
    return Plan(
        table,
        found.election,
        found.targets,
        _form_levels(found),
        notices=(*table.notices, *_levels_lacking(table, found)),
        problems=tuple(lacking),
    )


def _lacking(table: RawTable, found: Recognition) -> list[Problem]:
    hint = "Is it under another name? `tallyscope inspect` shows every column and writes a mapping to correct."
    text = f"is missing; the file looks like {found.election.title}, whose protocols have it."
    return [Problem(table.name, text, hint, column=column) for column in found.missing]


def _form_levels(found: Recognition) -> tuple[str, ...]:
    there = {level_of(t) for t in found.targets.values()}
    return tuple(level.name for level in found.election.form.levels if level.name in there)


def _levels_lacking(table: RawTable, found: Recognition) -> list[str]:
    """A file may be of one region, and leave its name out; but then somebody has to know it."""
    there = set(found.targets.values())
    lacking = [x for x in found.election.form.levels if f"level:{x.name}" not in there]
    if STATION not in there:
        return []
    return [f"{table.name} has no column {x.names[0]!r}: nothing is told by {x.title.lower()}." for x in lacking]


def _mapped(table: RawTable, mapping: ColumnMapping) -> Plan:
    """Reads a table as a mapping says. Raises ReadError when the mapping does not fit the table, or itself."""
    problems = mapping_problems(table, mapping)
    if problems:
        raise ReadError(problems)
    levels = mapping.levels or tuple(level for t in mapping.columns.values() if (level := level_of(t)) is not None)
    return Plan(
        table, election_of(table.name, mapping), mapping.columns, levels, mapping.drop_totals, table.notices
    )


def _different_elections(plans: Sequence[Plan]) -> list[Problem]:
    if len({_contest(plan) for plan in plans}) <= 1:
        return []
    first = plans[0]
    hint = "Give the files of one election at a time."
    return [
        Problem(p.table.name, f"is of {p.election.title}; {first.table.name} is of {first.election.title}.", hint)
        for p in plans
        if _contest(p) != _contest(first)
    ]


def _contest(plan: Plan) -> tuple[str, ...]:
    """What an election is told by: its id, or, where nothing but a file's name is known of it, its choices."""
    if plan.election.form.id != MAPPED:
        return (plan.election.id,)
    return tuple(sorted(c.id for c in plan.election.choices))


def _assembled(plans: Sequence[Plan], cells: Sequence[Cells]) -> Returns:
    election = plans[0].election
    levels = max((plan.levels for plan in plans), key=len)
    table, gaps, offset = [], [], 0
    for part in cells:
        table.append(part.table)
        gaps.append(part.gaps.with_columns(pl.col("index") + offset))
        offset += part.table.height
    joined = pl.concat(table, how="diagonal") if len(table) > 1 else table[0]
    joined = joined.with_columns(pl.lit(None, dtype=pl.String).alias(c) for c in levels if c not in joined.columns)
    sources = tuple(Source(p.table.name, p.table.sha256, c.table.height) for p, c in zip(plans, cells, strict=True))
    notices = tuple(n for p, c in zip(plans, cells, strict=True) for n in (*p.notices, *c.notices))
    return build_returns(joined, election, levels=levels, sources=sources, gaps=pl.concat(gaps), notices=notices)
