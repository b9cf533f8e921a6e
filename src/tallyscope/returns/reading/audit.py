"""What is wrong with a whole table though every cell can be read: repeats, totals, formulas, nameless rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import polars as pl

from tallyscope.returns.problems import SHOWN, Problem, capped
from tallyscope.returns.reading.container import bare_name
from tallyscope.returns.reading.near_totals import near_totals
from tallyscope.returns.table import Returns

__all__ = ["audit", "like_formula"]

#: A spreadsheet would run this: "=...", or "+name(", "-name(", "@name(", or "+name|...!".
_FORMULA = r"^\s*(=|[+\-@][^()\s]*\w\(|[+\-@].*\|.*!)"


def like_formula(name: str) -> bool:
    """True if a spreadsheet would take this name for something to run."""
    return re.match(_FORMULA, name) is not None


def audit(returns: Returns, *, drop_totals: bool) -> tuple[Returns, list[Problem]]:
    """The Returns, without rows that are totals if that was asked for, and what is wrong with the table as a whole.

    Problems: stations that appear twice, rows that are sums of others, names that are spreadsheet formulas, rows
    with figures but without a station.
    """
    exact = _exact_totals(returns)
    near = near_totals(returns, exact)
    totals = pl.concat([exact, near]).sort("index")
    if totals.height and drop_totals:
        returns, totals = _without(returns, exact, near), totals.clear()
    problems = [
        *_total_problems(returns, totals),
        *_duplicates(returns, totals),
        *_formulas(returns),
        *_nameless(returns, totals),
    ]
    return returns, problems


def _exact_totals(returns: Returns) -> pl.DataFrame:
    from tallyscope.returns.inference.totals import total_rows

    figures = [c for c in returns.figures if returns.table[c].null_count() < returns.table.height]
    return total_rows(returns.table, figures, returns.levels)


def _without(returns: Returns, exact: pl.DataFrame, near: pl.DataFrame) -> Returns:
    """Leaves the totals out, and says so; of those that are not exact, by how much."""
    left_out = pl.concat([exact["index"], near["index"]]).implode()
    kept = returns.filter(~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(left_out))
    notices = [f"{exact.height + near.height:,} rows that are the sums of other rows were left out."]
    rows = returns.table["row"]
    notices += [f"Row {rows[i]:,} was left out as the sum of {of}." for i, of in near.head(SHOWN).iter_rows()]
    return replace(kept, notices=(*returns.notices, *notices))


def _problem_of(returns: Returns) -> Callable[[int, str, str, str | None], Problem]:
    files, rows = returns.table["file"], returns.table["row"]

    def problem(index: int, text: str, hint: str, column: str | None = None) -> Problem:
        return Problem(returns.sources[files[index]].name, text, hint, row=rows[index], column=column)

    return problem


def _total_problems(returns: Returns, totals: pl.DataFrame) -> list[Problem]:
    make = _problem_of(returns)
    hint = "Delete it, or read with --drop-totals; otherwise everything is counted twice."
    shown = totals.head(SHOWN).iter_rows()
    found = [make(i, f"is not a station but the sum of {of}.", hint, None) for i, of in shown]
    return capped(found, totals.height, "rows that are sums of others")


def _duplicates(returns: Returns, totals: pl.DataFrame) -> list[Problem]:
    key = [*returns.levels, "station"]
    # A table without stations gives its pseudo-stations its own name; what is wrong with those, its reader tells.
    own = [bare_name(source.name) for source in returns.sources]
    named = pl.col("station").is_not_null() & ((pl.col("kind") == "station") | ~pl.col("station").is_in(own))
    stations = returns.table.with_row_index("index").filter(named)
    stations = stations.join(totals.select("index"), on="index", how="anti", maintain_order="left")
    # Hashes first, which take a fraction of the time: if those differ, the stations do.
    if not stations.select(key).hash_rows().is_duplicated().any():
        return []
    first = pl.col("index").first().over(key).alias("first")
    again = stations.with_columns(first).filter(pl.col("index") != pl.col("first"))
    make, names = _problem_of(returns), returns.station_names()
    rows, files = returns.table["row"], returns.table["file"]
    hint = "One protocol stands per station: delete the other row, or correct the station's number."
    found = []
    for i, f in again.select("index", "first").head(SHOWN).iter_rows():
        where = "" if files[i] == files[f] else f" of {returns.sources[files[f]].name}"
        found.append(make(i, f"station {names[i]!r} is also in row {rows[f]:,}{where}.", hint, "station"))
    return capped(found, again.height, "stations that appear again")


def _formulas(returns: Returns) -> list[Problem]:
    make = _problem_of(returns)
    hint = "A spreadsheet would run it as a formula: correct the name."
    problems = []
    for column in [*returns.levels, "station"]:
        names = returns.table[column].unique().drop_nulls()
        bad = names.filter(names.str.contains(_FORMULA)).implode()
        if bad.explode().len():
            hits = returns.table.with_row_index("index").filter(pl.col(column).is_in(bad))
            found = [
                make(i, f"the name {v!r} begins like a formula.", hint, column)
                for i, v in hits.select("index", column).head(SHOWN).iter_rows()
            ]
            problems += capped(found, hits.height, "names like formulas")
    return problems


def _nameless(returns: Returns, totals: pl.DataFrame) -> list[Problem]:
    table = returns.table.with_row_index("index")
    rows = table.filter(pl.col("station").is_null(), pl.col("kind") == "station")
    rows = rows.join(totals.select("index"), on="index", how="anti", maintain_order="left")
    make = _problem_of(returns)
    hint = "Is it a total, or was the number lost?"
    found = [make(i, "has figures but no polling station.", hint, "station") for i in rows["index"].head(SHOWN)]
    return capped(found, rows.height, "rows without a station")
